import { inJurisdiction } from '../../durable-objects/in-jurisdiction.ts'
import type { Jurisdiction } from '../core/key/key-text.ts'
import { CONTINENTS, type Continent, meterParts } from '../core/quota/meter-part.ts'
import { type Budget, budgetName, type Meter, type MeterEndpoint, type MeterRef } from '../core/quota/meter-protocol.ts'
import type { KeySnapshot } from '../core/snapshot.ts'

/** A meter by its name. */
export function connectMeter(
  env: Env,
  name: string,
  { jurisdiction, part }: { jurisdiction: Jurisdiction; part: string | undefined },
): MeterEndpoint {
  const meters = inJurisdiction(env.METER, { JURISDICTION: jurisdiction })
  const locationHint = hintOf(part)
  const near = locationHint && { locationHint }
  return meters.getByName(name, near)
}

/** Where a continent's meter shall live; it is told on every call, since the first one makes the object. */
const HINTS: Record<Continent, DurableObjectLocationHint> = {
  af: 'afr',
  an: 'oc',
  as: 'apac',
  eu: 'weur',
  na: 'enam',
  oc: 'oc',
  sa: 'sam',
}

function hintOf(part: string | undefined): DurableObjectLocationHint | undefined {
  const continent = CONTINENTS.find(one => part?.startsWith(`${one}.`))
  return continent && HINTS[continent]
}

/** The object that owns the limits of a scope. */
export function connectBudget(
  env: Env,
  owner: { tenantId: string; scope: string },
  jurisdiction: Jurisdiction,
): Budget {
  return inJurisdiction(env.BUDGET, { JURISDICTION: jurisdiction }).getByName(budgetName(owner))
}

/** Gives a snapshot to all meters of its key, to the first one first: it may have to hand over what it owns. */
export async function pushToAll(snapshot: KeySnapshot, meterOf: (ref: MeterRef) => Meter): Promise<void> {
  const { tenantId, keyId } = snapshot
  const [first, ...others] = meterParts(snapshot.meters).map(part => meterOf({ tenantId, keyId, part }))
  await first?.putSnapshot(snapshot)
  await Promise.all(others.map(meter => meter.putSnapshot(snapshot)))
}

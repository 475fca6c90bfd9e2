import { meterPart } from '../../core/quota/meter-part.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { draftOf, scopesFor, spreadOf } from '../admit-call.ts'
import { attribute } from '../attribute.ts'
import { authenticate } from '../authenticate.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { refusal } from '../refusal.ts'
import { readResidency } from '../residency.ts'
import type { BatchSize } from './size-batch.ts'

/** A batch takes a day at most; what is not heard of so long after is assumed to have cost all that it could. */
const HOLD_MS = 26 * 3_600_000

/** A hold that is written. `letGo` gives it back and throws what it is given. */
export type HeldBatch = {
  part: string | undefined
  release(): Promise<void>
  letGo(thrown: unknown): Promise<never>
}

type Holding = { call: Call; snapshot: KeySnapshot; ports: GatewayPorts }

function unavailable(): GatewayError {
  return new GatewayError('meter_unavailable', 'The budget of this key cannot be reached right now; nothing was sent.')
}

/** Holds what a batch could cost at most, until it is settled. Throws the refusal of a limit. */
export async function holdBatch(size: BatchSize, { call, snapshot, ports }: Holding): Promise<HeldBatch> {
  const key = authenticate(call.request.headers, ports)
  const attribution = attribute(call.request.headers)
  const residency = readResidency(call.request.headers)
  const asking = { call, key, ask: size.ask, attribution, wish: {}, residency }
  const part = meterPart(snapshot.meters, { continent: call.continent, spread: spreadOf(call.id) })
  const meter = ports.meter(key.ref, part)
  const attempt = { callId: call.id, attempt: 1 }
  const nowMs = ports.nowMs()
  const release = () => meter.release(attempt)
  const letGo = async (thrown: unknown): Promise<never> => {
    await release()
    throw thrown
  }
  const command = {
    ...attempt,
    nowMs,
    deadlineMs: nowMs + HOLD_MS,
    need: size.need,
    bound: size.bound,
    scopes: scopesFor(asking, snapshot, size.route),
    draft: draftOf(asking, snapshot, { route: size.route, ruled: undefined }),
    snapshotVersion: snapshot.version,
  }
  const answer = await meter.admit(command).catch(letGo)
  if (answer.kind === 'refused') {
    const budgetStatus = snapshot.tenantSettings?.budgetExceededStatus
    throw refusal(answer.standing, answer.needed, { nowMs, budgetStatus })
  }
  // The snapshot was the meter's own a moment ago: whoever asks again has the newer one.
  if (answer.kind !== 'admitted') throw unavailable()
  return { part, release, letGo }
}

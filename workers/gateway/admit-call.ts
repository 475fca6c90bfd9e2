import { PRICEBOOK_VERSION } from '../core/pricing/index.ts'
import { meterPart } from '../core/quota/meter-part.ts'
import type { MeterAdmission } from '../core/quota/meter-protocol.ts'
import { scopesOf } from '../core/quota/scope.ts'
import { DEFAULT_HANDLING, type KeySnapshot } from '../core/snapshot.ts'
import type { Attribution, EventDraft } from '../core/usage.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Ask } from './ask.ts'
import { assertUsable, type PresentedKey } from './authenticate.ts'
import type { AdmittedCall, Call } from './call.ts'
import { chooseRoute, type Route } from './choose-route.ts'
import { type Adjustment, adjust, adjustmentHeaders, UNADJUSTED } from './on-exceed.ts'
import type { GatewayPorts } from './ports.ts'
import { refusal } from './refusal.ts'
import { sizeHold } from './size-hold.ts'
import { translationOf } from './translate.ts'

/** What is known of a request before its key's snapshot is. */
export type Asking = { call: Call; key: PresentedKey; ask: Ask; attribution: Attribution }

/** A snapshot can change between any two looks at it, and limits can ask for changes; more than this is no race but a bug. */
const MAX_LOOKS = 20

function scopesFor({ attribution }: Asking, snapshot: KeySnapshot, route: Route): string[] {
  const { entity_type: type, entity_id: id } = attribution
  return scopesOf({
    keyId: snapshot.keyId,
    teamId: snapshot.teamId,
    customerId: snapshot.customerId,
    tenantId: snapshot.tenantId,
    provider: route.provider.name,
    model: route.model,
    feature: attribution.feature,
    agent: attribution.agent_name,
    user: attribution.user_id,
    entity: type !== null && id !== null ? { type, id } : null,
    tags: attribution.tags,
  })
}

// The last bits of a UUIDv7 are random.
function spreadOf(callId: string): number {
  return Number.parseInt(callId.slice(-6), 16)
}

function draftOf(asking: Asking, snapshot: KeySnapshot, route: Route): EventDraft {
  return {
    ...asking.attribution,
    tenant_id: snapshot.tenantId,
    virtual_key_id: snapshot.keyId,
    request_id: asking.call.requestId,
    provider: route.provider.name,
    model: route.model,
    requested_model: asking.ask.model,
    priced_model: `${route.priced.pricedBy}/${route.priced.model}`,
    pricebook_version: PRICEBOOK_VERSION,
    is_stream: asking.ask.isStream,
  }
}

// Decides by one snapshot; every refusal thrown here is only as good as the snapshot is fresh.
function plan(
  asking: Asking,
  { snapshot, adjustment }: Look,
  ports: GatewayPorts,
): Omit<AdmittedCall, 'standings'> & { snapshot: KeySnapshot } {
  const { call, key, ask } = asking
  assertUsable(snapshot, key, call.startMs)
  const requested = adjustment.model ?? ask.model
  const route = chooseRoute({
    requested,
    format: ask.format,
    snapshot,
    providers: ports.providersFor(snapshot),
    nowMs: call.startMs,
    random: ports.random,
  })
  const handling = snapshot.handling ?? DEFAULT_HANDLING
  return {
    call,
    attempt: { callId: call.id, attempt: 1 },
    ask,
    route,
    translation: translationOf(ask, route, call),
    handling,
    hold: sizeHold(ask, route, { handling, maxOutputTokens: adjustment.maxOutputTokens }),
    adjustment,
    meter: ports.meter(key.ref, meterPart(snapshot.meters, { continent: call.continent, spread: spreadOf(call.id) })),
    key: key.ref,
    scopes: scopesFor(asking, snapshot, route),
    draft: draftOf(asking, snapshot, route),
    snapshot,
  }
}

type Plan = ReturnType<typeof plan>

function askMeter(planned: Plan, ports: GatewayPorts): Promise<MeterAdmission> {
  const { attempt, hold, scopes, draft, snapshot } = planned
  const { need, bound } = hold
  const nowMs = ports.nowMs()
  const deadlineMs = nowMs + ports.settings.holdMs
  const snapshotVersion = snapshot.version
  return planned.meter.admit({ ...attempt, nowMs, deadlineMs, need, bound, scopes, draft, snapshotVersion })
}

// A hold that was written while its answer was lost would be charged as an orphan, so it is taken back.
async function admitOrRelease(planned: Plan, ports: GatewayPorts): Promise<MeterAdmission> {
  try {
    return await askMeter(planned, ports)
  } catch (cause) {
    ports.after(planned.meter.release(planned.attempt))
    throw new GatewayError(
      'meter_unavailable',
      'The budget of this key cannot be reached right now; nothing was sent.',
      { cause },
    )
  }
}

async function freshSnapshot(key: PresentedKey, ports: GatewayPorts): Promise<KeySnapshot | null> {
  const snapshot = await ports.meter(key.ref).snapshot()
  if (snapshot) ports.snapshots.put(key.ref, snapshot)
  return snapshot
}

// `limited`: what to throw if the request cannot be changed as a limit wants it.
type Look = { snapshot: KeySnapshot | null; isFresh: boolean; adjustment: Adjustment; limited?: GatewayError }

async function look(key: PresentedKey, ports: GatewayPorts): Promise<Look> {
  return { snapshot: await freshSnapshot(key, ports), isFresh: true, adjustment: UNADJUSTED }
}

function livesElsewhere(snapshot: KeySnapshot | null, ports: GatewayPorts): boolean {
  return !ports.isCallHost && snapshot?.handling?.settlement === 'durable'
}

// A refusal by a snapshot from memory may be out of date, so it is checked once against the meter's own.
function planBy(seen: Look, asking: Asking, ports: GatewayPorts): Plan | 'look again' | 'elsewhere' {
  if (livesElsewhere(seen.snapshot, ports)) return 'elsewhere'
  try {
    return plan(asking, seen, ports)
  } catch (refused) {
    if (seen.limited) throw seen.limited
    if (seen.isFresh) throw refused
    return 'look again'
  }
}

// Held nothing so far, so the same attempt may ask again for less. The meter has just confirmed the snapshot.
function lookAdjusted(planned: Plan, answer: Extract<MeterAdmission, { kind: 'refused' }>, ports: GatewayPorts): Look {
  const headers = adjustmentHeaders(planned.adjustment)
  const budgetStatus = planned.snapshot.tenantSettings?.budgetExceededStatus
  const limited = refusal(answer.standing, answer.needed, { nowMs: ports.nowMs(), headers, budgetStatus })
  const adjustment = adjust({ ...planned, answer })
  if (!adjustment) throw limited
  return { snapshot: planned.snapshot, isFresh: true, adjustment, limited }
}

function conclude(planned: Plan, answer: MeterAdmission, ports: GatewayPorts): AdmittedCall | Look {
  switch (answer.kind) {
    case 'admitted':
      return { ...planned, standings: answer.standings }
    case 'refused':
      return lookAdjusted(planned, answer, ports)
    case 'unavailable':
      throw new GatewayError(
        'meter_unavailable',
        'A limit above this key cannot be reached right now; nothing was sent.',
      )
    case 'settled':
      throw new GatewayError('internal', 'This attempt was settled before it was sent.')
    case 'stale':
      if (answer.snapshot) ports.snapshots.put(planned.key, answer.snapshot)
      return { snapshot: answer.snapshot, isFresh: true, adjustment: UNADJUSTED }
  }
}

/**
 * Holds what the request could cost at most, durably, on every limit it falls under, or throws the refusal. One object
 * call where this isolate knows the key's current snapshot, two where it does not. `elsewhere`: the key wants its calls to
 * be hosted by an object, which this is not; nothing is held.
 */
export async function admitCall(asking: Asking, ports: GatewayPorts): Promise<AdmittedCall | 'elsewhere'> {
  const cached = ports.snapshots.get(asking.key.ref)
  let seen: Look = cached ? { snapshot: cached, isFresh: false, adjustment: UNADJUSTED } : await look(asking.key, ports)
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const planned = planBy(seen, asking, ports)
    if (planned === 'elsewhere') return planned
    if (planned === 'look again') {
      seen = await look(asking.key, ports)
      continue
    }
    const result = conclude(planned, await admitOrRelease(planned, ports), ports)
    if ('standings' in result) return result
    seen = result
  }
  throw new GatewayError('meter_unavailable', 'The configuration of this key keeps changing; try again.')
}

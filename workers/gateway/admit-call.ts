import type { PresentedKey } from '../core/key/remembered-keys.ts'
import { PRICEBOOK_VERSION } from '../core/pricing/index.ts'
import { joinedIn } from '../core/quota/joined-scope.ts'
import { meterPart } from '../core/quota/meter-part.ts'
import type { MeterAdmission } from '../core/quota/meter-protocol.ts'
import { scopesOf } from '../core/quota/scope.ts'
import { DEFAULT_HANDLING, type KeyHandling, type KeySnapshot } from '../core/snapshot.ts'
import type { Attribution, EventDraft } from '../core/usage.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { Ask } from './ask.ts'
import { reliabilityOf, type Wish } from './attempts/wish.ts'
import { assertHeaders, assertUsable } from './authenticate.ts'
import type { AdmittedCall, Call } from './call.ts'
import { extraFieldsOf } from './extra-fields.ts'
import { fitAsk } from './fit-ask.ts'
import { keptReference } from './kept-reference.ts'
import { checkTools } from './mcp/check-tools.ts'
import { type Adjustment, adjust, adjustmentHeaders, UNADJUSTED } from './on-exceed.ts'
import type { GatewayPorts } from './ports.ts'
import { refusal } from './refusal.ts'
import type { Area } from './residency.ts'
import { applyRules, type Ruled, ruledEvent } from './routing/apply-rules.ts'
import { chooseRoutes, type RouteChoice } from './routing/choose-routes.ts'
import { namedKeyIn } from './routing/named-key.ts'
import type { Route } from './routing/route-to.ts'
import { type HoldSize, sizeHold } from './size-hold.ts'
import { translationOf } from './translate.ts'

/** What is known of a request before its key's snapshot is. */
export type Asking = {
  call: Call
  key: PresentedKey
  ask: Ask
  attribution: Attribution
  wish: Wish
  residency: Area | undefined
}

/**
 * Which attempt is to be admitted. A later one names where it may go, best first, the keys that it rather does without, and
 * the models that limits have taken it from before.
 */
export type AttemptStep = { attempt: number; targets: string[]; avoid: string[]; downgradedFrom: string[] }

const FIRST_ATTEMPT: AttemptStep = { attempt: 1, targets: [], avoid: [], downgradedFrom: [] }

/** What all looks at one attempt have in common. */
type Admission = { asking: Asking; step: AttemptStep; ports: GatewayPorts }

/** A snapshot can change between any two looks at it, and limits can ask for changes; more than this is no race but a bug. */
const MAX_LOOKS = 20

/** The scopes whose limits a request falls under. */
export function scopesFor({ attribution }: Asking, snapshot: KeySnapshot, route: Route): string[] {
  const { entity_type: type, entity_id: id } = attribution
  const scopes = scopesOf({
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
  return [...scopes, ...joinedIn(snapshot.limits, scopes)]
}

/** A number that spreads calls over a key's meters: the last bits of a UUIDv7 are random. */
export function spreadOf(callId: string): number {
  return Number.parseInt(callId.slice(-6), 16)
}

/** Where an attempt goes, and what rules have made of its request. */
type Sent = { route: Route; ruled: Ruled | undefined }

/** What is known of an event before its call is sent. */
export function draftOf(asking: Asking, snapshot: KeySnapshot, { route, ruled }: Sent): EventDraft {
  return {
    ...asking.attribution,
    tenant_id: snapshot.tenantId,
    virtual_key_id: snapshot.keyId,
    request_id: asking.call.requestId,
    provider: route.provider.name,
    model: route.model,
    requested_model: asking.ask.model,
    priced_model: `${route.priced.pricedBy}/${route.priced.model}`,
    pricebook_version: route.priced.version ?? PRICEBOOK_VERSION,
    is_stream: asking.ask.isStream,
    ...ruledEvent(ruled),
  }
}

// What the first attempt may be sent to: what the request names, or what rules have made of it, or a limit. A later one knows.
function choiceBy(snapshot: KeySnapshot, adjustment: Adjustment, { asking, step, ports }: Admission): RouteChoice {
  const { call, ask, wish } = asking
  const ruled = adjustment.model === undefined ? applyRules(asking, snapshot, ports) : undefined
  const reliability = { ...reliabilityOf(snapshot, wish), ...(ruled?.fallbacks && { fallbacks: ruled.fallbacks }) }
  const handling = snapshot.handling ?? DEFAULT_HANDLING
  const [target, ...others] = adjustment.model === undefined ? step.targets : []
  return {
    requested: target ?? adjustment.model ?? ruled?.requested ?? ask.model,
    pin: ruled?.pin,
    named: namedKeyIn(call.request.headers),
    format: ask.format,
    snapshot,
    providers: ports.providersFor(snapshot),
    nowMs: call.startMs,
    residency: { wanted: asking.residency, jurisdiction: ports.settings.jurisdiction },
    reference: ports.settings.sharesReferences ? undefined : keptReference(ask.raw),
    random: ports.random,
    avoid: step.avoid,
    reliability: target === undefined ? reliability : { ...reliability, fallbacks: others },
    conditionOf: ({ provider }) => ports.watch(snapshot.tenantId, provider).condition(ports.nowMs()),
    costOf: route => costAt(ask, route, handling),
    serviceTier: ask.serviceTier,
    units: ask.fixed?.units ?? ask.units,
  }
}

// What cannot be asked there comes last.
function costAt(asked: Ask, at: Route, handling: KeyHandling): number {
  try {
    const { ask, route } = fitAsk(asked, at)
    return sizeHold(ask, route, { handling }).need.nano_usd
  } catch {
    return Number.POSITIVE_INFINITY
  }
}

/** What is decided of one route: all that is needed to hold it and to send it. */
type Plan = Omit<AdmittedCall, 'standings'> & { snapshot: KeySnapshot }

type Decided = { snapshot: KeySnapshot; adjustment: Adjustment; route: Route; rest: Route[] }

function planFor({ snapshot, adjustment, route: chosen, rest }: Decided, { asking, step, ports }: Admission): Plan {
  const { call, key, wish } = asking
  const { ask, route } = fitAsk(asking.ask, chosen)
  const handling = snapshot.handling ?? DEFAULT_HANDLING
  const translation = translationOf(ask, route, call)
  const ruled = applyRules(asking, snapshot, ports)
  return {
    call,
    attempt: { callId: call.id, attempt: step.attempt },
    ask,
    route,
    rest,
    reliability: reliabilityOf(snapshot, wish),
    ruled,
    translation,
    handling,
    hold: sizeHold(ask, route, { handling, maxOutputTokens: adjustment.maxOutputTokens, sent: translation }),
    adjustment,
    meter: ports.meter(key.ref, meterPart(snapshot.meters, { continent: call.continent, spread: spreadOf(call.id) })),
    key: key.ref,
    scopes: scopesFor(asking, snapshot, route),
    draft: draftOf(asking, snapshot, { route, ruled }),
    snapshot,
  }
}

/** A request of a key that is only asked about. */
export type Supposed = { asking: Asking; snapshot: KeySnapshot; ports: GatewayPorts }

function supposed({ asking, ports }: Supposed): Admission {
  return { asking, step: FIRST_ATTEMPT, ports }
}

/** What the first attempt at a request would be chosen from. */
export function routeChoice(of: Supposed): RouteChoice {
  return choiceBy(of.snapshot, UNADJUSTED, supposed(of))
}

/** What it would hold on a route. Throws what it could not be sent there for. */
export function holdAt(route: Route, of: Supposed): HoldSize {
  return planFor({ snapshot: of.snapshot, adjustment: UNADJUSTED, route, rest: [] }, supposed(of)).hold
}

// Decides by one snapshot; every refusal thrown here is only as good as the snapshot is fresh. A route that cannot be planned
// gives its turn to the next.
function plan(seen: Look, admission: Admission): Plan {
  const { snapshot, adjustment, limited } = seen
  const { key, call, ask } = admission.asking
  assertUsable(snapshot, key, call.startMs)
  assertHeaders(snapshot, call.request.headers)
  checkTools(snapshot, ask, call.request.headers)
  const routes = seen.routes ?? chooseRoutes(choiceBy(snapshot, adjustment, admission))
  let refused: unknown = limited
  for (const [index, route] of routes.entries()) {
    try {
      return planFor({ snapshot, adjustment, route, rest: routes.slice(index + 1) }, admission)
    } catch (thrown) {
      refused ??= thrown
    }
  }
  throw refused
}

function askMeter(planned: Plan, ports: GatewayPorts): Promise<MeterAdmission> {
  const { attempt, hold, scopes, draft, snapshot } = planned
  const { need, bound } = hold
  const nowMs = ports.nowMs()
  const deadlineMs = nowMs + ports.settings.holdMs
  const snapshotVersion = snapshot.version
  // Rules ask how any limit stands; else it is to be told to the caller, who hears of the tightest.
  const tells = planned.ruled ? 'all' : 'tightest'
  return planned.meter.admit({ ...attempt, nowMs, deadlineMs, need, bound, scopes, draft, snapshotVersion, tells })
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

/**
 * `routes`: where it may go, where that was found already. `limited`: what to throw if the request cannot be changed as a limit
 * wants it. `firstLimited`: what the first choice was refused for, where this is another.
 */
type Look = {
  snapshot: KeySnapshot | null
  isFresh: boolean
  adjustment: Adjustment
  routes?: Route[]
  limited?: GatewayError
  firstLimited?: GatewayError
}

// As the request came, but for what limits have made of it in attempts before.
function startOf({ step }: Admission): Adjustment {
  return { ...UNADJUSTED, downgradedFrom: step.downgradedFrom }
}

async function look(admission: Admission): Promise<Look> {
  const { asking, ports } = admission
  return { snapshot: await freshSnapshot(asking.key, ports), isFresh: true, adjustment: startOf(admission) }
}

function livesElsewhere(snapshot: KeySnapshot | null, ports: GatewayPorts): boolean {
  return !ports.isCallHost && snapshot?.handling?.settlement === 'durable'
}

// A refusal by a snapshot from memory may be out of date, so it is checked once against the meter's own.
function planBy(seen: Look, admission: Admission): Plan | 'look again' | 'elsewhere' {
  if (livesElsewhere(seen.snapshot, admission.ports)) return 'elsewhere'
  try {
    return plan(seen, admission)
  } catch (refused) {
    if (seen.limited) throw seen.limited
    if (seen.isFresh) throw refused
    return 'look again'
  }
}

type Refused = Extract<MeterAdmission, { kind: 'refused' }>

// Held nothing so far, so the same attempt may ask again: for less, as the limit wants it, or for what is to be had elsewhere. The
// meter has just confirmed the snapshot.
function lookAdjusted(planned: Plan, answer: Refused, { seen, admission }: { seen: Look; admission: Admission }): Look {
  const headers = adjustmentHeaders(planned.adjustment)
  const budgetStatus = planned.snapshot.tenantSettings?.budgetExceededStatus
  const limited = refusal(answer.standing, answer.needed, {
    nowMs: admission.ports.nowMs(),
    headers,
    budgetStatus,
    isRate: answer.isRate,
    extraFields: extraFieldsOf(planned),
  })
  const { snapshot, rest, route } = planned
  const adjustment = adjust({ ...planned, answer })
  const { firstLimited = adjustment ? undefined : limited } = seen
  const next = { snapshot, isFresh: true, ...(firstLimited && { firstLimited }) }
  if (!adjustment && rest.length === 0) throw firstLimited
  if (!adjustment) return { ...next, adjustment: startOf(admission), routes: rest, limited: firstLimited ?? limited }
  const isSameModel = adjustment.model === planned.adjustment.model
  return { ...next, adjustment, limited: firstLimited ?? limited, ...(isSameModel && { routes: [route, ...rest] }) }
}

type Answered = { planned: Plan; answer: MeterAdmission; seen: Look }

function conclude({ planned, answer, seen }: Answered, admission: Admission): AdmittedCall | Look {
  switch (answer.kind) {
    case 'admitted':
      if (planned.ruled) admission.ports.standings.put(planned.key, answer.standings, admission.ports.nowMs())
      return { ...planned, standings: answer.standings }
    case 'refused':
      return lookAdjusted(planned, answer, { seen, admission })
    case 'unavailable':
      throw new GatewayError(
        'meter_unavailable',
        'A limit above this key cannot be reached right now; nothing was sent.',
      )
    case 'settled':
      throw new GatewayError('internal', 'This attempt was settled before it was sent.')
    case 'stale':
      if (answer.snapshot) admission.ports.snapshots.put(planned.key, answer.snapshot)
      return { snapshot: answer.snapshot, isFresh: true, adjustment: startOf(admission) }
  }
}

/**
 * Holds what the request could cost at most, durably, on every limit it falls under, or throws the refusal. One object
 * call where this isolate knows the key's current snapshot, two where it does not, and one more for each other place to go that
 * a limit made necessary. `elsewhere`: the key wants its calls to be hosted by an object, which this is not; nothing is held.
 */
export async function admitCall(
  asking: Asking,
  ports: GatewayPorts,
  step: AttemptStep = FIRST_ATTEMPT,
): Promise<AdmittedCall | 'elsewhere'> {
  const admission = { asking, step, ports }
  const cached = ports.snapshots.get(asking.key.ref)
  let seen: Look = cached ? { snapshot: cached, isFresh: false, adjustment: startOf(admission) } : await look(admission)
  for (let looks = 0; looks < MAX_LOOKS; looks++) {
    const planned = planBy(seen, admission)
    if (planned === 'elsewhere') return planned
    if (planned === 'look again') {
      seen = await look(admission)
      continue
    }
    const answer = await admitOrRelease(planned, ports)
    const result = conclude({ planned, answer, seen }, admission)
    if ('standings' in result) return result
    seen = result
  }
  throw new GatewayError('meter_unavailable', 'The configuration of this key keeps changing; try again.')
}

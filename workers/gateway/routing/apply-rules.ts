import type { PresentedKey } from '../../core/key/remembered-keys.ts'
import { complexityOf, TIER_VARIABLE } from '../../core/rules/complexity.ts'
import { decide, type Ruling } from '../../core/rules/decide.ts'
import { DEFAULT_COMPLEXITY } from '../../core/rules/default-complexity.ts'
import { seededRandom } from '../../core/rules/draw-target.ts'
import type { KeyRouting } from '../../core/rules/routing-rule.ts'
import { boundedMap, type RuleFacts, type RuleModel } from '../../core/rules/rule-facts.ts'
import { usedPercent } from '../../core/rules/used-percent.ts'
import type { KeySnapshot } from '../../core/snapshot.ts'
import type { EventDraft } from '../../core/usage.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { isChatFormat } from '../../formats/format-name.ts'
import type { Ask } from '../ask.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import type { Providers } from './find-targets.ts'
import { requestTypeOf } from './request-type.ts'
import type { Pin } from './route-to.ts'
import { userText } from './user-text.ts'

/** The request that rules are asked about. */
export type RuledRequest = { call: Call; key: Pick<PresentedKey, 'ref'>; ask: Pick<Ask, 'format' | 'model' | 'raw'> }

/** What rules have made of a request. `requested`: absent where none matched. */
export type Ruled = { ruling: Ruling; requested?: string; fallbacks?: string[]; pin?: Pin }

/** What the rule's author has no business with: who can read a key can spend by it. */
const CREDENTIALS = new Set([
  ...['authorization', 'proxy-authorization', 'cookie', 'x-bf-vk', 'x-api-key', 'x-goog-api-key', 'api-key'],
  'key',
])

function shown(entries: Iterable<[string, string]>): ReadonlyMap<string, string> {
  return boundedMap([...entries].filter(([name]) => !CREDENTIALS.has(name.toLowerCase())))
}

function askedModel(requested: string, providers: Providers): RuleModel {
  const slash = requested.indexOf('/')
  const provider = requested.slice(0, Math.max(0, slash)).toLowerCase()
  return providers.has(provider) ? { provider, model: requested.slice(slash + 1) } : { provider: '', model: requested }
}

type Basis = { snapshot: KeySnapshot; routing: KeyRouting; ports: GatewayPorts }

// Looked at only where a rule asks.
function tierOf({ ask }: RuledRequest, { rules, complexity = DEFAULT_COMPLEXITY }: KeyRouting) {
  const isAsked = isChatFormat(ask.format) && rules.some(({ expression }) => expression.includes(TIER_VARIABLE))
  return isAsked ? complexityOf(userText(ask.raw), complexity) : undefined
}

function factsOf(request: RuledRequest, { snapshot, routing, ports }: Basis): RuleFacts {
  const { call, key, ask } = request
  const { keyId, teamId, customerId } = snapshot
  const standings = ports.standings.get(key.ref)
  return {
    requestType: requestTypeOf(ask.format),
    virtualKey: { id: keyId, name: snapshot.name },
    team: { id: teamId ?? '', name: routing.teamName },
    customer: { id: customerId ?? '', name: routing.customerName },
    headers: shown(call.request.headers),
    params: shown(new URL(call.request.url).searchParams),
    complexityTier: tierOf(request, routing),
    usedAt: at => usedPercent(standings, { keyId, at, nowMs: call.startMs }),
  }
}

// The last bits of a UUIDv7 are random, so that weights hold over calls, and a call is drawn alike however often it is looked at.
function seedOf(callId: string): number {
  return Number.parseInt(callId.slice(-8), 16)
}

function logSkipped({ call }: RuledRequest, { trace }: Ruling, ports: GatewayPorts): void {
  const rules = trace.flatMap(({ rule, verdict }) =>
    verdict.kind === 'skipped' ? [{ id: rule.id, why: verdict.why }] : [],
  )
  if (rules.length === 0) return
  ports.log({ event: 'rules_skipped', request_id: call.requestId, call_id: call.id, rules: rules.slice(0, 10) })
}

function rule(request: RuledRequest, by: Basis): Ruled {
  const { routing, ports, snapshot } = by
  const asked = askedModel(request.ask.model, ports.providersFor(snapshot))
  const random = seededRandom(seedOf(request.call.id))
  const ruling = decide(routing.rules, { asked, facts: factsOf(request, by), random })
  logSkipped(request, ruling, ports)
  if (!ruling.decision) return { ruling }
  const { provider, model, keyId, fallbacks } = ruling.decision
  return {
    ruling,
    requested: provider ? `${provider}/${model}` : model,
    ...(fallbacks.length > 0 && { fallbacks }),
    ...(keyId !== null && { pin: { provider, model, keyId } }),
  }
}

// Of a request, for as long as it lives: its later attempts are ruled as its first was.
const known = new WeakMap<RuledRequest, { version: number; ruled: Ruled }>()

/**
 * What the rules of a key make of a request, once for all its attempts; `undefined` where it has none. Asked again only where the
 * key was changed meanwhile.
 */
export function applyRules(request: RuledRequest, snapshot: KeySnapshot, ports: GatewayPorts): Ruled | undefined {
  const { routing, version } = snapshot
  if (!routing) return undefined
  const before = known.get(request)
  if (before?.version === version) return before.ruled
  const ruled = rule(request, { snapshot, routing, ports })
  known.set(request, { version, ruled })
  return ruled
}

/** How many rules that could not be evaluated an event names at most. */
const MAX_SKIPPED = 50

/** What the event of an attempt says of the rules. */
export function ruledEvent(ruled: Ruled | undefined): Pick<EventDraft, 'rule_id' | 'rules_skipped'> {
  const trace = ruled?.ruling.trace ?? []
  const skipped = new Set(trace.filter(({ verdict }) => verdict.kind === 'skipped').map(({ rule }) => rule.id))
  const id = ruled?.ruling.decision?.matched.id
  return {
    ...(id !== undefined && { rule_id: id }),
    ...(skipped.size > 0 && { rules_skipped: [...skipped].slice(0, MAX_SKIPPED) }),
  }
}

/** Rethrows a refusal with what `ruleHeaders` says: the caller is to see that it was refused where a rule had sent it. */
export function namingRule(request: RuledRequest): (thrown: unknown) => never {
  return thrown => {
    const told = ruleHeaders(known.get(request)?.ruled)
    if (!(thrown instanceof GatewayError) || Object.keys(told).length === 0) throw thrown
    const { code, detail, extras } = thrown
    throw new GatewayError(code, detail, { ...extras, headers: { ...extras.headers, ...told } })
  }
}

/** What an answer says of the rules: which decided, and how many could not be evaluated. A name is percent-encoded where it has to be. */
export function ruleHeaders(ruled: Ruled | undefined): Record<string, string> {
  const name = ruled?.ruling.decision?.matched.name
  const skipped = ruled?.ruling.trace.filter(({ verdict }) => verdict.kind === 'skipped').length ?? 0
  return {
    ...(name !== undefined && { 'x-weir-rule': name.replaceAll(/[^\x20-\x7e]|%/gu, encodeURIComponent) }),
    ...(skipped > 0 && { 'x-weir-rules-skipped': String(skipped) }),
  }
}

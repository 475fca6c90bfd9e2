import { formatUsd } from '../core/money/nano-usd.ts'
import type { Standing } from '../core/quota/admit.ts'
import type { Unit } from '../core/quota/limit.ts'
import type { AdmittedCall } from './call.ts'
import { adjustmentHeaders } from './on-exceed.ts'
import { ruleHeaders } from './routing/apply-rules.ts'

/** What does not pass from the provider to the client: the connection's own, its account's, and what we set ourselves. */
const KEPT_BACK = new Set([
  'connection',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
  'te',
  'trailer',
  'proxy-authenticate',
  'proxy-connection',
  'content-length',
  'content-encoding',
  'set-cookie',
  'alt-svc',
  'openai-organization',
  'openai-project',
  'location',
])

function tightest(standings: Standing[], unit: Unit): Standing | undefined {
  let found: Standing | undefined
  for (const standing of standings) {
    if (standing.unit !== unit || standing.isLeased) continue
    if (!found || standing.remaining < found.remaining) found = standing
  }
  return found
}

type Told = Record<string, string>

function rateLimit(name: 'requests' | 'tokens', standing: Standing | undefined): Told {
  if (!standing) return {}
  return {
    [`x-ratelimit-limit-${name}`]: String(standing.max),
    [`x-ratelimit-remaining-${name}`]: String(standing.remaining),
    [`x-ratelimit-reset-${name}`]: new Date(standing.resetsAtMs).toISOString(),
  }
}

function budget(standing: Standing | undefined, unusedNano: number): Told {
  if (!standing) return {}
  return {
    'x-weir-budget-remaining-usd': formatUsd(Math.min(standing.max, standing.remaining + unusedNano)),
    'x-weir-budget-resets-at': new Date(standing.resetsAtMs).toISOString(),
  }
}

function passed(upstream: Headers): Told {
  const told: Told = {}
  for (const [name, value] of upstream) if (!KEPT_BACK.has(name)) told[name] = value
  const { 'x-request-id': upstreamId } = told
  return upstreamId ? { ...told, 'x-upstream-request-id': upstreamId } : told
}

/**
 * The provider's headers with Weir's: what answered, what it cost (where that is known before the first byte; a stream
 * says what it holds instead), and what is left of the tightest budget, request limit and token limit.
 */
export function answerHeaders(upstream: Headers, admitted: AdmittedCall, costNano: number | undefined): Told {
  const { call, route, standings, hold, attempt } = admitted
  const heldNano = hold.need.nano_usd
  return {
    ...passed(upstream),
    'x-request-id': call.requestId,
    'x-weir-provider': route.provider.name,
    'x-weir-model': route.model,
    ...(attempt.attempt > 1 && { 'x-weir-attempts': String(attempt.attempt) }),
    ...adjustmentHeaders(admitted.adjustment),
    ...ruleHeaders(admitted.ruled),
    [costNano === undefined ? 'x-weir-held-usd' : 'x-weir-cost-usd']: formatUsd(costNano ?? heldNano),
    ...budget(tightest(standings, 'nano_usd'), costNano === undefined ? 0 : heldNano - costNano),
    ...rateLimit('requests', tightest(standings, 'requests')),
    ...rateLimit('tokens', tightest(standings, 'tokens')),
  }
}

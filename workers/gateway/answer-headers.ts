import { formatUsd } from '../core/money/nano-usd.ts'
import type { Standing } from '../core/quota/admit.ts'
import type { Unit } from '../core/quota/limit.ts'
import type { AdmittedCall } from './call.ts'
import { adjustmentHeaders } from './on-exceed.ts'
import { ruleHeaders } from './routing/apply-rules.ts'

/** What does not pass from the provider to the client: the connection's own, its account's, and what we set ourselves. */
const KEPT_BACK = [
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
]

function tightest(standings: Standing[], unit: Unit): Standing | undefined {
  const ofUnit = standings.filter(standing => standing.unit === unit && !standing.isLeased)
  return ofUnit.sort((a, b) => a.remaining - b.remaining)[0]
}

function rateLimit(headers: Headers, name: 'requests' | 'tokens', standing: Standing | undefined): void {
  if (!standing) return
  headers.set(`x-ratelimit-limit-${name}`, String(standing.max))
  headers.set(`x-ratelimit-remaining-${name}`, String(standing.remaining))
  headers.set(`x-ratelimit-reset-${name}`, new Date(standing.resetsAtMs).toISOString())
}

function budget(headers: Headers, standing: Standing | undefined, unusedNano: number): void {
  if (!standing) return
  headers.set('x-weir-budget-remaining-usd', formatUsd(Math.min(standing.max, standing.remaining + unusedNano)))
  headers.set('x-weir-budget-resets-at', new Date(standing.resetsAtMs).toISOString())
}

/**
 * The provider's headers with Weir's: what answered, what it cost (where that is known before the first byte; a stream
 * says what it holds instead), and what is left of the tightest budget, request limit and token limit.
 */
export function answerHeaders(upstream: Headers, admitted: AdmittedCall, costNano: number | undefined): Headers {
  const headers = new Headers(upstream)
  const upstreamId = headers.get('x-request-id')
  for (const name of KEPT_BACK) headers.delete(name)
  if (upstreamId) headers.set('x-upstream-request-id', upstreamId)
  headers.set('x-request-id', admitted.call.requestId)
  headers.set('x-weir-provider', admitted.route.provider.name)
  headers.set('x-weir-model', admitted.route.model)
  const { attempt } = admitted.attempt
  if (attempt > 1) headers.set('x-weir-attempts', String(attempt))
  const told = { ...adjustmentHeaders(admitted.adjustment), ...ruleHeaders(admitted.ruled) }
  for (const [name, value] of Object.entries(told)) headers.set(name, value)
  const heldNano = admitted.hold.need.nano_usd
  if (costNano === undefined) headers.set('x-weir-held-usd', formatUsd(heldNano))
  else headers.set('x-weir-cost-usd', formatUsd(costNano))
  budget(headers, tightest(admitted.standings, 'nano_usd'), costNano === undefined ? 0 : heldNano - costNano)
  rateLimit(headers, 'requests', tightest(admitted.standings, 'requests'))
  rateLimit(headers, 'tokens', tightest(admitted.standings, 'tokens'))
  return headers
}

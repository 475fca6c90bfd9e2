import { formatUsd } from '../core/money/nano-usd.ts'
import type { Standing } from '../core/quota/admit.ts'
import type { Unit } from '../core/quota/limit.ts'
import type { ErrorCode } from '../errors/catalogue.ts'
import { GatewayError } from '../errors/gateway-error.ts'

/** Longer than this a client that sleeps is a client that hangs; the SDKs agree. */
const WORTH_WAITING_MS = 60_000

const CODE: Record<Unit, ErrorCode> = {
  nano_usd: 'budget_exceeded',
  tokens: 'token_limited',
  requests: 'request_limited',
  in_flight: 'request_limited',
}

const NAME: Record<Unit, string> = {
  nano_usd: 'Budget',
  tokens: 'Token limit',
  requests: 'Request limit',
  in_flight: 'Concurrency limit',
}

function amount(unit: Unit, value: number): string {
  return unit === 'nano_usd' ? `$${formatUsd(value)}` : `${value} ${unit === 'tokens' ? 'tokens' : 'requests'}`
}

// What a request could need is mostly the longest answer it allows.
function remedy({ unit, remaining }: Standing): string {
  const isSized = unit === 'nano_usd' || unit === 'tokens'
  return isSized && remaining > 0 ? ' A lower max_tokens needs less.' : ''
}

function sentence(standing: Standing, needed: number): string {
  const { unit, scope, duration } = standing
  const show = (value: number) => amount(unit, value)
  const resets =
    unit === 'in_flight' ? 'frees as requests end' : `resets at ${new Date(standing.resetsAtMs).toISOString()}`
  const window = unit === 'in_flight' ? '' : ` per ${duration}`
  return `${NAME[unit]} exceeded: ${scope} may use ${show(standing.max)}${window}; ${show(standing.settled)} spent, ${show(standing.held)} held by requests in flight, ${show(standing.remaining)} left; this request could need ${show(needed)}; ${resets}.${remedy(standing)}`
}

/** When a request was refused, what else its answer says in headers, and with which status a spent budget is told. */
export type RefusedAt = {
  nowMs: number
  headers?: Record<string, string>
  budgetStatus?: number | undefined
  /** The tokens and the requests of the scope are both used up. */
  isRate?: boolean | undefined
  extraFields?: Record<string, string>
}

/** The refusal of a limit: names it, what was spent and held, what the request needed, and when it resets. */
export function refusal(standing: Standing, needed: number, at: RefusedAt): GatewayError {
  const { nowMs, headers = {}, budgetStatus, isRate, extraFields = {} } = at
  const isTransient = standing.unit === 'in_flight' || standing.held > 0
  const untilResetMs = standing.resetsAtMs - nowMs
  const retryAfterMs = standing.unit === 'in_flight' ? 1000 : untilResetMs
  const detail = sentence(standing, needed)
  return new GatewayError(isRate ? 'token_and_request_limited' : CODE[standing.unit], detail, {
    retryAfterMs,
    headers,
    extraFields,
    ...(standing.unit === 'nano_usd' && budgetStatus !== undefined && { status: budgetStatus }),
    retry: standing.unit !== 'nano_usd' && retryAfterMs <= WORTH_WAITING_MS && needed <= standing.max,
    details: {
      limit_id: standing.limitId,
      scope: standing.scope,
      unit: standing.unit,
      max: standing.max,
      spent: standing.settled,
      held: standing.held,
      remaining: standing.remaining,
      needed,
      resets_at: standing.unit === 'in_flight' ? null : new Date(standing.resetsAtMs).toISOString(),
      is_transient: isTransient,
    },
  })
}

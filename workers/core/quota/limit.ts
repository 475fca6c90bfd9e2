import type { Interval, Window } from '../window/window.ts'

/** What a limit counts: money, tokens, requests per window, or requests at the same time. */
export type Unit = 'nano_usd' | 'tokens' | 'requests' | 'in_flight'

/**
 * What happens to a request that does not fit. `clamp`: its output cap is lowered until it fits, but not below
 * `minOutputTokens`; `downgrade`: it goes to this cheaper model instead; `warn`: it passes, and the limit shows more used
 * than its maximum.
 */
export type OnExceed =
  | { kind: 'refuse' }
  | { kind: 'warn' }
  | { kind: 'clamp'; minOutputTokens: number }
  | { kind: 'downgrade'; model: string }

/** What a limit has beside its maximum in windows that end after `fromMs` and begin before `untilMs` (absent: in all of those). */
export type LimitExtra = { amount: number; fromMs: number; untilMs?: number }

/** A maximum of one unit per window on a scope. Budgets and rate limits are both limits. */
export type Limit = {
  id: string
  /** Whom it binds; see `scope.ts`. Only requests that fall under it are counted. */
  scope: string
  unit: Unit
  /** Whole units: nano-dollars, tokens or requests. */
  max: number
  window: Window
  /** Absent: nothing beside the maximum. */
  extra?: LimitExtra
  /** Absent: `refuse`. */
  onExceed?: OnExceed
  /** Whole percents of the maximum (1 to 1000), each noticed once per window. Absent: none. */
  thresholds?: number[]
}

/** The maximum of a limit in one of its windows. */
export function maxIn({ max, extra }: Limit, { startMs, endMs }: Interval): number {
  if (!extra || endMs <= extra.fromMs || startMs >= (extra.untilMs ?? Number.POSITIVE_INFINITY)) return max
  return max + extra.amount
}

/** Whether a limit keeps anybody out. One that only warns counts, and is passed. */
export function isBinding(limit: Limit): boolean {
  return limit.onExceed?.kind !== 'warn'
}

/** What one attempt may use at most, per unit. Also the shape of what it truly used. */
export type Need = Record<Unit, number>

/** The most tokens that one attempt could send and receive. */
export type TokenBound = { inputTokens: number; outputTokens: number }

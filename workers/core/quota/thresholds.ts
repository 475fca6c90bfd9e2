import { counterKey } from './counter-key.ts'
import { type Limit, maxIn, type Unit } from './limit.ts'
import type { Charge, QuotaState } from './state.ts'

/**
 * A threshold of a limit, in whole percents of its maximum, that was reached in a window. `max` and `used` are as they were
 * when that was noticed, in whole units of the limit.
 */
export type LimitAlert = {
  limitId: string
  scope: string
  unit: Unit
  startMs: number
  endMs: number
  threshold: number
  max: number
  used: number
  noticedMs: number
}

/** Names an alert within a tenant: a limit's threshold is noticed once in a window. */
export type AlertRef = Pick<LimitAlert, 'limitId' | 'startMs' | 'threshold'>

/** What is settled of a limit in a window, in its whole units, and the highest percent that was noticed there before. */
export type WindowUse = { startMs: number; endMs: number; used: number; alerted?: number | undefined }

/** The percents of a limit that are to be noticed, in their order. One that only warns has its maximum among them. */
export function thresholdsOf({ thresholds, onExceed }: Limit): number[] {
  const percents = new Set([...(thresholds ?? []), ...(onExceed?.kind === 'warn' ? [100] : [])])
  return [...percents].sort((a, b) => a - b)
}

/** The limits of which something is to be noticed. */
export function watchedOf(limits: Limit[]): Limit[] {
  return limits.filter(limit => thresholdsOf(limit).length > 0)
}

// A hundred times the largest maximum is above 2^53.
function isReached(threshold: number, used: number, max: number): boolean {
  return used > 0 && BigInt(used) * 100n >= BigInt(threshold) * BigInt(max)
}

/**
 * The thresholds of a limit that are reached and were not noticed yet in this window, the lowest first. None below the highest
 * that was noticed is ever noticed: whoever heard of 80 percent need not hear of 50.
 */
export function newAlerts(limit: Limit, use: WindowUse, nowMs: number): LimitAlert[] {
  const { startMs, endMs, used, alerted = 0 } = use
  const { id: limitId, scope, unit } = limit
  const max = maxIn(limit, use)
  const reached = thresholdsOf(limit).filter(one => one > alerted && isReached(one, used, max))
  return reached.map(threshold => ({
    ...{ limitId, scope, unit, startMs, endMs, threshold },
    ...{ max, used, noticedMs: nowMs },
  }))
}

/** Where to look: counters by their limit and window. */
export type Look = { at: Pick<Charge, 'limitId' | 'startMs'>[]; nowMs: number }

/**
 * Notices what is newly reached of the limits that a meter owns itself. Each counter remembers the highest percent, so that
 * a second look answers nothing, and what was noticed stays so when a correction takes usage back.
 */
export function noticeReached(state: QuotaState, limits: Limit[], { at, nowMs }: Look): LimitAlert[] {
  return at.flatMap(one => {
    const counter = state.counters.get(counterKey(one))
    const limit = limits.find(({ id }) => id === one.limitId)
    if (!counter || !limit || !state.owns(limit.scope)) return []
    const alerts = newAlerts(limit, { ...counter, used: counter.settled }, nowMs)
    for (const { threshold } of alerts) counter.alerted = threshold
    return alerts
  })
}

/** The same for every window that is not over: after the limits themselves have changed. */
export function noticeAll(state: QuotaState, limits: Limit[], nowMs: number): LimitAlert[] {
  const watched = watchedOf(limits)
  if (watched.length === 0) return []
  const open = [...state.counters.values()].filter(({ endMs }) => endMs > nowMs)
  return noticeReached(state, watched, { at: open, nowMs })
}

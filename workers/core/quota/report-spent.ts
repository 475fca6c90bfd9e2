import { giveBack, idleLeases, reportOf } from './borrow.ts'
import { counterKey } from './counter-key.ts'
import { availableOf, type Lease } from './lease.ts'
import type { LeaseReport } from './lease-protocol.ts'
import type { Limit } from './limit.ts'
import { counterOf, isUntold, type QuotaState } from './state.ts'
import { watchedOf } from './thresholds.ts'

/** What is to be told unasked to the owner of a scope's limits. */
export type Telling = { scope: string; reports: LeaseReport[] }

/** Now, and how long a lease may lie idle, or what was spent of it untold, in milliseconds. */
export type Pace = { nowMs: number; everyMs: number }

function isDue(lease: Lease, { nowMs, everyMs }: Pace): boolean {
  return (lease.told?.atMs ?? 0) + everyMs <= nowMs
}

// Nobody is left to hear of a limit that does not exist any more.
function scopesOf(limits: Limit[]): Map<string, string> {
  return new Map(limits.map(({ id, scope }) => [id, scope]))
}

// What changed of a scope's leases is told together, once one of them is due: short windows would need a call each.
function changedLeases(state: QuotaState, scopes: Map<string, string>, pace: Pace): Lease[] {
  const untold = [...state.leases.values()].filter(
    lease => scopes.has(lease.limitId) && isUntold(lease, counterOf(state, lease)),
  )
  const due = new Set(untold.filter(lease => isDue(lease, pace)).map(lease => scopes.get(lease.limitId)))
  return untold.filter(lease => due.has(scopes.get(lease.limitId)))
}

/**
 * Gives back lease that nobody asked anything of, and says what was spent of limits with thresholds where the owner has not
 * heard it: of a lease at most once each `everyMs`. Of other limits owners hear when they are asked, or ask: a call a minute
 * for each key would be most of what they hear. The caller writes it down before it tells anybody.
 */
export function tellUnasked(state: QuotaState, limits: Limit[], pace: Pace): Telling[] {
  const scopes = scopesOf(limits)
  const given = idleLeases(state, pace.nowMs, pace.everyMs).map(at => giveBack(state, at))
  const isGiven = new Set(given.map(counterKey))
  const changed = changedLeases(state, scopesOf(watchedOf(limits)), pace).filter(
    lease => !isGiven.has(counterKey(lease)),
  )
  const all = [...given, ...changed.map(lease => reportOf(state, lease))]
  const byScope = Map.groupBy(all, ({ limitId }) => scopes.get(limitId))
  return [...byScope].flatMap(([scope, reports]) => (scope === undefined ? [] : [{ scope, reports }]))
}

/** An owner has heard these reports. An older one changes nothing. */
export function markTold(state: QuotaState, reports: LeaseReport[], nowMs: number): void {
  for (const { revision, spent, ...at } of reports) {
    const lease = state.leases.get(counterKey(at))
    if (lease && (lease.told?.revision ?? 0) < revision) lease.told = { spent, revision, atMs: nowMs }
  }
}

/** When to look again, in UTC epoch milliseconds; `undefined`: every lease is used up, and its owner knows. */
export function nextTellingMs(state: QuotaState, limits: Limit[], { nowMs, everyMs }: Pace): number | undefined {
  const scopes = scopesOf(watchedOf(limits))
  const times = [...state.leases.values()].flatMap(lease => {
    const isIdle = lease.endMs > nowMs && availableOf(state, lease) > 0
    if (isIdle) return [nowMs + everyMs]
    return scopes.has(lease.limitId) && isUntold(lease, counterOf(state, lease))
      ? [(lease.told?.atMs ?? 0) + everyMs]
      : []
  })
  if (times.length === 0) return undefined
  const first = Math.min(...times)
  // What is due by now is told now, or was not heard.
  return first > nowMs ? first : nowMs + everyMs
}

import type { EventDraft, Outcome, UsageEvent } from '../usage.ts'
import { counterKey } from './counter-key.ts'
import { emptyHours, type HourBook } from './hour-totals.ts'
import type { Lease } from './lease.ts'
import type { Need, TokenBound } from './limit.ts'
import { isOwnScope } from './scope.ts'

/** A part of a hold: what it sets aside of one limit, in the window in which the request was admitted. */
export type Charge = {
  limitId: string
  /** The limit's scope; tells later whom it was charged for, when the limit is gone. */
  scope?: string
  unit: keyof Need
  startMs: number
  endMs: number
  amount: number
}

/** Money and tokens set aside for one attempt before it is sent. */
export type Hold = {
  callId: string
  attempt: number
  admittedMs: number
  deadlineMs: number
  need: Need
  /** What `need.tokens` is made of: the most that could go in and come out. */
  bound: TokenBound
  charges: Charge[]
  draft: EventDraft
}

/** One limit in one window. `held` is derived from the holds; `settled` is what was truly used. */
export type Counter = {
  limitId: string
  startMs: number
  endMs: number
  settled: number
  held: number
  /** The highest percent of the limit's maximum that was noticed (`thresholds.ts`); absent: none. */
  alerted?: number
}

/** What stays of a settled attempt, so that a repeated settle is known. Charges and event only where a later one may correct it. */
export type SettledMark = {
  seq: number
  outcome: Outcome
  assumed?: { charges: Charge[]; used: Need; event: UsageEvent }
}

/** Where settled attempts are remembered: a Map in tests and simulations, the object's table in production. */
export type SettledMarks = {
  get(key: string): SettledMark | undefined
  set(key: string, mark: SettledMark): unknown
}

/** Everything a meter decides on. Invariant: `settled + held <= max` after every admission, for every limit and window. */
export type QuotaState = {
  holds: Map<string, Hold>
  counters: Map<string, Counter>
  settled: SettledMarks
  /** What owners have lent, by limit and window. */
  leases: Map<string, Lease>
  /** What waiting requests have found of their leases so far. In memory only: who waits dies with the memory. */
  pins: Map<string, Charge[]>
  /**
   * Attempts that were given up, and when: an admit that arrives after its release holds nothing. In memory only: a message
   * on its way dies with the memory it was sent to.
   */
  released: Map<string, number>
  /** Whether a scope's limits are counted here; all others are leased from their owners. */
  owns(scope: string): boolean
  /** What the calls of each hour came to; told to D1, which holds it against its events. */
  hours: HourBook
  /** Grows with every report to an owner. */
  reportRevision: number
  /** The sequence number of the last event; the outbox ships and confirms by it. */
  lastSeq: number
  /** The latest instant seen: a late clock never reopens a window that has passed. */
  latestMs: number
}

/** A state with nothing held or used. */
export function emptyState(settled: SettledMarks = new Map()): QuotaState {
  const empty = { holds: new Map(), counters: new Map(), leases: new Map(), pins: new Map(), released: new Map() }
  return { ...empty, settled, hours: emptyHours(), owns: isOwnScope, reportRevision: 0, lastSeq: 0, latestMs: 0 }
}

/** The name of an attempt inside one meter. */
export function attemptKey(callId: string, attempt: number): string {
  return `${callId}/${attempt}`
}

/** The counter of a limit in a window, made where it is new. */
export function counterOf(state: QuotaState, at: Pick<Charge, 'limitId' | 'startMs' | 'endMs'>): Counter {
  const key = counterKey(at)
  const known = state.counters.get(key)
  if (known) return known
  const counter = { limitId: at.limitId, startMs: at.startMs, endMs: at.endMs, settled: 0, held: 0 }
  state.counters.set(key, counter)
  return counter
}

/** How long a release is remembered, in milliseconds; longer than any message is on its way. */
const RELEASED_MS = 600_000

/** Forgets releases that no late admit can follow any more. */
export function pruneReleased(state: QuotaState, nowMs: number): void {
  for (const [key, atMs] of state.released) if (atMs + RELEASED_MS <= nowMs) state.released.delete(key)
}

/** How long after its end a window is kept whose owner has not heard what was spent of it; it forgets it by then, too. */
const UNTOLD_MS = 86_400_000

const NONE: ReadonlySet<string> = new Set()

/** Whether a lease's owner has not heard what was spent of it. */
export function isUntold({ told }: Lease, { settled }: Counter): boolean {
  return settled !== (told?.spent ?? 0)
}

// What was spent last of a window has to reach its owner, who may have to notice that it was too much.
function isOwing({ leases }: QuotaState, counter: Counter, nowMs: number): boolean {
  const lease = leases.get(counterKey(counter))
  return lease !== undefined && isUntold(lease, counter) && counter.endMs + UNTOLD_MS > nowMs
}

/**
 * A window is remembered for its own length after its end, within these bounds, in milliseconds: so long a slow message, or
 * a clock that is behind, may still speak of it.
 */
const GRACE_MS = { least: 10_000, most: 60_000 }

/** When a window may be forgotten, in UTC epoch milliseconds. */
export function forgettableMs({ startMs, endMs }: Pick<Counter, 'startMs' | 'endMs'>): number {
  return endMs + Math.min(GRACE_MS.most, Math.max(GRACE_MS.least, endMs - startMs))
}

/**
 * Forgets counters of windows that are long over, that no hold belongs to, and that nobody waits to hear of (`watched`: limits
 * whose owners do); leases die with them.
 */
export function pruneCounters(state: QuotaState, nowMs: number, watched: ReadonlySet<string> = NONE): void {
  for (const [key, counter] of state.counters) {
    if (forgettableMs(counter) > nowMs || counter.held > 0) continue
    if (watched.has(counter.limitId) && isOwing(state, counter, nowMs)) continue
    state.counters.delete(key)
    state.leases.delete(key)
  }
}

import { counterKey } from './counter-key.ts'
import type { Limit } from './limit.ts'
import { attemptKey, type Charge, counterOf, type QuotaState } from './state.ts'

/**
 * A part of a limit that its owner has lent to this meter, for one window. All three numbers only grow: `granted` is the
 * owner's, `returned` and `overrun` are the meter's own. Whole units of the limit.
 */
export type Lease = {
  limitId: string
  startMs: number
  endMs: number
  granted: number
  returned: number
  /** What was spent beyond what was lent: a debt that the owner counts for ever. */
  overrun: number
  /** What was asked of this lease since the owner was last asked, and since when; what its next size follows. */
  demand: number
  demandSinceMs: number
  /** The limit's maximum as the owner last told it; for display. */
  max: number
  /**
   * What was granted in all when the owner last froze this lease. While no more was granted it is frozen: what comes free of
   * it is the owner's, and every request asks him. The owner freezes what is short, and what was lowered below its use.
   */
  frozenAt: number
  /** What its owner was last heard to know of what was spent, by which report, and since when. */
  told?: { spent: number; revision: number; atMs: number }
}

/** How much more an owner would have to lend for one limit, so that a waiting request fits. */
export type Shortage = { charge: Charge; scope: string; by: number }

/** The lease of a charge's limit and window, empty where nothing was lent. */
export function leaseOf(state: QuotaState, charge: Pick<Charge, 'limitId' | 'startMs' | 'endMs'>): Lease {
  const key = counterKey(charge)
  const known = state.leases.get(key)
  if (known) return known
  const { limitId, startMs, endMs } = charge
  const nothing = {
    granted: 0,
    returned: 0,
    overrun: 0,
    demand: 0,
    demandSinceMs: state.latestMs,
    max: 0,
    frozenAt: 0,
  }
  const lease = { limitId, startMs, endMs, ...nothing }
  state.leases.set(key, lease)
  return lease
}

function pinnedIn(charges: Charge[], at: Pick<Charge, 'limitId' | 'startMs'>): number {
  let pinned = 0
  for (const one of charges) if (one.limitId === at.limitId && one.startMs === at.startMs) pinned += one.amount
  return pinned
}

function pinnedBeside(state: QuotaState, at: Pick<Charge, 'limitId' | 'startMs'>, exceptKey?: string): number {
  let pinned = 0
  for (const [key, charges] of state.pins) if (key !== exceptKey) pinned += pinnedIn(charges, at)
  return pinned
}

/** Whether every request has to ask the owner: he froze this lease, or never granted anything of it. */
export function isFrozen(lease: Lease): boolean {
  return lease.granted <= lease.frozenAt
}

/** What of a lease nobody holds, nor has pinned: the owner's, where the lease is frozen. */
export function idleOf(
  state: QuotaState,
  at: Pick<Charge, 'limitId' | 'startMs' | 'endMs'>,
  exceptKey?: string,
): number {
  const { granted, returned, overrun } = leaseOf(state, at)
  const { settled, held } = counterOf(state, at)
  return granted - returned - (settled - overrun) - held - pinnedBeside(state, at, exceptKey)
}

/**
 * What a lease still has for a new hold: lent, less given back, spent, held, and pinned for other waiting requests. Of a
 * frozen lease that is what the request itself had pinned before.
 */
export function availableOf(
  state: QuotaState,
  at: Pick<Charge, 'limitId' | 'startMs' | 'endMs'>,
  exceptKey?: string,
): number {
  const idle = idleOf(state, at, exceptKey)
  if (!isFrozen(leaseOf(state, at))) return idle
  return Math.min(idle, pinnedIn(state.pins.get(exceptKey ?? '') ?? [], at))
}

/** What has been spent past the lease becomes its overrun, so that what is available is never below zero. */
export function absorbOverrun(state: QuotaState, at: Pick<Charge, 'limitId' | 'startMs' | 'endMs'>): void {
  const lease = state.leases.get(counterKey(at))
  if (!lease) return
  const { settled, held } = counterOf(state, at)
  const missing = settled - lease.overrun + held - (lease.granted - lease.returned)
  if (missing > 0) lease.overrun += missing
}

/** The leased charges of an attempt that do not fit, in the order of their scopes: everyone asks owners in that order. */
export function shortagesOf(state: QuotaState, wanted: { charge: Charge; limit: Limit }[], key: string): Shortage[] {
  return wanted
    .map(({ charge, limit }) => {
      const by = charge.amount - availableOf(state, charge, key)
      return { charge, scope: limit.scope, by }
    })
    .filter(({ by, charge }) => charge.amount > 0 && by > 0)
    .sort((a, b) => (a.scope < b.scope ? -1 : Number(a.scope > b.scope)))
}

/** Keeps what a waiting request needs from being taken by another or called back, until its hold is written or it gives up. */
export function pin(state: QuotaState, ref: { callId: string; attempt: number }, charges: Charge[]): void {
  state.pins.set(attemptKey(ref.callId, ref.attempt), charges)
}

/** Gives up what was pinned for a waiting request. */
export function unpin(state: QuotaState, ref: { callId: string; attempt: number }): void {
  state.pins.delete(attemptKey(ref.callId, ref.attempt))
}

/** Gives back what of a lease nobody holds or waits for. Written down before the owner is told. Answers how much. */
export function returnIdle(state: QuotaState, at: Pick<Charge, 'limitId' | 'startMs' | 'endMs'>): number {
  const idle = Math.max(0, idleOf(state, at))
  leaseOf(state, at).returned += idle
  return idle
}

/** Whether a waiting request has something of this lease pinned: what is pinned may come free in a moment. */
export function isPinned(state: QuotaState, at: Pick<Charge, 'limitId' | 'startMs'>): boolean {
  return pinnedBeside(state, at) > 0
}

/** Counts what an admitted attempt needs of its leases; the size of the next lease follows it. */
export function noteDemand(state: QuotaState, leased: { charge: Charge }[]): void {
  for (const { charge } of leased) leaseOf(state, charge).demand += charge.amount
}

/**
 * One limit and window in a message between a meter and the limit's owner. Both tell absolute, only-growing numbers, so that
 * a message that is lost, repeated, late or out of order changes nothing. Whole units of the limit.
 */
export type LeaseReport = {
  limitId: string
  startMs: number
  endMs: number
  returned: number
  overrun: number
  /** For display and thresholds only: it may fall, when an assumed charge is made true. */
  spent: number
  /** Grows with every report of this meter; tells which `spent` is the newest. */
  revision: number
}

/** What a meter asks for one limit: that all it was ever granted come to `target`. Asking twice asks once. */
export type LeaseAsk = LeaseReport & {
  target: number
  /** What the waiting request needs; a lease is some multiple of it. */
  need: number
  /** What was asked of the lease lately, per second. */
  demandPerSecond: number
}

/** All limits of one scope that a waiting request is short of. */
export type LeaseRequest = { meter: string; nowMs: number; asks: LeaseAsk[] }

/** What a meter was granted in all, of one limit and window, and by which version of the limits. */
export type LeaseGrant = LimitWindow & { granted: number; max: number; version: number }

/** How a limit stands with its owner: what meters reported as spent, and what else is lent to them. */
export type OwnerStanding = {
  limitId: string
  startMs: number
  endMs: number
  max: number
  spent: number
  lent: number
  free: number
}

/** `short`: even with all idle lease called back it does not fit. `unreachable`: a meter with lease did not answer. */
export type LeaseAnswer =
  | { kind: 'granted'; grants: LeaseGrant[] }
  /** `heardReturned`: what the owner knew of the asker's returns when he said so. */
  | { kind: 'short'; standing: OwnerStanding; heardReturned: number }
  | { kind: 'unreachable' }

/** One limit in one window. */
export type LimitWindow = { limitId: string; startMs: number; endMs: number }

/**
 * An owner's call for idle lease. It tells the total that was granted: a meter that never heard of its last grant could
 * not give it back.
 */
export type RecallRequest = LimitWindow & {
  granted: number
  /** The version of the limits that lowered this one below what is in use, or 0: see `Lease.frozenAt`. */
  freezeAt: number
}

/** What a meter answers to a recall. `isPinned`: a request is waiting with some of it, and may give it up in a moment. */
export type RecallAnswer = { meter: string; report: LeaseReport; isPinned: boolean }

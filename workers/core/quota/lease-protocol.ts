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

/** What a meter was granted in all, of one limit and window. */
export type LeaseGrant = LimitWindow & { granted: number; max: number }

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

/**
 * `short`: at an instant while it asked, all that was left of the limit, whoever had it, was less than it needs.
 * `unreachable`: that cannot be told, because a meter with lease did not answer.
 */
export type LeaseAnswer =
  | { kind: 'granted'; grants: LeaseGrant[] }
  | { kind: 'short'; standing: OwnerStanding }
  | { kind: 'unreachable' }

/** One limit in one window. */
export type LimitWindow = { limitId: string; startMs: number; endMs: number }

/**
 * An owner's call for idle lease, which freezes what is not given back. It tells the total that was granted: a meter that
 * never heard of its last grant could not give it back, and one that has heard of a later one is not frozen.
 */
export type RecallRequest = LimitWindow & {
  granted: number
}

/** What a meter answers to a recall. `isPinned`: a request is waiting with some of it, and may give it up in a moment. */
export type RecallAnswer = { meter: string; report: LeaseReport; isPinned: boolean }

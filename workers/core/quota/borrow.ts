import type { AdmitDecision } from './admit.ts'
import { counterKey } from './counter-key.ts'
import { idleOf, isFrozen, isPinned, leaseOf, pin, returnIdle } from './lease.ts'
import type {
  LeaseAnswer,
  LeaseAsk,
  LeaseGrant,
  LeaseReport,
  LeaseRequest,
  LimitWindow,
  RecallAnswer,
  RecallRequest,
} from './lease-protocol.ts'
import { type Charge, counterOf, forgettableMs, type QuotaState } from './state.ts'

type Short = Extract<AdmitDecision, { reason: 'short' }>
type At = Pick<Charge, 'limitId' | 'startMs' | 'endMs'>

/** An attempt that waits in a meter because it is short of lease. */
export type Waiting = { attempt: AttemptRef; short: Short; meter: string }

type AttemptRef = { callId: string; attempt: number }

/** A request for lease, and the scope whose owner it goes to. */
export type Borrowing = { scope: string; request: LeaseRequest }

// A window that is long over, and that was forgotten with what was spent in it: nothing more can be said of it.
function isForgotten({ leases, latestMs }: QuotaState, at: At): boolean {
  return forgettableMs(at) <= latestMs && !leases.has(counterKey(at))
}

/** What a meter says of one lease; each time under the next revision. Of one it has forgotten it says nothing new. */
export function reportOf(state: QuotaState, at: At): LeaseReport {
  if (isForgotten(state, at)) {
    const { limitId, startMs, endMs } = at
    return { limitId, startMs, endMs, returned: 0, overrun: 0, spent: 0, revision: 0 }
  }
  const { limitId, startMs, endMs, returned, overrun } = leaseOf(state, at)
  state.reportRevision += 1
  return {
    limitId,
    startMs,
    endMs,
    returned,
    overrun,
    spent: counterOf(state, at).settled,
    revision: state.reportRevision,
  }
}

function askFor(state: QuotaState, charge: Charge, by: number): LeaseAsk {
  const lease = leaseOf(state, charge)
  if (isFrozen(lease)) returnIdle(state, charge)
  const seconds = Math.max(1, (state.latestMs - lease.demandSinceMs) / 1000)
  const ask = {
    ...reportOf(state, charge),
    target: lease.granted + by,
    need: charge.amount,
    demandPerSecond: lease.demand / seconds,
  }
  lease.demand = 0
  lease.demandSinceMs = state.latestMs
  return ask
}

// Of the scopes before the one whose owner is asked: everyone asks in that order, so no two requests wait for each other.
function pinFound(state: QuotaState, { attempt, short }: Waiting, scope: string): void {
  const found = short.charges.filter(({ limit }) => limit.scope < scope)
  pin(
    state,
    attempt,
    found.map(({ charge }) => charge),
  )
}

/**
 * What a request that is short of lease asks next: the owner of its first scope, for all that it lacks there. What it has
 * found of the scopes before is kept for it until it asks again, or ends.
 */
export function borrowNext(state: QuotaState, waiting: Waiting): Borrowing {
  const { short, meter } = waiting
  const scope = short.shortages[0]?.scope ?? ''
  pinFound(state, waiting, scope)
  const lacking = short.shortages.filter(shortage => shortage.scope === scope)
  return {
    scope,
    request: { meter, nowMs: state.latestMs, asks: lacking.map(({ charge, by }) => askFor(state, charge, by)) },
  }
}

/** An owner's "short". */
export type ToldShort = Extract<LeaseAnswer, { kind: 'short' }>

/** Whether an owner's "short" refuses what is decided now: not where the window has changed, or enough was found since. */
export function isRefused(decision: AdmitDecision, { standing }: ToldShort): boolean {
  if (decision.ok || decision.reason !== 'short') return false
  const { limitId, startMs } = standing
  return decision.shortages.some(({ charge }) => charge.limitId === limitId && charge.startMs === startMs)
}

/** Learns what was granted in all. An old answer, or a repeated one, changes nothing. */
export function learnGrants(state: QuotaState, grants: LeaseGrant[]): void {
  for (const grant of grants) {
    const lease = leaseOf(state, grant)
    lease.granted = Math.max(lease.granted, grant.granted)
    lease.max = grant.max
  }
}

/** Learns what a recall tells, so that a request that waits for just this has it before it is given back. */
export function learnRecall(state: QuotaState, at: RecallRequest): void {
  if (isForgotten(state, at)) return
  const lease = leaseOf(state, at)
  lease.granted = Math.max(lease.granted, at.granted)
}

/** Freezes one lease and gives back what of it is idle. The caller writes it down before it sends the answer. */
export function answerRecall(state: QuotaState, at: RecallRequest, meter: string): RecallAnswer {
  // All of it would seem idle, and what was spent would be lent once more.
  if (isForgotten(state, at)) return { meter, report: reportOf(state, at), isPinned: false }
  learnRecall(state, at)
  const lease = leaseOf(state, at)
  lease.frozenAt = Math.max(lease.frozenAt, at.granted)
  returnIdle(state, at)
  return { meter, report: reportOf(state, at), isPinned: isPinned(state, at) }
}

/** Leases that nothing was asked of for `idleMs`, to be given back unasked. The others begin to be watched anew. */
export function idleLeases(state: QuotaState, nowMs: number, idleMs: number): LimitWindow[] {
  const idle: LimitWindow[] = []
  for (const lease of state.leases.values()) {
    if (lease.endMs <= nowMs || lease.demandSinceMs + idleMs > nowMs) continue
    const { limitId, startMs, endMs } = lease
    if (lease.demand === 0 && idleOf(state, lease) > 0) idle.push({ limitId, startMs, endMs })
    lease.demand = 0
    lease.demandSinceMs = nowMs
  }
  return idle
}

/** Gives back one lease that nobody asked anything of. The caller writes it down before it sends the report. */
export function giveBack(state: QuotaState, at: LimitWindow): LeaseReport {
  returnIdle(state, at)
  return reportOf(state, at)
}

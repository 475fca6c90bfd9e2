import type { AdmitCommand, AdmitDecision, ScopedCharge } from './admit.ts'
import { availableOf, isPinned, leaseOf, pin, returnIdle } from './lease.ts'
import type { LeaseAsk, LeaseGrant, LeaseReport, LeaseRequest, RecallAnswer, RecallRequest } from './lease-protocol.ts'
import { attemptKey, type Charge, counterKey, counterOf, type QuotaState } from './state.ts'

type Short = Extract<AdmitDecision, { reason: 'short' }>
type At = Pick<Charge, 'limitId' | 'startMs' | 'endMs'>

/** A request that waits in a meter because it is short of lease. */
export type Waiting = { command: AdmitCommand; short: Short; meter: string }

/** A request for lease, and the scope whose owner it goes to. */
export type Borrowing = { scope: string; request: LeaseRequest }

function reportOf(state: QuotaState, at: At): LeaseReport {
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

function askFor(state: QuotaState, { charge }: ScopedCharge, by: number): LeaseAsk {
  const lease = leaseOf(state, charge)
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

/**
 * What a request that is short of lease asks next. Owners are asked one at a time in the order of their scopes, and what is
 * there already, up to that scope, is pinned: so that no two requests can wait for each other.
 */
export function borrowNext(state: QuotaState, waiting: Waiting): Borrowing {
  const { command, short, meter } = waiting
  const [first] = short.shortages
  const scope = first?.scope ?? ''
  const isShort = new Map(short.shortages.map(shortage => [counterKey(shortage.charge), shortage.by]))
  const upTo = short.charges.filter(({ limit }) => limit.scope <= scope)
  const found = upTo.filter(({ charge }) => !isShort.has(counterKey(charge)))
  pin(
    state,
    command,
    found.map(({ charge }) => charge),
  )
  const asked = upTo.filter(({ limit, charge }) => limit.scope === scope && isShort.has(counterKey(charge)))
  return {
    scope,
    request: { meter, asks: asked.map(one => askFor(state, one, isShort.get(counterKey(one.charge)) ?? 0)) },
  }
}

/** Learns what was granted in all. An old answer, or a repeated one, changes nothing. */
export function learnGrants(state: QuotaState, grants: LeaseGrant[]): void {
  for (const grant of grants) {
    const lease = leaseOf(state, grant)
    lease.granted = Math.max(lease.granted, grant.granted)
    lease.max = grant.max
  }
}

/** Gives back what is idle of one lease. The caller writes it down before it sends the answer. */
export function answerRecall(state: QuotaState, at: RecallRequest, meter: string): RecallAnswer {
  returnIdle(state, at)
  return { meter, report: reportOf(state, at), isPinned: isPinned(state, at) }
}

/** Whether a waiting attempt has pinned something. */
export function isWaiting(state: QuotaState, ref: { callId: string; attempt: number }): boolean {
  return state.pins.has(attemptKey(ref.callId, ref.attempt))
}

/** Leases that nothing was asked of for `idleMs`, to be given back unasked. The others begin to be watched anew. */
export function idleLeases(state: QuotaState, nowMs: number, idleMs: number): RecallRequest[] {
  const idle: RecallRequest[] = []
  for (const lease of state.leases.values()) {
    if (lease.endMs <= nowMs || lease.demandSinceMs + idleMs > nowMs) continue
    const { limitId, startMs, endMs } = lease
    if (lease.demand === 0 && availableOf(state, lease) > 0) idle.push({ limitId, startMs, endMs })
    lease.demand = 0
    lease.demandSinceMs = nowMs
  }
  return idle
}

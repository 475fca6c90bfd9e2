import type { CostDetail, EventDraft, Outcome, Usage, UsageEvent } from '../usage.ts'
import { dropHold } from './admit.ts'
import { counterKey } from './counter-key.ts'
import { assumedSettlement, settledEvent } from './event.ts'
import { addToHour } from './hour-totals.ts'
import { absorbOverrun, leaseOf } from './lease.ts'
import type { Limit, Need } from './limit.ts'
import { chargeOf } from './limit-window.ts'
import { attemptKey, type Charge, counterOf, type Hold, type QuotaState, type SettledMark } from './state.ts'

/** How an attempt ended, and what it used. For the outcome `assumed` its hold is charged, whatever usage and cost say. */
export type HeldSettle = {
  callId: string
  attempt: number
  nowMs: number
  outcome: Outcome
  success: boolean
  usage: Usage
  costNano: number
  costDetail?: CostDetail | null
  serviceTier?: string | null
  latencyMs: number
  firstByteMs: number | null
  httpStatus: number | null
}

/** The same with all that is needed where the hold is gone: a settle without a hold still charges. */
export type SettleCommand = HeldSettle & {
  scopes: string[]
  draft: EventDraft
  /** Settles nothing that is not held, or was assumed: of what may be told again when it is long forgotten. */
  onlyKnown?: boolean
}

/** What to write: the event under its outbox number, and the mark by which a repeat is known; and whom it was charged to. */
export type Settled = { callId: string; seq: number; event: UsageEvent; mark: SettledMark; charges: Charge[] }

const NO_NEED: Need = { nano_usd: 0, tokens: 0, requests: 0, in_flight: 0 }

// One that never reached its provider used no request.
function usedBy(command: HeldSettle): Need {
  const requests = command.outcome === 'unreachable' ? 0 : 1
  const tokens = command.usage.inputTokens + command.usage.outputTokens
  return { nano_usd: command.costNano, tokens, requests, in_flight: 0 }
}

function addSettled(state: QuotaState, charges: Charge[], amount: (unit: Charge['unit']) => number): void {
  for (const charge of charges) {
    counterOf(state, charge).settled += amount(charge.unit)
    absorbOverrun(state, charge)
  }
}

type Recording = { callId: string; charges: Charge[]; used: Need; was?: NonNullable<SettledMark['assumed']> }

function addedBy({ used, was }: Recording): Need {
  const added = (unit: keyof Need) => used[unit] - (was?.used[unit] ?? 0)
  return { nano_usd: added('nano_usd'), tokens: added('tokens'), requests: added('requests'), in_flight: 0 }
}

function record(state: QuotaState, event: UsageEvent, as: Recording): Settled {
  const seq = ++state.lastSeq
  const { charges, used } = as
  addToHour(state.hours, { event, was: as.was?.event, charges, added: addedBy(as) })
  const mark: SettledMark = {
    seq,
    outcome: event.outcome,
    ...(event.outcome === 'assumed' && { assumed: { charges, used, event } }),
  }
  state.settled.set(attemptKey(as.callId, event.attempt), mark)
  return { callId: as.callId, seq, event, mark, charges }
}

function settleHold(state: QuotaState, hold: Hold, given: HeldSettle): Settled {
  const command = given.outcome === 'assumed' ? { ...given, ...assumedCost(hold) } : given
  const used = usedBy(command)
  dropHold(state, hold.callId, hold.attempt)
  addSettled(state, hold.charges, unit => used[unit])
  const event = settledEvent({ ...command, draft: hold.draft }, hold.admittedMs, hold.need.nano_usd)
  return record(state, event, { callId: hold.callId, charges: hold.charges, used })
}

function assumedCost(hold: Hold): Pick<SettleCommand, 'usage' | 'costNano' | 'costDetail'> {
  const { usage, costNano } = assumedSettlement(hold, 0)
  return { usage, costNano, costDetail: null }
}

function settleWithoutHold(state: QuotaState, limits: Limit[], command: SettleCommand): Settled {
  const used = usedBy(command)
  const atMs = Math.max(command.nowMs, state.latestMs)
  const applicable = limits.filter(limit => command.scopes.includes(limit.scope))
  const charges = applicable.map(limit => chargeOf(limit, NO_NEED, atMs))
  // Nothing was lent for it, so that all of it is overrun.
  for (const limit of applicable) if (!state.owns(limit.scope)) leaseOf(state, chargeOf(limit, NO_NEED, atMs))
  addSettled(state, charges, unit => used[unit])
  return record(state, settledEvent(command, atMs, 0), { callId: command.callId, charges, used })
}

// The window may be over and forgotten; then the difference is nobody's any more, but the event is still made true.
function correctAssumed(state: QuotaState, was: NonNullable<SettledMark['assumed']>, command: HeldSettle): Settled {
  const used = usedBy(command)
  const known = was.charges.filter(charge => charge.endMs > state.latestMs || state.counters.has(counterKey(charge)))
  addSettled(state, known, unit => used[unit] - was.used[unit])
  const event = settledEvent({ ...command, draft: was.event }, was.event.admitted_ms, was.event.held_nano)
  const revised = { ...event, revision: was.event.revision + 1 }
  return record(state, revised, { callId: command.callId, charges: was.charges, used, was })
}

/**
 * The true cost takes the hold's place. Idempotent on call and attempt: `undefined` where it was settled before; `unknown`: nothing
 * is known of such an attempt, and nothing was done. What a hold's expiry assumed is corrected by a later true settle, as a
 * new revision of the same event.
 */
export function settleHeld(state: QuotaState, command: HeldSettle): Settled | undefined | 'unknown' {
  const key = attemptKey(command.callId, command.attempt)
  const hold = state.holds.get(key)
  if (hold) return settleHold(state, hold, command)
  const mark = state.settled.get(key)
  if (!mark) return 'unknown'
  const isCorrection = mark.assumed && command.outcome !== 'assumed'
  return isCorrection && mark.assumed ? correctAssumed(state, mark.assumed, command) : undefined
}

/** The same, also where nothing is known of the attempt: then all of it is charged now. */
export function settle(state: QuotaState, limits: Limit[], command: SettleCommand): Settled | undefined {
  const settled = settleHeld(state, command)
  if (settled !== 'unknown') return settled
  return command.onlyKnown ? undefined : settleWithoutHold(state, limits, command)
}

/** Settles every hold whose deadline has passed at its full amount: an orphan costs all it could have cost, never nothing. */
export function expireHolds(state: QuotaState, nowMs: number): Settled[] {
  const due = [...state.holds.values()].filter(hold => hold.deadlineMs <= nowMs)
  return due.map(hold => settleHold(state, hold, assumedSettlement(hold, nowMs)))
}

/** The earliest deadline of a hold, in UTC epoch milliseconds, or `undefined` where nothing is held. */
export function nextDeadline(state: QuotaState): number | undefined {
  let earliest: number | undefined
  for (const { deadlineMs } of state.holds.values()) {
    if (earliest === undefined || deadlineMs < earliest) earliest = deadlineMs
  }
  return earliest
}

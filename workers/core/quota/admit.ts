import type { EventDraft } from '../usage.ts'
import { intervalAt } from '../window/interval-at.ts'
import type { Limit, Need, TokenBound } from './limit.ts'
import { attemptKey, type Charge, counterOf, type Hold, type QuotaState } from './state.ts'

/** One attempt that wants to be sent. `scopes` are those the request falls under; limits of other scopes do not count it. */
export type AdmitCommand = {
  callId: string
  attempt: number
  nowMs: number
  deadlineMs: number
  need: Need
  bound: TokenBound
  scopes: string[]
  draft: EventDraft
}

/** How one limit stands. `remaining` is max less settled and held, never below zero. Whole units of the limit. */
export type Standing = {
  limitId: string
  scope: string
  unit: Limit['unit']
  max: number
  duration: string
  settled: number
  held: number
  remaining: number
  startsAtMs: number
  resetsAtMs: number
}

/** Admitted with a durable hold, or refused by the first limit that was too small; then nothing is consumed anywhere. */
export type AdmitDecision =
  | { ok: true; hold: Hold; isNew: boolean; standings: Standing[] }
  | { ok: false; reason: 'limit'; standing: Standing; needed: number }
  | { ok: false; reason: 'already_settled' }

/** Requests in flight know no window: they count from for ever to for ever. */
const ALWAYS = { startMs: 0, endMs: Number.MAX_SAFE_INTEGER }

function windowOf(limit: Limit, atMs: number): { startMs: number; endMs: number } {
  return limit.unit === 'in_flight' ? ALWAYS : intervalAt(limit.window, atMs)
}

/** How a limit stands at an instant. */
export function standingOf(state: QuotaState, limit: Limit, atMs: number): Standing {
  const interval = windowOf(limit, atMs)
  const counter = state.counters.get(`${limit.id}@${interval.startMs}`)
  const { settled = 0, held = 0 } = counter ?? {}
  return {
    limitId: limit.id,
    scope: limit.scope,
    unit: limit.unit,
    max: limit.max,
    duration: limit.window.duration,
    settled,
    held,
    remaining: Math.max(0, limit.max - settled - held),
    startsAtMs: interval.startMs,
    resetsAtMs: interval.endMs,
  }
}

/** What an attempt sets aside of a limit, in the window it falls in. */
export function chargeOf(limit: Limit, need: Need, atMs: number): Charge {
  return { limitId: limit.id, unit: limit.unit, ...windowOf(limit, atMs), amount: need[limit.unit] }
}

/** Adds a hold to the counters it charges; also how holds are restored from storage. */
export function placeHold(state: QuotaState, hold: Hold): void {
  state.holds.set(attemptKey(hold.callId, hold.attempt), hold)
  for (const charge of hold.charges) counterOf(state, charge).held += charge.amount
}

/**
 * All limits or none. Idempotent on call and attempt: a repeat is answered from its own hold and does not count itself.
 * A need of zero passes a spent limit, so that free models stay usable.
 */
export function admit(state: QuotaState, limits: Limit[], command: AdmitCommand): AdmitDecision {
  const key = attemptKey(command.callId, command.attempt)
  const atMs = Math.max(command.nowMs, state.latestMs)
  const applicable = limits.filter(limit => command.scopes.includes(limit.scope))
  const standings = () => applicable.map(limit => standingOf(state, limit, atMs))

  const held = state.holds.get(key)
  if (held) return { ok: true, hold: held, isNew: false, standings: standings() }
  if (state.settled.get(key)) return { ok: false, reason: 'already_settled' }

  state.latestMs = atMs
  for (const limit of applicable) {
    const needed = command.need[limit.unit]
    const standing = standingOf(state, limit, atMs)
    if (needed > 0 && standing.settled + standing.held + needed > limit.max) {
      return { ok: false, reason: 'limit', standing, needed }
    }
  }
  const charges = applicable.map(limit => chargeOf(limit, command.need, atMs))
  const { callId, attempt, deadlineMs, need, bound, draft } = command
  const hold: Hold = { callId, attempt, admittedMs: atMs, deadlineMs, need, bound, charges, draft }
  placeHold(state, hold)
  return { ok: true, hold, isNew: true, standings: standings() }
}

/** Moves the deadline of a hold that is still there; `false` where it is not. Never moves it back. */
export function extendHold(
  state: QuotaState,
  command: { callId: string; attempt: number; deadlineMs: number },
): boolean {
  const hold = state.holds.get(attemptKey(command.callId, command.attempt))
  if (!hold) return false
  hold.deadlineMs = Math.max(hold.deadlineMs, command.deadlineMs)
  return true
}

/** Takes back a hold whose request was never sent; nothing is charged and no event is made. Idempotent. */
export function releaseHold(state: QuotaState, callId: string, attempt: number): boolean {
  const key = attemptKey(callId, attempt)
  const hold = state.holds.get(key)
  if (!hold) return false
  state.holds.delete(key)
  for (const charge of hold.charges) counterOf(state, charge).held -= charge.amount
  return true
}

import type { EventDraft } from '../usage.ts'
import { counterKey } from './counter-key.ts'
import { noteDemand, type Shortage, shortagesOf, unpin } from './lease.ts'
import { isBinding, type Limit, maxIn, type Need, type TokenBound } from './limit.ts'
import { chargeOf, windowOf } from './limit-window.ts'
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
  /** Counted by its owner: the numbers here are of this meter's lease alone. */
  isLeased: boolean
}

/**
 * Admitted with a durable hold; refused by the first limit that was too small, rates before money; or short of lease, which their owners may
 * lend (`charges` are all the attempt's leased ones). In the last two nothing is consumed anywhere. `gone`: a hold was to be
 * raised that is not there. `isRate`: the tokens and the requests of this scope are both used up.
 */
export type AdmitDecision =
  | { ok: true; hold: Hold; isNew: boolean; standings: Standing[] }
  | { ok: false; reason: 'limit'; standing: Standing; needed: number; isRate: boolean }
  | { ok: false; reason: 'short'; shortages: Shortage[]; charges: ScopedCharge[] }
  | { ok: false; reason: 'already_settled' | 'gone' }

/** A leased charge, with the scope whose owner lends it. */
export type ScopedCharge = { charge: Charge; limit: Limit }

/** How a limit stands at an instant. */
export function standingOf(state: QuotaState, limit: Limit, atMs: number): Standing {
  const interval = windowOf(limit, atMs)
  const counter = state.counters.get(counterKey({ limitId: limit.id, startMs: interval.startMs }))
  const { settled = 0, held = 0 } = counter ?? {}
  const max = maxIn(limit, interval)
  return {
    limitId: limit.id,
    scope: limit.scope,
    unit: limit.unit,
    max,
    duration: limit.window.duration,
    settled,
    held,
    remaining: Math.max(0, max - settled - held),
    startsAtMs: interval.startMs,
    resetsAtMs: interval.endMs,
    isLeased: !state.owns(limit.scope),
  }
}

type Fit = { state: QuotaState; need: Need; atMs: number }

// How a limit stands that has no room for the need.
function lackOf(limit: Limit, { state, need, atMs }: Fit): Standing | undefined {
  if (need[limit.unit] === 0 || !isBinding(limit)) return undefined
  const standing = standingOf(state, limit, atMs)
  return standing.settled + standing.held + need[limit.unit] > standing.max ? standing : undefined
}

type Lack = { limit: Limit; standing: Standing }

// Rates are told before money, whatever their order.
function firstLack(limits: Limit[], fit: Fit): Lack | undefined {
  let money: Lack | undefined
  for (const limit of limits) {
    const standing = lackOf(limit, fit)
    if (standing && limit.unit !== 'nano_usd') return { limit, standing }
    if (standing) money ??= { limit, standing }
  }
  return money
}

const RATES: readonly string[] = ['tokens', 'requests']

function isRateLacking(first: Limit, limits: Limit[], fit: Fit): boolean {
  const isOther = ({ scope, unit }: Limit) => scope === first.scope && RATES.includes(unit) && unit !== first.unit
  return RATES.includes(first.unit) && limits.some(limit => isOther(limit) && lackOf(limit, fit) !== undefined)
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
  if (state.released.has(key) || state.settled.get(key)) return { ok: false, reason: 'already_settled' }

  state.latestMs = atMs
  const own = applicable.filter(limit => state.owns(limit.scope))
  const fit = { state, need: command.need, atMs }
  const lack = firstLack(own, fit)
  if (lack) {
    const { limit, standing } = lack
    const isRate = isRateLacking(limit, own, fit)
    return { ok: false, reason: 'limit', standing, needed: command.need[limit.unit], isRate }
  }
  const leased = applicable.filter(limit => !state.owns(limit.scope))
  const wanted = leased.map(limit => ({ limit, charge: chargeOf(limit, command.need, atMs) }))
  const shortages = shortagesOf(state, wanted, key)
  if (shortages.length > 0) return { ok: false, reason: 'short', shortages, charges: wanted }

  const charges = [...own.map(limit => chargeOf(limit, command.need, atMs)), ...wanted.map(({ charge }) => charge)]
  const { callId, attempt, deadlineMs, need, bound, draft } = command
  const hold: Hold = { callId, attempt, admittedMs: atMs, deadlineMs, need, bound, charges, draft }
  placeHold(state, hold)
  unpin(state, hold)
  noteDemand(state, wanted)
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

/** Removes a hold and what it set aside; `false` where there is none. */
export function dropHold(state: QuotaState, callId: string, attempt: number): boolean {
  const key = attemptKey(callId, attempt)
  const hold = state.holds.get(key)
  if (!hold) return false
  state.holds.delete(key)
  for (const charge of hold.charges) counterOf(state, charge).held -= charge.amount
  return true
}

/**
 * Takes back a hold whose request was never sent; nothing is charged and no event is made. An admit of the same attempt that
 * is still on its way will find it released. Idempotent.
 */
export function releaseHold(state: QuotaState, callId: string, attempt: number): boolean {
  state.released.set(attemptKey(callId, attempt), state.latestMs)
  return dropHold(state, callId, attempt)
}

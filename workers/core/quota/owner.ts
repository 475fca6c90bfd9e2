import type { LeaseAsk, LeaseGrant, LeaseReport, LeaseRequest, OwnerStanding } from './lease-protocol.ts'
import { isBinding, type Limit } from './limit.ts'
import { windowOf } from './limit-window.ts'

/** What an owner knows of one meter, for one limit and window. `granted` is its own; the rest is the largest it has heard. */
export type MeterAccount = {
  granted: number
  returned: number
  overrun: number
  spent: number
  revision: number
  heardMs: number
}

/** One limit in one window: its meters' accounts. */
export type OwnerAccount = { limitId: string; startMs: number; endMs: number; meters: Map<string, MeterAccount> }

/** Everything an owner decides on. Invariant: what is lent and not given back, and the overrun, never pass the maximum by a grant. */
export type OwnerState = {
  accounts: Map<string, OwnerAccount>
  /** Of the limits in force; grows with every change. */
  version: number
  /**
   * The meter that owned the limits before this owner did, where there was one. Nothing is lent of a window before it has
   * said what it spent of it.
   */
  before?: string
}

/** How many of a request's need a first lease holds, while there is plenty. */
const NEEDS_PER_LEASE = 64
/** For how long a lease should last a meter at its recent demand, in seconds. */
const LEASE_SECONDS = 30
/** A meter not heard for this long is no longer counted among the active. */
const ACTIVE_MS = 120_000

/** An owner that has lent nothing. */
export function emptyOwner(): OwnerState {
  return { accounts: new Map(), version: 0 }
}

type At = Pick<LeaseReport, 'limitId' | 'startMs' | 'endMs'>

function accountOf(state: OwnerState, at: At): OwnerAccount {
  const key = `${at.limitId}@${at.startMs}`
  const known = state.accounts.get(key)
  if (known) return known
  const account = { limitId: at.limitId, startMs: at.startMs, endMs: at.endMs, meters: new Map() }
  state.accounts.set(key, account)
  return account
}

function meterIn(account: OwnerAccount, meter: string): MeterAccount {
  const known = account.meters.get(meter)
  if (known) return known
  const fresh = { granted: 0, returned: 0, overrun: 0, spent: 0, revision: 0, heardMs: 0 }
  account.meters.set(meter, fresh)
  return fresh
}

/** Learns what a meter reports. Old and repeated reports change nothing. */
export function learn(state: OwnerState, report: LeaseReport, from: { meter: string; nowMs: number }): MeterAccount {
  const account = meterIn(accountOf(state, report), from.meter)
  account.returned = Math.max(account.returned, report.returned)
  account.overrun = Math.max(account.overrun, report.overrun)
  if (report.revision > account.revision) {
    account.revision = report.revision
    account.spent = report.spent
  }
  account.heardMs = Math.max(account.heardMs, from.nowMs)
  return account
}

/** What may still be lent of a limit in a window; below zero after the limit was lowered, or an overrun. */
export function freeOf(account: OwnerAccount | undefined, max: number): number {
  let free = max
  for (const { granted, returned, overrun } of account?.meters.values() ?? []) free -= granted - returned + overrun
  return free
}

/** How a limit stands in a window. */
export function ownerStanding(state: OwnerState, limit: Limit, at: At): OwnerStanding {
  const account = state.accounts.get(`${at.limitId}@${at.startMs}`)
  let spent = 0
  for (const meter of account?.meters.values() ?? []) spent += meter.spent
  const free = freeOf(account, limit.max)
  return {
    limitId: limit.id,
    startMs: at.startMs,
    endMs: at.endMs,
    max: limit.max,
    spent,
    lent: limit.max - free - spent,
    free,
  }
}

/** How a limit stands in the window of an instant. */
export function ownerStandingAt(state: OwnerState, limit: Limit, nowMs: number): OwnerStanding {
  return ownerStanding(state, limit, { limitId: limit.id, ...windowOf(limit, nowMs) })
}

// More is lent than there is: of a limit that was lowered, or that only warned until now.
function isOverlent(account: OwnerAccount, limit: Limit): boolean {
  return isBinding(limit) && freeOf(account, limit.max) < 0
}

function activeMeters(account: OwnerAccount, nowMs: number): number {
  let active = 0
  for (const meter of account.meters.values()) if (meter.heardMs + ACTIVE_MS > nowMs) active++
  return Math.max(1, active)
}

/** What one ask comes to: how much more the meter needs, and how much of that is missing. */
type Lending = { ask: LeaseAsk; limit: Limit; wanted: number; missing: number }

// Enough to be asked rarely, but never more than a half of an even share: so the end of a limit is exact.
function extraFor({ ask, limit }: Lending, account: OwnerAccount, nowMs: number): number {
  const wish = Math.max(NEEDS_PER_LEASE * ask.need, Math.ceil(LEASE_SECONDS * ask.demandPerSecond))
  if (!isBinding(limit)) return wish
  const share = Math.floor(freeOf(account, limit.max) / (2 * activeMeters(account, nowMs)))
  return Math.max(0, Math.min(wish, share))
}

// What the meter gave back since it asked, it lacks now as well; but nobody lacks more than he needs.
function wantedBy(ask: LeaseAsk, { granted, returned }: MeterAccount): number {
  const wanted = ask.target - granted + (returned - ask.returned)
  return Math.min(ask.need, Math.max(0, wanted))
}

function lendingsOf(state: OwnerState, limits: Limit[], request: LeaseRequest): Lending[] {
  return request.asks.flatMap(ask => {
    const limit = limits.find(one => one.id === ask.limitId)
    if (!limit) return []
    const account = accountOf(state, ask)
    const wanted = wantedBy(ask, meterIn(account, request.meter))
    const isBound = wanted > 0 && isBinding(limit)
    return [{ ask, limit, wanted, missing: isBound ? wanted - freeOf(account, limit.max) : 0 }]
  })
}

function lend(state: OwnerState, lending: Lending, from: { meter: string; nowMs: number }): LeaseGrant {
  const { ask, limit, wanted } = lending
  const account = accountOf(state, ask)
  const meter = meterIn(account, from.meter)
  if (wanted > 0) {
    meter.granted += wanted
    meter.granted += extraFor(lending, account, from.nowMs)
  }
  const { limitId, startMs, endMs } = ask
  // While more is lent than there is, an answer only repeats what was granted before, and thaws nothing.
  const version = isOverlent(account, limit) ? 0 : state.version
  return { limitId, startMs, endMs, granted: meter.granted, max: limit.max, version }
}

/** Granted in full, or short: then the meters that might give idle lease back, and how the limit that is too small stands. */
export type OwnerDecision =
  | { kind: 'granted'; grants: LeaseGrant[] }
  | { kind: 'short'; standing: OwnerStanding; holders: Holder[] }

/**
 * Decides one request, all its limits or none. Answers with totals, so that a grant whose answer was lost is learned at the
 * next ask, and a request that is repeated is granted once. A limit that no longer exists is nobody's to refuse: it is left out.
 */
export function decideLease(
  state: OwnerState,
  limits: Limit[],
  asked: { request: LeaseRequest; nowMs: number },
): OwnerDecision {
  const { request, nowMs } = asked
  for (const ask of request.asks) learn(state, ask, { meter: request.meter, nowMs })
  const lendings = lendingsOf(state, limits, request)
  const short = lendings.find(({ missing }) => missing > 0)
  if (!short) return { kind: 'granted', grants: lendings.map(one => lend(state, one, { meter: request.meter, nowMs })) }
  return {
    kind: 'short',
    standing: ownerStanding(state, short.limit, short.ask),
    holders: holdersOf(state, short.ask),
  }
}

/** A meter that has lease, and how much it was granted in all. */
export type Holder = { meter: string; granted: number }

/**
 * The meters that have lease which, by their last report, they may not have spent; the asker among them, for requests of its
 * own may have ended since it asked.
 */
export function holdersOf(state: OwnerState, at: At): Holder[] {
  const holders: Holder[] = []
  for (const [meter, account] of state.accounts.get(`${at.limitId}@${at.startMs}`)?.meters ?? []) {
    const lent = account.granted - account.returned + account.overrun - account.spent
    if (lent > 0) holders.push({ meter, granted: account.granted })
  }
  return holders
}

/** Every meter with lease in a window whose limit is below what is lent: a lowered limit has to be told to all of them. */
export function overlentOf(state: OwnerState, limit: Limit): { at: At; holders: Holder[] }[] {
  const accounts = [...state.accounts.values()].filter(one => one.limitId === limit.id && isOverlent(one, limit))
  return accounts.map(({ limitId, startMs, endMs, meters }) => ({
    at: { limitId, startMs, endMs },
    holders: [...meters].map(([meter, { granted }]) => ({ meter, granted })).filter(({ granted }) => granted > 0),
  }))
}

/** Forgets windows that have been over for `graceMs`: no message about them matters any more. */
export function pruneOwner(state: OwnerState, nowMs: number, graceMs: number): void {
  for (const [key, account] of state.accounts) if (account.endMs + graceMs <= nowMs) state.accounts.delete(key)
}

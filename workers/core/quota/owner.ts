import type { LeaseReport, LimitWindow, OwnerStanding } from './lease-protocol.ts'
import { isBinding, type Limit, maxIn } from './limit.ts'
import { windowOf } from './limit-window.ts'

/** What an owner knows of one meter, for one limit and window. `granted` is its own; the rest is the largest it has heard. */
export type MeterAccount = {
  granted: number
  returned: number
  overrun: number
  spent: number
  revision: number
  heardMs: number
  /** The largest grant at which it has said that it is frozen, with nothing pinned; -1: none. In memory only. */
  frozenAt: number
}

/** One limit in one window: its meters' accounts, and their sums, so that nobody has to walk through all meters. */
export type OwnerAccount = LimitWindow & {
  meters: Map<string, MeterAccount>
  /** Granted, less returned, and the overrun. */
  lent: number
  spent: number
  /** What was granted and overrun since a round began that may refuse: see `Round`. */
  added: number
  /** How many meters were heard of late, and when that was counted. */
  active: number
  countedMs: number
}

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

/** A meter not heard for this long is no longer counted among the active. */
const ACTIVE_MS = 120_000
/** How often the active meters are counted; in between they are only added to. */
const COUNT_EVERY_MS = 1000
/** A window is remembered for its own length after its end, but no shorter and no longer than this. */
const GRACE_MS = { least: 600_000, most: 86_400_000 }

/** An owner that has lent nothing. */
export function emptyOwner(): OwnerState {
  return { accounts: new Map(), version: 0 }
}

/** The name of a limit in a window, inside one owner. */
export function accountKey(at: Pick<LimitWindow, 'limitId' | 'startMs'>): string {
  return `${at.limitId}@${at.startMs}`
}

/** The account of a limit in a window, made where it is new. */
export function accountOf(state: OwnerState, at: LimitWindow): OwnerAccount {
  const key = accountKey(at)
  const known = state.accounts.get(key)
  if (known) return known
  const { limitId, startMs, endMs } = at
  const sums = { lent: 0, spent: 0, added: 0, active: 0, countedMs: 0 }
  const account = { limitId, startMs, endMs, meters: new Map(), ...sums }
  state.accounts.set(key, account)
  return account
}

/** What an account knows of one meter, made where it is new. */
export function meterIn(account: OwnerAccount, meter: string): MeterAccount {
  const known = account.meters.get(meter)
  if (known) return known
  const fresh = { granted: 0, returned: 0, overrun: 0, spent: 0, revision: 0, heardMs: 0, frozenAt: -1 }
  account.meters.set(meter, fresh)
  return fresh
}

/** Puts one meter's account in its place, as storage has it. */
export function restoreMeter(state: OwnerState, at: LimitWindow & { meter: string }, known: MeterAccount): void {
  const account = accountOf(state, at)
  account.meters.set(at.meter, known)
  account.lent += known.granted - known.returned + known.overrun
  account.spent += known.spent
}

/** Raises what a meter was granted in all by `amount`. */
export function grant(account: OwnerAccount, meter: string, amount: number): void {
  meterIn(account, meter).granted += amount
  account.lent += amount
  account.added += amount
}

function hearMeter(account: OwnerAccount, known: MeterAccount, nowMs: number): void {
  if (known.heardMs + ACTIVE_MS <= nowMs) account.active += 1
  known.heardMs = Math.max(known.heardMs, nowMs)
}

/** Learns what a meter reports. Old and repeated reports change nothing. */
export function learn(state: OwnerState, report: LeaseReport, from: { meter: string; nowMs: number }): MeterAccount {
  const account = accountOf(state, report)
  const known = meterIn(account, from.meter)
  const returned = Math.max(0, report.returned - known.returned)
  const overrun = Math.max(0, report.overrun - known.overrun)
  known.returned += returned
  known.overrun += overrun
  account.lent += overrun - returned
  account.added += overrun
  if (report.revision > known.revision) {
    account.spent += report.spent - known.spent
    known.revision = report.revision
    known.spent = report.spent
  }
  hearMeter(account, known, from.nowMs)
  return known
}

/** What may still be lent of a limit in a window; below zero after the limit was lowered, or an overrun. */
export function freeOf(account: OwnerAccount | undefined, max: number): number {
  return max - (account?.lent ?? 0)
}

/** How a limit stands in a window. */
export function ownerStanding(state: OwnerState, limit: Limit, at: LimitWindow): OwnerStanding {
  const account = state.accounts.get(accountKey(at))
  const spent = account?.spent ?? 0
  const max = maxIn(limit, at)
  const free = freeOf(account, max)
  return {
    limitId: limit.id,
    startMs: at.startMs,
    endMs: at.endMs,
    max,
    spent,
    lent: max - free - spent,
    free,
  }
}

/** How a limit stands in the window of an instant. */
export function ownerStandingAt(state: OwnerState, limit: Limit, nowMs: number): OwnerStanding {
  return ownerStanding(state, limit, { limitId: limit.id, ...windowOf(limit, nowMs) })
}

/** A meter that has lease, and how much it was granted in all. */
export type Holder = { meter: string; granted: number }

// More is lent than there is: of a limit that was lowered, or that only warned until now.
function isOverlent(account: OwnerAccount, limit: Limit): boolean {
  return isBinding(limit) && freeOf(account, maxIn(limit, account)) < 0
}

/** How many meters were heard of late; at least one. Too many rather than too few, for up to a second. */
export function activeMeters(account: OwnerAccount, nowMs: number): number {
  if (Math.abs(nowMs - account.countedMs) >= COUNT_EVERY_MS) {
    account.countedMs = nowMs
    account.active = 0
    for (const { heardMs } of account.meters.values()) if (heardMs + ACTIVE_MS > nowMs) account.active++
  }
  return Math.max(1, account.active)
}

/** The meters that have lease which, by their last report, they may not have spent. Walks through all: for what is short. */
export function holdersOf(account: OwnerAccount): [meter: string, MeterAccount][] {
  const holders: [string, MeterAccount][] = []
  for (const entry of account.meters) {
    const { granted, returned, overrun, spent } = entry[1]
    if (granted - returned + overrun - spent > 0) holders.push(entry)
  }
  return holders
}

/** Every meter with lease in a window whose limit is below what is lent: a lowered limit has to be told to all of them. */
export function overlentOf(state: OwnerState, limit: Limit): { at: LimitWindow; holders: Holder[] }[] {
  const accounts = [...state.accounts.values()].filter(one => one.limitId === limit.id && isOverlent(one, limit))
  return accounts.map(({ limitId, startMs, endMs, meters }) => ({
    at: { limitId, startMs, endMs },
    holders: [...meters].map(([meter, { granted }]) => ({ meter, granted })).filter(({ granted }) => granted > 0),
  }))
}

/** Whether a window has been over for so long that it is forgotten; nothing is lent of it any more. */
export function isForgotten({ startMs, endMs }: LimitWindow, nowMs: number): boolean {
  return endMs + Math.min(GRACE_MS.most, Math.max(GRACE_MS.least, endMs - startMs)) <= nowMs
}

/** Forgets windows that are long over. Answers which. */
export function pruneOwner(state: OwnerState, nowMs: number): OwnerAccount[] {
  const forgotten = [...state.accounts.values()].filter(account => isForgotten(account, nowMs))
  for (const account of forgotten) state.accounts.delete(accountKey(account))
  return forgotten
}

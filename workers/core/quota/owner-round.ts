import type { LimitWindow, RecallAnswer, RecallRequest } from './lease-protocol.ts'
import { accountOf, holdersOf, learn, type MeterAccount, type OwnerAccount, type OwnerState } from './owner.ts'

/** How many meters are asked at a time; more when a half has answered, if those who wait have not found enough by then. */
const SLICE = 1000
/** How often a round asks again for what waiting requests have pinned, before it says that it cannot tell. */
const MAX_PINNED = 250

/** `asked`: no answer yet. `pinned`: a request that waits has some of it, and may give it up in a moment. */
type Heard = 'unasked' | 'asked' | 'gave' | 'pinned' | 'unreachable'

/**
 * One round of recalls for a limit in a window, which decides for all who wait.
 *
 * A frozen meter uses nothing of what lies idle with it: that only grows, until it is given back. So where at an instant
 * every meter with lease was frozen, and each has answered a recall that was sent after that instant, what was left at the
 * instant, whoever had it, was no more than what is free afterwards and what was granted or overrun since. Who was waiting
 * at the instant and needs more than that did not fit, and may be refused. (A cost that passes its hold is paid from idle
 * lease: so much can be missing.)
 *
 * `before`: the meter that owned the limit before says what it spent. `gather`: the limit has just become short, and the
 * meters that are not frozen are. `freeze`: so are those that were granted something since. `exact`: all are frozen, and
 * now those are asked that have lease; only this one can refuse.
 */
export type Round = {
  at: LimitWindow
  kind: 'before' | 'gather' | 'freeze' | 'exact'
  /** Who has a smaller ticket was waiting when it began. */
  since: number
  /** Of the limits: where they have changed since it can refuse nobody. */
  version: number
  heard: Map<string, Heard>
  unasked: string[]
  pending: number
  pinnedRounds: number
  /** `unsure`: over, without an answer of everybody. */
  state: 'open' | 'resting' | 'sure' | 'unsure'
}

/** One recall to be sent. Its answer, or that there is none, is heard by `hearRecall`. */
export type Recall = { round: Round; meter: string; request: RecallRequest }

function roundOver(at: LimitWindow, kind: Round['kind'], meters: string[]): Omit<Round, 'since' | 'version'> {
  const { limitId, startMs, endMs } = at
  const heard = new Map(meters.map(meter => [meter, 'unasked' as const]))
  return { at: { limitId, startMs, endMs }, kind, heard, unasked: meters, pending: 0, pinnedRounds: 0, state: 'open' }
}

const isUnfrozen = ([, { granted, frozenAt }]: [string, MeterAccount]) => granted > frozenAt
const nameOf = ([meter]: [string, unknown]) => meter

/** Whether the meter that owned a limit before has not said yet what it spent of it in this window. */
export function isUnheardBefore({ before }: OwnerState, account: OwnerAccount): boolean {
  return before !== undefined && !account.meters.has(before)
}

/** Begins the next round of an account. `last`: the one before it, where somebody has been waiting since. */
export function beginRound(
  state: OwnerState,
  account: OwnerAccount,
  { since, last }: { since: number; last: Round | undefined },
): Round {
  const waiting = { since, version: state.version }
  const { before } = state
  if (before !== undefined && isUnheardBefore(state, account)) {
    return { ...roundOver(account, 'before', [before]), ...waiting }
  }
  const holders = holdersOf(account)
  const unfrozen = holders.filter(isUnfrozen)
  if (unfrozen.length > 0) {
    const isFirst = last === undefined || last.kind === 'before'
    return { ...roundOver(account, isFirst ? 'gather' : 'freeze', unfrozen.map(nameOf)), ...waiting }
  }
  account.added = 0
  return { ...roundOver(account, 'exact', holders.map(nameOf)), ...waiting }
}

/** The recalls that are to be sent now; none while many answers are awaited. */
export function nextRecalls(state: OwnerState, round: Round): Recall[] {
  if (round.pending > SLICE / 2) return []
  const slice = round.unasked.splice(0, SLICE - round.pending)
  const { meters } = accountOf(state, round.at)
  for (const meter of slice) round.heard.set(meter, 'asked')
  round.pending += slice.length
  return slice.map(meter => ({ round, meter, request: { ...round.at, granted: meters.get(meter)?.granted ?? 0 } }))
}

/** Learns what a meter answered to a recall; without `answer` it gave none. */
export function hearAnswer(state: OwnerState, { round, meter, request }: Recall, heard: HeardAnswer): void {
  const { answer, nowMs } = heard
  round.pending -= 1
  round.heard.set(meter, answer ? (answer.isPinned ? 'pinned' : 'gave') : 'unreachable')
  if (!answer) return
  const known = learn(state, answer.report, { meter, nowMs })
  if (!answer.isPinned) known.frozenAt = Math.max(known.frozenAt, request.granted)
}

/** A meter's answer, and when it was heard. */
export type HeardAnswer = { answer?: RecallAnswer | undefined; nowMs: number }

function isOneOf({ heard }: Round, what: Heard): boolean {
  for (const one of heard.values()) if (one === what) return true
  return false
}

/**
 * Sees whether all that were to be asked have answered; then it is over, or rests for a moment, where something was pinned.
 * Answers whether something has changed.
 */
export function endRound(round: Round): boolean {
  if (round.state !== 'open' || round.pending > 0 || round.unasked.length > 0) return false
  const isPinned = round.kind !== 'before' && isOneOf(round, 'pinned')
  if (isPinned && round.pinnedRounds < MAX_PINNED) round.state = 'resting'
  else round.state = isPinned || isOneOf(round, 'unreachable') ? 'unsure' : 'sure'
  return true
}

/** Those that had something pinned are asked again. */
export function askPinned(round: Round): void {
  round.state = 'open'
  round.pinnedRounds += 1
  round.unasked = [...round.heard].filter(([, heard]) => heard === 'pinned').map(nameOf)
}

/**
 * Whether something may be granted to a meter while a round goes on: not before its answer to one that can refuse, which
 * would tell nothing then; nor while what was granted before is frozen, for then no round that can refuse would ever begin.
 */
export function mayGrant(round: Round | undefined, meter: string): boolean {
  if (!round || round.kind === 'gather') return true
  const heard = round.heard.get(meter)
  return round.kind === 'exact' && (heard === undefined || heard === 'gave')
}

/** The most that can have been left when a round began that can refuse and is over; `undefined`: nobody knows. */
export function leftAtBegin(round: Round, { account, free, version }: LeftNow): number | undefined {
  const isTold = round.kind === 'exact' && round.state === 'sure' && round.version === version
  return isTold ? free + account.added : undefined
}

/** How an account stands now, under which version of the limits. */
export type LeftNow = { account: OwnerAccount; free: number; version: number }

import type { LeaseAnswer, LeaseRequest, LimitWindow, RecallAnswer } from './lease-protocol.ts'
import type { Limit } from './limit.ts'
import { decideLease, learn, type OwnerState } from './owner.ts'

/** How often an owner asks again for what waiting requests had pinned, before it says that it cannot tell. */
const MAX_ROUNDS = 250

type Heard = 'gave' | 'pinned' | 'unreachable'

/** One asker's turn at an owner. Turns are taken one at a time, in order of arrival. */
export type OwnerTurn = {
  request: LeaseRequest
  rounds: number
  /** What each meter has answered in this round, by limit and meter. */
  heard: Map<string, Heard>
}

/** What an owner does next for the asker whose turn it is. */
export type TurnStep =
  | { kind: 'answer'; answer: LeaseAnswer }
  | { kind: 'recall'; at: LimitWindow; from: { meter: string; granted: number }[] }
  /** Something is pinned by a request that is still waiting elsewhere: a moment later it is held, or free. */
  | { kind: 'wait' }

/** Begins a turn. */
export function beginTurn(request: LeaseRequest): OwnerTurn {
  return { request, rounds: 0, heard: new Map() }
}

function heardKey(at: { limitId: string }, meter: string): string {
  return `${at.limitId}/${meter}`
}

/** A meter's answer to a recall; without `answer` it gave none. */
export type HeardRecall = { at: LimitWindow; meter: string; answer?: RecallAnswer | undefined; nowMs: number }

/** Learns what a meter answered to a recall. */
export function hearRecall(state: OwnerState, turn: OwnerTurn, { at, meter, answer, nowMs }: HeardRecall): void {
  if (answer) learn(state, answer.report, { meter, nowMs })
  const heard = answer ? (answer.isPinned ? 'pinned' : 'gave') : 'unreachable'
  turn.heard.set(heardKey(at, meter), heard)
}

// What an earlier owner spent of a window is not free.
function stepBefore(state: OwnerState, { request, heard }: OwnerTurn): TurnStep | undefined {
  const { before } = state
  if (before === undefined) return undefined
  const unheard = request.asks.find(at => !state.accounts.get(`${at.limitId}@${at.startMs}`)?.meters.has(before))
  if (!unheard) return undefined
  if (heard.has(heardKey(unheard, before))) return { kind: 'answer', answer: { kind: 'unreachable' } }
  const { limitId, startMs, endMs } = unheard
  return { kind: 'recall', at: { limitId, startMs, endMs }, from: [{ meter: before, granted: 0 }] }
}

/**
 * The next step of a turn: grant, or call idle lease back from every meter that has some, or refuse. A refusal is only
 * spoken when every meter with lease has answered that it needs what it has.
 */
export function stepTurn(state: OwnerState, limits: Limit[], on: { turn: OwnerTurn; nowMs: number }): TurnStep {
  const { turn, nowMs } = on
  const first = stepBefore(state, turn)
  if (first) return first
  const decision = decideLease(state, limits, { request: turn.request, nowMs })
  if (decision.kind === 'granted') return { kind: 'answer', answer: decision }
  const { standing, holders } = decision
  const { limitId, startMs, endMs } = standing
  const unasked = holders.filter(({ meter }) => !turn.heard.has(heardKey(standing, meter)))
  if (unasked.length > 0) return { kind: 'recall', at: { limitId, startMs, endMs }, from: unasked }
  const heard = new Set(holders.map(({ meter }) => turn.heard.get(heardKey(standing, meter))))
  if (heard.has('pinned') && turn.rounds < MAX_ROUNDS) {
    turn.rounds += 1
    turn.heard.clear()
    return { kind: 'wait' }
  }
  const isSure = !heard.has('unreachable') && !heard.has('pinned')
  const asker = state.accounts.get(`${limitId}@${startMs}`)?.meters.get(turn.request.meter)
  const short = { kind: 'short', standing, heardReturned: asker?.returned ?? 0 } as const
  return { kind: 'answer', answer: isSure ? short : { kind: 'unreachable' } }
}

import type { LeaseAnswer, LeaseGrant, LeaseRequest } from './lease-protocol.ts'
import { type Limit, maxIn } from './limit.ts'
import {
  accountKey,
  accountOf,
  freeOf,
  isForgotten,
  learn,
  type OwnerAccount,
  type OwnerState,
  ownerStanding,
} from './owner.ts'
import { isBound, type Lending, lend, lendingsOf } from './owner-lend.ts'
import {
  askPinned,
  beginRound,
  endRound,
  type HeardAnswer,
  hearAnswer,
  isUnheardBefore,
  leftAtBegin,
  mayGrant,
  nextRecalls,
  type Recall,
  type Round,
} from './owner-round.ts'

/** Nobody waits for longer than this: what others go on taking before him may never come to be refused. */
const MAX_WAIT_MS = 10_000

/** One who waits at an owner. Tickets grow by arrival; `reply` is the driver's own. */
export type Asker = {
  ticket: number
  sinceMs: number
  request: LeaseRequest
  reply: (answer: LeaseAnswer) => void
}

/** Who waits at an owner, in order of arrival, and the rounds that go on for them. In memory only. */
export type OwnerQueue = {
  askers: Asker[]
  /** By account, where somebody waits for it; and how much those want of it in all. */
  rounds: Map<string, Round>
  claims: Map<string, number>
  tickets: number
  nowMs: number
}

/** An owner's limits, what it has lent, and who waits. */
export type Desk = { state: OwnerState; limits: Limit[]; queue: OwnerQueue }

/**
 * What is to be done now: answers, after what they say is durable; recalls; and rounds to look at again in a moment, because
 * something is pinned by a request that is still waiting elsewhere.
 */
export type Served = { answers: { asker: Asker; answer: LeaseAnswer }[]; recalls: Recall[]; resting: Round[] }

/** A queue that nobody waits in. */
export function emptyQueue(): OwnerQueue {
  return { askers: [], rounds: new Map(), claims: new Map(), tickets: 0, nowMs: 0 }
}

const nothing = (): Served => ({ answers: [], recalls: [], resting: [] })
const UNREACHABLE: LeaseAnswer = { kind: 'unreachable' }

function lacks({ queue }: Desk, lending: Lending, meter: string): boolean {
  if (!isBound(lending)) return false
  const { account, limit, wanted } = lending
  const key = accountKey(account)
  return (
    wanted > freeOf(account, maxIn(limit, account)) - (queue.claims.get(key) ?? 0) ||
    !mayGrant(queue.rounds.get(key), meter)
  )
}

function isRefusedBy({ state, queue }: Desk, lending: Lending, { ticket }: Asker): boolean {
  const { account, limit, wanted } = lending
  const round = queue.rounds.get(accountKey(account))
  if (!round || ticket >= round.since || !isBound(lending)) return false
  const left = leftAtBegin(round, { account, free: freeOf(account, maxIn(limit, account)), version: state.version })
  return left !== undefined && wanted > left
}

function lendAll({ queue }: Desk, lendings: Lending[], meter: string): LeaseGrant[] {
  return lendings.map(one => {
    const isShort = queue.rounds.has(accountKey(one.account))
    return lend(one, { meter, nowMs: queue.nowMs, isShort })
  })
}

// Waits for one account, of which nothing is given to those behind that he could still need.
function wait({ queue }: Desk, { ticket, sinceMs }: Asker, of: { account: OwnerAccount; wanted: number }) {
  const key = accountKey(of.account)
  const round = queue.rounds.get(key)
  const isLost = round?.state === 'unsure' && ticket < round.since
  if (isLost || sinceMs + MAX_WAIT_MS < queue.nowMs) return UNREACHABLE
  queue.claims.set(key, (queue.claims.get(key) ?? 0) + of.wanted)
  return undefined
}

/**
 * Decides one request, all its limits or none; `undefined`: it waits. Refused is only who needs more than can have been left
 * at some instant while it waited.
 */
function decide(desk: Desk, asker: Asker): LeaseAnswer | undefined {
  const { state, limits, queue } = desk
  const { request } = asker
  if (request.asks.some(at => isForgotten(at, queue.nowMs))) return UNREACHABLE
  const unheard = request.asks.map(at => accountOf(state, at)).find(account => isUnheardBefore(state, account))
  if (unheard) return wait(desk, asker, { account: unheard, wanted: 0 })
  const lendings = lendingsOf(state, limits, request)
  const short = lendings.find(one => lacks(desk, one, request.meter))
  if (!short) return { kind: 'granted', grants: lendAll(desk, lendings, request.meter) }
  const refusing = lendings.find(one => isRefusedBy(desk, one, asker))
  if (refusing) return { kind: 'short', standing: ownerStanding(state, refusing.limit, refusing.ask) }
  return wait(desk, asker, short)
}

// In order of arrival: who can be answered is, and the others go on waiting.
function decideAll(desk: Desk, served: Served): void {
  const { queue } = desk
  queue.claims.clear()
  queue.askers = queue.askers.filter(asker => {
    const answer = decide(desk, asker)
    if (answer) served.answers.push({ asker, answer })
    return answer === undefined
  })
}

// Every account that somebody waits for has a round, and no other; one that is over is followed by the next.
function arrangeRounds({ state, queue }: Desk): void {
  for (const key of queue.rounds.keys()) if (!queue.claims.has(key)) queue.rounds.delete(key)
  for (const key of queue.claims.keys()) {
    const last = queue.rounds.get(key)
    const account = state.accounts.get(key)
    const isOver = !last || last.state === 'sure' || last.state === 'unsure'
    if (account && isOver) queue.rounds.set(key, beginRound(state, account, { since: queue.tickets, last }))
  }
}

// A round with nobody to ask is over at once; the one after it has those to ask that were granted something by it.
function goOn(desk: Desk, served: Served): Served {
  const { state, queue } = desk
  for (let isChanged = true; isChanged; ) {
    arrangeRounds(desk)
    for (const round of queue.rounds.values()) served.recalls.push(...nextRecalls(state, round))
    const ended = [...queue.rounds.values()].filter(endRound)
    served.resting.push(...ended.filter(one => one.state === 'resting'))
    isChanged = ended.some(one => one.state !== 'resting')
    if (isChanged) decideAll(desk, served)
  }
  return served
}

/** Somebody asks: he is answered at once where nobody before him waits for the same, and it fits. */
export function ask(desk: Desk, asking: Pick<Asker, 'request' | 'reply'>): Served {
  const { state, queue } = desk
  const { meter, nowMs, asks } = asking.request
  queue.nowMs = Math.max(queue.nowMs, nowMs)
  for (const one of asks) learn(state, one, { meter, nowMs })
  const asker = { ...asking, ticket: queue.tickets++, sinceMs: queue.nowMs }
  const served = nothing()
  const answer = decide(desk, asker)
  if (answer) served.answers.push({ asker, answer })
  else queue.askers.push(asker)
  return answer ? served : goOn(desk, served)
}

// As if nobody waited before him.
function fits(desk: Desk, { request }: Asker): boolean {
  const first = { ...desk, queue: { ...desk.queue, claims: new Map() } }
  return !lendingsOf(desk.state, desk.limits, request).some(one => lacks(first, one, request.meter))
}

/** A meter's answer to a recall; who waits longest may fit before all have answered. An answer to an old round is learned. */
export function hearRecall(desk: Desk, recall: Recall, heard: HeardAnswer): Served {
  const { state, queue } = desk
  const { round } = recall
  hearAnswer(state, recall, heard)
  const served = nothing()
  if (queue.rounds.get(accountKey(round.at)) !== round) return served
  const [head] = queue.askers
  if (head && fits(desk, head)) decideAll(desk, served)
  return goOn(desk, served)
}

/** Asks those again that had something pinned. */
export function askAgain(desk: Desk, round: Round): Served {
  if (desk.queue.rounds.get(accountKey(round.at)) !== round) return nothing()
  askPinned(round)
  return goOn(desk, nothing())
}

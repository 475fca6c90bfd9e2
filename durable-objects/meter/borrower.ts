import type { AdmitDecision, Standing } from '../../workers/core/quota/admit.ts'
import { borrowNext, isRefused, learnGrants } from '../../workers/core/quota/borrow.ts'
import { unpin } from '../../workers/core/quota/lease.ts'
import type { LeaseAnswer, LeaseRequest, OwnerStanding } from '../../workers/core/quota/lease-protocol.ts'
import type { AttemptRef } from '../../workers/core/quota/meter-protocol.ts'
import { markTold } from '../../workers/core/quota/report-spent.ts'
import { attemptKey, type QuotaState } from '../../workers/core/quota/state.ts'

/** An attempt that needs lease: `decide` places its hold, or raises it, where everything fits. */
export type Wish = AttemptRef & { kind: 'admit' | 'grow'; decide(): AdmitDecision }

/** How a wish that had to borrow ended. `unavailable`: an owner could not be reached, or could not tell. */
export type Borrowed =
  | { kind: 'decided'; decision: AdmitDecision }
  | { kind: 'refused'; standing: OwnerStanding }
  | { kind: 'unavailable' }

/** What a borrower needs of its meter; `commit` makes what was decided durable. */
export type BorrowerPorts = {
  meter: string
  state(): QuotaState
  commit<T>(work: () => T): Promise<T>
  ask(scope: string, request: LeaseRequest): Promise<LeaseAnswer>
}

/** A limit's standing as its owner told it, in place of what this meter knows of its lease alone. */
export function toldStanding(local: Standing, told: OwnerStanding): Standing {
  const { max, spent: settled, lent: held, startMs: startsAtMs, endMs: resetsAtMs } = told
  return { ...local, max, settled, held, remaining: Math.max(0, max - settled - held), startsAtMs, resetsAtMs }
}

/** Owners are asked at most so often for one request; more is no race but a fault, and nothing is held. */
const MAX_ASKS = 50

type Turn = { wish: Wish; served?: AdmitDecision }
type Next = { kind: 'ask'; scope: string; request: LeaseRequest } | Borrowed

/** Finds lease for attempts that are short of it, one at a time, so that two of one meter never wait for each other. */
export class Borrower {
  readonly #ports: BorrowerPorts
  readonly #waiting = new Map<string, Promise<Borrowed>>()
  #lastTurn: Promise<unknown> = Promise.resolve()
  #current: Turn | undefined

  constructor(ports: BorrowerPorts) {
    this.#ports = ports
  }

  /** Waits its turn and borrows. A repeated wish of the same attempt joins the one that waits. */
  borrow(wish: Wish): Promise<Borrowed> {
    const key = `${wish.kind} ${attemptKey(wish.callId, wish.attempt)}`
    const known = this.#waiting.get(key)
    if (known) return known
    const turn = this.#lastTurn.then(() => this.#takeTurn({ wish })).finally(() => this.#waiting.delete(key))
    this.#waiting.set(key, turn)
    this.#lastTurn = turn.catch(() => undefined)
    return turn
  }

  /** Before lease is given back: what came free since the waiting attempt asked is its own first. Runs inside a commit. */
  serveWaiting(): void {
    const turn = this.#current
    if (!turn || turn.served) return
    const decision = turn.wish.decide()
    if (decision.ok) turn.served = decision
  }

  async #takeTurn(turn: Turn): Promise<Borrowed> {
    this.#current = turn
    try {
      return await this.#askOn(turn)
    } finally {
      this.#current = undefined
      unpin(this.#ports.state(), turn.wish)
    }
  }

  async #askOn(turn: Turn): Promise<Borrowed> {
    let next = await this.#ports.commit(() => this.#decide(turn))
    for (let asks = 0; next.kind === 'ask' && asks < MAX_ASKS; asks++) {
      const { scope, request } = next
      const answer = await this.#ports.ask(scope, request).catch(() => ({ kind: 'unreachable' }) as const)
      next = await this.#ports.commit(() => this.#hear(turn, request, answer))
    }
    return next.kind === 'ask' ? { kind: 'unavailable' } : next
  }

  #decide(turn: Turn): Next {
    const decision = turn.served ?? turn.wish.decide()
    if (decision.ok || decision.reason !== 'short') return { kind: 'decided', decision }
    const { meter, state } = this.#ports
    return { kind: 'ask', ...borrowNext(state(), { attempt: turn.wish, short: decision, meter }) }
  }

  #hear(turn: Turn, { asks, nowMs }: LeaseRequest, answer: LeaseAnswer): Next {
    if (answer.kind !== 'unreachable') markTold(this.#ports.state(), asks, nowMs)
    if (turn.served) return { kind: 'decided', decision: turn.served }
    if (answer.kind === 'unreachable') return { kind: 'unavailable' }
    if (answer.kind === 'granted') learnGrants(this.#ports.state(), answer.grants)
    if (answer.kind === 'short') {
      const again = turn.wish.decide()
      if (again.ok) return { kind: 'decided', decision: again }
      if (isRefused(again, answer)) return { kind: 'refused', standing: answer.standing }
    }
    return this.#decide(turn)
  }
}

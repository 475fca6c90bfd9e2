import { type AdmitCommand, type AdmitDecision, admit } from '../../workers/core/quota/admit.ts'
import {
  answerRecall,
  borrowNext,
  giveBack,
  idleLeases,
  isRefused,
  learnGrants,
  learnRecall,
} from '../../workers/core/quota/borrow.ts'
import { idleOf, unpin } from '../../workers/core/quota/lease.ts'
import type { LeaseAnswer, RecallAnswer, RecallRequest } from '../../workers/core/quota/lease-protocol.ts'
import { type SettleCommand, settle } from '../../workers/core/quota/settle.ts'
import { emptyState, type QuotaState, type SettledMarks } from '../../workers/core/quota/state.ts'
import type { World } from './world.ts'

/** Lease of which nothing was asked for so long is given back; as the meter object has it. */
const IDLE_MS = 60_000
/** Nothing is settled twice here, so nothing is remembered of it. */
const FORGETFUL: SettledMarks = { get: () => undefined, set: () => undefined }

/** How an admission ended. */
export type Admission = 'admitted' | 'refused' | 'unavailable'

type Short = Extract<AdmitDecision, { reason: 'short' }>
type Turn = { command: AdmitCommand; done: (admission: Admission) => void; isOver: boolean }

/** A key's meter in one region: the product's pure code, driven as `MeterObject` and `Borrower` drive it. */
export class Meter {
  readonly name: string
  readonly region: number
  readonly state: QuotaState = emptyState(FORGETFUL)
  readonly #world: World
  #turns: Turn[] = []
  #current: Turn | undefined
  #isWatching = false

  constructor(world: World, name: string, region: number) {
    this.#world = world
    this.name = name
    this.region = region
  }

  /** Decides at once where its lease is large enough; else the request waits its turn for more. */
  admit(command: AdmitCommand, done: Turn['done']): void {
    if (this.#decide(command).ok) done('admitted')
    else {
      this.#turns.push({ command, done, isOver: false })
      if (!this.#current) this.#nextTurn()
    }
  }

  #decide(command: AdmitCommand): AdmitDecision {
    return admit(this.state, this.#world.limits, command)
  }

  #nextTurn(): void {
    this.#current = this.#turns.shift()
    if (this.#current) this.#goOn(this.#current)
  }

  #end(turn: Turn, admission: Admission): void {
    turn.isOver = true
    unpin(this.state, turn.command)
    turn.done(admission)
    this.#nextTurn()
  }

  #goOn(turn: Turn): void {
    const decision = this.#decide(turn.command)
    if (decision.ok) this.#end(turn, 'admitted')
    else if (decision.reason === 'short') this.#borrow(turn, decision)
    else throw new Error(`decided ${decision.reason}`)
  }

  #borrow(turn: Turn, short: Short): void {
    const { request } = borrowNext(this.state, { attempt: turn.command, short, meter: this.name })
    this.#watchIdle()
    this.#world.ask(this, request, answer => turn.isOver || this.#hear(turn, answer))
  }

  #hear(turn: Turn, answer: LeaseAnswer): void {
    if (answer.kind === 'granted') learnGrants(this.state, answer.grants)
    const isRefusal = answer.kind === 'short' && isRefused(this.#decide(turn.command), answer)
    if (answer.kind === 'unreachable') this.#end(turn, 'unavailable')
    else if (isRefusal) this.#end(turn, 'refused')
    else this.#goOn(turn)
  }

  /** Gives idle lease back, once the request that waits here has had what came free. */
  recall(at: RecallRequest): RecallAnswer {
    learnRecall(this.state, at)
    const turn = this.#current
    if (turn && !turn.isOver && this.#decide(turn.command).ok) this.#end(turn, 'admitted')
    return answerRecall(this.state, at, this.name)
  }

  settle(command: SettleCommand): void {
    settle(this.state, this.#world.limits, command)
  }

  #watchIdle(): void {
    if (this.#isWatching) return
    this.#isWatching = true
    const look = () => {
      for (const at of idleLeases(this.state, this.#world.clock.nowMs, IDLE_MS)) {
        this.#world.report(this, giveBack(this.state, at))
      }
      this.#world.clock.after(IDLE_MS, look)
    }
    this.#world.clock.after(IDLE_MS, look)
  }

  /** Lease that nobody holds: stranded, as long as it lies here. Whole units of the limit. */
  get idle(): number {
    let idle = 0
    for (const lease of this.state.leases.values()) idle += idleOf(this.state, lease)
    return idle
  }
}

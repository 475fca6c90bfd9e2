import type { LeaseAnswer, LeaseReport, LeaseRequest } from '../../workers/core/quota/lease-protocol.ts'
import { emptyOwner, learn, type OwnerState } from '../../workers/core/quota/owner.ts'
import type { Recall, Round } from '../../workers/core/quota/owner-round.ts'
import { ask, askAgain, type Desk, emptyQueue, hearRecall, type Served } from '../../workers/core/quota/owner-turn.ts'
import type { World } from './world.ts'

/**
 * What an owner's work takes, in simulated milliseconds; assumptions, all of them. `ask`: a call with its durable write;
 * `account`: reading one meter's account, which every round does for each; `recall`: sending one and hearing its answer.
 */
export const OWNER_MS = { ask: 1, account: 28e-6, recall: 0.1, report: 0.5 }

/** How long a round rests for what another request has pinned; as the budget object has it. */
const PINNED_WAIT_MS = 20

/** The customer's owner: the product's pure code, driven as `BudgetObject` drives it, on one thread that can be busy. */
export class Owner {
  readonly state: OwnerState = emptyOwner()
  calls = 0
  recalls = 0
  refusals = 0
  rounds = 0
  busyMs = 0
  longestQueue = 0
  peakPerSecond = 0
  readonly #world: World
  readonly #queue = emptyQueue()
  #freeAtMs = 0
  #secondMs = 0
  #inSecond = 0
  #lastRound: Round | undefined

  constructor(world: World) {
    this.#world = world
  }

  // One thread: work waits for the work before it.
  #work(ms: number, run: () => void): void {
    const { clock } = this.#world
    this.#freeAtMs = Math.max(clock.nowMs, this.#freeAtMs) + ms
    this.busyMs += ms
    clock.after(this.#freeAtMs - clock.nowMs, run)
  }

  get #desk(): Desk {
    return { state: this.state, limits: this.#world.limits, queue: this.#queue }
  }

  lease(request: LeaseRequest, reply: (answer: LeaseAnswer) => void): void {
    this.#count()
    this.#work(OWNER_MS.ask, () => this.#serve(ask(this.#desk, { request, reply })))
  }

  report(meter: string, report: LeaseReport): void {
    this.#count()
    this.#work(OWNER_MS.report, () => learn(this.state, report, { meter, nowMs: 0 }))
  }

  // Calls that arrive in the same simulated second.
  #count(): void {
    const { nowMs } = this.#world.clock
    if (nowMs >= this.#secondMs + 1000) {
      this.#secondMs = nowMs - (nowMs % 1000)
      this.#inSecond = 0
    }
    this.calls++
    this.#inSecond++
    this.peakPerSecond = Math.max(this.peakPerSecond, this.#inSecond)
  }

  #serve({ answers, recalls, resting }: Served): void {
    this.longestQueue = Math.max(this.longestQueue, this.#queue.askers.length)
    for (const { asker, answer } of answers) {
      if (answer.kind === 'short') this.refusals++
      asker.reply(answer)
    }
    const [first] = recalls
    if (first) this.#work(this.#msToBegin(first.round), () => this.#recallAll(recalls))
    for (const round of resting) this.#world.clock.after(PINNED_WAIT_MS, () => this.#serve(askAgain(this.#desk, round)))
  }

  #msToBegin(round: Round): number {
    if (round === this.#lastRound) return 0
    this.#lastRound = round
    this.rounds++
    let accounts = 0
    for (const { meters } of this.state.accounts.values()) accounts += meters.size
    return OWNER_MS.account * accounts
  }

  #recallAll(recalls: Recall[]): void {
    this.recalls += recalls.length
    this.#world.noteRecall()
    for (const recall of recalls) {
      this.#world.recall(recall.meter, recall.request, answer =>
        this.#work(OWNER_MS.recall, () =>
          this.#serve(hearRecall(this.#desk, recall, { answer, nowMs: this.#world.clock.nowMs })),
        ),
      )
    }
  }
}

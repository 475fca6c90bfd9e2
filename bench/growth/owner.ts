import type { LeaseAnswer, LeaseReport, LeaseRequest } from '../../workers/core/quota/lease-protocol.ts'
import { emptyOwner, learn, type OwnerState } from '../../workers/core/quota/owner.ts'
import { beginTurn, hearRecall, type OwnerTurn, stepTurn } from '../../workers/core/quota/owner-turn.ts'
import type { World } from './world.ts'

/**
 * What an owner's work takes, in simulated milliseconds; assumptions, all of them. `ask`: a call with its durable write;
 * `account`: reading one meter's account, which every ask does for each; `recall`: sending one and hearing its answer.
 */
export const OWNER_MS = { ask: 1, account: 28e-6, recall: 0.1, report: 0.5 }

/** How long a turn waits for what another request has pinned; as the budget object has it. */
const PINNED_WAIT_MS = 20

type Asker = { request: LeaseRequest; reply: (answer: LeaseAnswer) => void; atMs: number }
type Serving = { asker: Asker; turn: OwnerTurn; recalls: number; roundMs: number | undefined }

/**
 * The customer's owner: the product's pure code, driven as `BudgetObject` drives it, on one thread that can be busy. With
 * `sharesRounds` it does what the product does not do yet: what meters answered to one asker holds for all who were waiting
 * when they were asked.
 */
export class Owner {
  readonly state: OwnerState = emptyOwner()
  calls = 0
  recalls = 0
  refusals = 0
  busyMs = 0
  longestQueue = 0
  peakPerSecond = 0
  /** How many meters were asked in each turn that ended in a refusal. */
  readonly recallsPerRefusal: number[] = []
  readonly #world: World
  #askers: Asker[] = []
  #isBusy = false
  #freeAtMs = 0
  #secondMs = 0
  #inSecond = 0
  #lastRound: { atMs: number; heard: OwnerTurn['heard'] } | undefined
  readonly #sharesRounds: boolean

  constructor(world: World, sharesRounds: boolean) {
    this.#world = world
    this.#sharesRounds = sharesRounds
  }

  get accounts(): number {
    let count = 0
    for (const account of this.state.accounts.values()) count += account.meters.size
    return count
  }

  // One thread: work waits for the work before it.
  #work(ms: number, run: () => void): void {
    const { clock } = this.#world
    this.#freeAtMs = Math.max(clock.nowMs, this.#freeAtMs) + ms
    this.busyMs += ms
    clock.after(this.#freeAtMs - clock.nowMs, run)
  }

  lease(request: LeaseRequest, reply: Asker['reply']): void {
    this.#count()
    this.#askers.push({ request, reply, atMs: this.#world.clock.nowMs })
    this.longestQueue = Math.max(this.longestQueue, this.#askers.length)
    if (!this.#isBusy) this.#next()
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

  #next(): void {
    const asker = this.#askers.shift()
    this.#isBusy = asker !== undefined
    if (asker) this.#step(this.#begin(asker))
  }

  #begin(asker: Asker): Serving {
    const turn = beginTurn(asker.request)
    const round = this.#lastRound
    if (!this.#sharesRounds || !round || asker.atMs > round.atMs) {
      return { asker, turn, recalls: 0, roundMs: undefined }
    }
    for (const [meter, heard] of round.heard) if (heard === 'gave') turn.heard.set(meter, heard)
    return { asker, turn, recalls: 0, roundMs: round.atMs }
  }

  #step(at: Serving): void {
    this.#work(OWNER_MS.ask + OWNER_MS.account * this.accounts, () => this.#decide(at))
  }

  #decide(at: Serving): void {
    const { turn } = at
    const step = stepTurn(this.state, this.#world.limits, { turn, nowMs: turn.request.nowMs })
    if (step.kind === 'wait') this.#world.clock.after(PINNED_WAIT_MS, () => this.#step(at))
    else if (step.kind === 'recall') this.#recall(at, step)
    else this.#answer(at, step.answer)
  }

  #answer({ asker, turn, recalls }: Serving, answer: LeaseAnswer): void {
    if (answer.kind === 'short') {
      this.refusals++
      this.recallsPerRefusal.push(recalls)
    }
    // What was granted may lie idle where nothing did when it was asked.
    const limitId = this.#world.limits[0]?.id
    if (answer.kind === 'granted') this.#lastRound?.heard.delete(`${limitId}/${turn.request.meter}`)
    asker.reply(answer)
    this.#next()
  }

  #recall(at: Serving, step: RecallStep): void {
    let missing = step.from.length
    this.recalls += missing
    at.recalls += missing
    at.roundMs ??= this.#world.clock.nowMs
    this.#lastRound = { atMs: at.roundMs, heard: at.turn.heard }
    this.#world.noteRecall()
    for (const { meter, granted } of step.from) {
      this.#world.recall(meter, { ...step.at, granted, freezeAt: 0 }, answer =>
        this.#work(OWNER_MS.recall, () => {
          hearRecall(this.state, at.turn, { at: step.at, meter, answer, nowMs: at.turn.request.nowMs })
          if (--missing === 0) this.#step(at)
        }),
      )
    }
  }
}

type RecallStep = Extract<ReturnType<typeof stepTurn>, { kind: 'recall' }>

import type { LeaseAnswer, LeaseReport, LeaseRequest, RecallAnswer } from '../../workers/core/quota/lease-protocol.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { emptyOwner, learn, type OwnerState, overlentOf } from '../../workers/core/quota/owner.ts'
import { beginTurn, hearRecall, type OwnerTurn, stepTurn } from '../../workers/core/quota/owner-turn.ts'
import type { World } from './world.ts'

type Asker = { request: LeaseRequest; reply: (answer: LeaseAnswer) => void }

/** A budget: the pure machine, its disk, and the queue of askers. */
export class OwnerNode {
  readonly scope: string
  readonly #world: World
  state: OwnerState = emptyOwner()
  limits: Limit[]
  #disk = '[]'
  #epoch = 0
  #askers: Asker[] = []
  #isBusy = false

  constructor(world: World, scope: string, limits: Limit[]) {
    this.#world = world
    this.scope = scope
    this.state.version = 1
    this.limits = limits
    // The key's first meter owned them before.
    const key = /^virtual_key:(.*)/.exec(scope)?.[1]
    if (key && !world.has('owned-by-two')) this.state.before = key
    this.#commit()
  }

  #commit(): void {
    if (this.#world.has('memory-before-storage') && this.#world.random.chance(0.5)) return
    this.#disk = JSON.stringify(
      [...this.state.accounts].map(([key, one]) => [key, { ...one, meters: [...one.meters] }]),
    )
  }

  crash(): void {
    this.#epoch++
    this.#askers = []
    this.#isBusy = false
    const accounts = JSON.parse(this.#disk).map(([key, one]: [string, { meters: [] }]) => [
      key,
      { ...one, meters: new Map(one.meters) },
    ])
    this.state = { ...this.state, accounts: new Map(accounts) }
  }

  lease(request: LeaseRequest, reply: (answer: LeaseAnswer) => void): void {
    this.#askers.push({ request: this.#world.has('no-grant-id') ? this.#asDelta(request) : request, reply })
    if (!this.#isBusy) this.#next()
  }

  // Granted once more for every copy of the message.
  #asDelta(request: LeaseRequest): LeaseRequest {
    const asks = request.asks.map(ask => {
      const account = this.state.accounts.get(`${ask.limitId}@${ask.startMs}`)
      return { ...ask, target: (account?.meters.get(request.meter)?.granted ?? 0) + ask.need }
    })
    return { ...request, asks }
  }

  #next(): void {
    const asker = this.#askers.shift()
    this.#isBusy = asker !== undefined
    if (asker) this.#step(asker, beginTurn(asker.request))
  }

  #step(asker: Asker, turn: OwnerTurn): void {
    const before = this.#grantedTo(asker.request)
    const step = stepTurn(this.state, this.limits, { turn, nowMs: this.#world.network.nowMs })
    this.#commit()
    if (step.kind === 'answer') return this.#answer(asker, step.answer, before)
    const epoch = this.#epoch
    const goOn = () => this.#epoch === epoch && this.#step(asker, turn)
    if (step.kind === 'wait') return this.#world.network.after(20, goOn)
    let missing = step.from.length
    for (const { meter, granted } of step.from) {
      const heard = (answer?: RecallAnswer) => {
        if (this.#epoch !== epoch) return
        hearRecall(this.state, turn, { at: step.at, meter, answer, nowMs: this.#world.network.nowMs })
        if (--missing === 0) goOn()
      }
      this.#world.network.call<RecallAnswer>(
        reply => this.#world.meter(meter).recall({ ...step.at, granted, freezeAt: 0 }, reply),
        heard,
        () => heard(),
      )
    }
  }

  #grantedTo({ meter, asks }: LeaseRequest): number[] {
    return asks.map(ask => this.state.accounts.get(`${ask.limitId}@${ask.startMs}`)?.meters.get(meter)?.granted ?? 0)
  }

  #answer(asker: Asker, answer: LeaseAnswer, before: number[]): void {
    if (answer.kind === 'granted')
      for (const [i, grant] of answer.grants.entries())
        Object.assign(grant, { delta: grant.granted - (before[i] ?? 0) })
    asker.reply(answer)
    this.#next()
  }

  report(meter: string, report: LeaseReport): void {
    learn(this.state, report, { meter, nowMs: this.#world.network.nowMs })
    this.#commit()
  }

  /** The first limit is changed; a lower one is in force when all idle lease has been called back. */
  setFirst(next: Limit, done: () => void): void {
    this.state.version += 1
    this.limits = this.limits.map((limit, i) => (i === 0 ? next : limit))
    const [limit] = this.limits
    const over = limit ? overlentOf(this.state, limit) : []
    const calls = over.flatMap(({ at, holders }) => holders.map(holder => ({ at, holder })))
    let missing = calls.length
    if (missing === 0) return done()
    const heard = () => --missing === 0 && done()
    for (const { at: window, holder } of calls) {
      const at = { ...window, granted: holder.granted, freezeAt: this.state.version }
      // A change is told until it is heard, and until nobody waits with lease of the old maximum: only then it is in force.
      const learned = (answer: RecallAnswer) => {
        this.report(answer.meter, answer.report)
        if (answer.isPinned) this.#world.network.after(20, ask)
        else heard()
      }
      const ask = (): void =>
        this.#world.network.call<RecallAnswer>(reply => this.#world.meter(holder.meter).recall(at, reply), learned, ask)
      ask()
    }
  }
}

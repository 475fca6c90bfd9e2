import type { LeaseAnswer, LeaseReport, LeaseRequest, RecallAnswer } from '../../workers/core/quota/lease-protocol.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { accountKey, emptyOwner, learn, type OwnerState, overlentOf } from '../../workers/core/quota/owner.ts'
import type { Recall } from '../../workers/core/quota/owner-round.ts'
import { ask, askAgain, type Desk, emptyQueue, hearRecall, type Served } from '../../workers/core/quota/owner-turn.ts'
import type { World } from './world.ts'

/** A budget: the pure machine, its disk, and the queue of askers. */
export class OwnerNode {
  readonly scope: string
  readonly #world: World
  state: OwnerState = emptyOwner()
  limits: Limit[]
  #disk = '[]'
  #epoch = 0
  #queue = emptyQueue()
  /** What each meter was told of its grants; for a bug that tells differences. */
  readonly #told = new Map<string, number>()

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
    this.#queue = emptyQueue()
    const accounts = JSON.parse(this.#disk).map(([key, one]: [string, { meters: [] }]) => [
      key,
      { ...one, meters: new Map(one.meters) },
    ])
    this.state = { ...this.state, accounts: new Map(accounts) }
  }

  get #desk(): Desk {
    if (this.#world.has('refuse-without-freeze')) this.#takeForFrozen()
    return { state: this.state, limits: this.limits, queue: this.#queue }
  }

  #takeForFrozen(): void {
    for (const { meters } of this.state.accounts.values())
      for (const known of meters.values()) known.frozenAt = Number.MAX_SAFE_INTEGER
  }

  lease(request: LeaseRequest, reply: (answer: LeaseAnswer) => void): void {
    const asked = this.#world.has('no-grant-id') ? this.#asDelta(request) : request
    // Their clocks differ by little; the newest is the owner's.
    this.#serve(ask(this.#desk, { request: { ...asked, nowMs: this.#world.network.nowMs }, reply }))
  }

  // Granted once more for every copy of the message.
  #asDelta(request: LeaseRequest): LeaseRequest {
    const asks = request.asks.map(one => ({ ...one, target: this.#grantedTo(request.meter, one) + one.need }))
    return { ...request, asks }
  }

  #grantedTo(meter: string, at: { limitId: string; startMs: number }): number {
    return this.state.accounts.get(accountKey(at))?.meters.get(meter)?.granted ?? 0
  }

  #serve({ answers, recalls, resting }: Served): void {
    this.#commit()
    const epoch = this.#epoch
    const isStill = () => this.#epoch === epoch
    for (const { asker, answer } of answers) asker.reply(this.#withDelta(asker.request.meter, answer))
    for (const recall of recalls) this.#recall(recall, isStill)
    for (const round of resting)
      this.#world.network.after(20, () => isStill() && this.#serve(askAgain(this.#desk, round)))
  }

  #recall(recall: Recall, isStill: () => boolean): void {
    const heard = (answer?: RecallAnswer) => {
      if (isStill()) this.#serve(hearRecall(this.#desk, recall, { answer, nowMs: this.#world.network.nowMs }))
    }
    this.#world.network.call<RecallAnswer>(reply => this.#world.meter(recall.meter).recall(recall.request, reply), {
      answered: heard,
      failed: () => heard(),
      farMs: this.#world.farMs(recall.meter),
    })
  }

  #withDelta(meter: string, answer: LeaseAnswer): LeaseAnswer {
    if (answer.kind !== 'granted') return answer
    const grants = answer.grants.map(grant => {
      const key = `${meter}/${accountKey(grant)}`
      const delta = grant.granted - (this.#told.get(key) ?? 0)
      this.#told.set(key, grant.granted)
      return { ...grant, delta }
    })
    return { kind: 'granted', grants }
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
      const at = { ...window, granted: holder.granted, lowered: true }
      // A change is told until it is heard, and until nobody waits with lease of the old maximum: only then it is in force.
      const learned = (answer: RecallAnswer) => {
        this.report(answer.meter, answer.report)
        if (answer.isPinned) this.#world.network.after(20, ask)
        else heard()
      }
      const ask = (): void =>
        this.#world.network.call<RecallAnswer>(reply => this.#world.meter(holder.meter).recall(at, reply), {
          answered: learned,
          failed: ask,
        })
      ask()
    }
  }
}

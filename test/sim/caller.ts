import type { AdmitCommand } from '../../workers/core/quota/admit.ts'
import type { GrowCommand } from '../../workers/core/quota/grow.ts'
import type { Need } from '../../workers/core/quota/limit.ts'
import type { SettleCommand } from '../../workers/core/quota/settle.ts'
import { eventId, NO_USAGE, type UsageEvent } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'
import { Violation } from './bugs.ts'
import type { AdmitReply } from './meter-node.ts'
import type { World } from './world.ts'

const HOLD_MS = 3000
const TRIES = 3

/** A Worker with one request: it asks, sends, and settles, or dies anywhere on the way. */
export class Caller {
  readonly callId: string
  readonly eventId: string
  readonly meter: string
  readonly command: AdmitCommand
  /** What it is asking for: its whole need at first, then what its hold is to be raised by. */
  asks: Need
  cost: number
  readonly wasShortOf = new Set<string>()
  isAsking = false
  /** The state of the world that it was last judged in. */
  judgedBy = ''
  #hasReached = false
  #isTold = false
  readonly #world: World
  readonly #diesBeforeSending: boolean
  readonly #diesBeforeSettling: boolean
  readonly #durationMs: number
  readonly #growth: number
  #mayHold: number[]

  constructor(world: World, meter: string, number: number) {
    const { random, network } = world
    const startMs = network.nowMs + random.below(20) - 10
    const hex = startMs.toString(16).padStart(12, '0')
    const need = random.chance(0.08) ? 0 : 1 + random.below(60)
    this.#world = world
    this.meter = meter
    this.callId = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`
    this.eventId = eventId(this.callId, 1)
    this.cost = random.below(need + 1)
    this.#diesBeforeSending = random.chance(0.05)
    this.#diesBeforeSettling = random.chance(0.1)
    this.#durationMs = random.below(world.isBusy ? 200 : random.chance(0.1) ? 9000 : 1500)
    const draft = eventDraft({ virtual_key_id: meter, request_id: this.callId })
    this.#growth = random.chance(0.25) ? 1 + random.below(60) : 0
    this.#mayHold = [need]
    const needs = { nano_usd: need, tokens: 0, requests: 1, in_flight: 1 }
    this.asks = needs
    const scopes = world.scopesOf(meter)
    const times = { nowMs: startMs, deadlineMs: startMs + HOLD_MS }
    this.command = {
      callId: this.callId,
      attempt: 1,
      ...times,
      need: needs,
      bound: { inputTokens: 0, outputTokens: 0 },
      scopes,
      draft,
    }
  }

  start(tries = 1): void {
    this.isAsking = true
    this.judgedBy = ''
    this.#world.checkStep()
    this.#world.network.call<AdmitReply>(reply => this.#world.meter(this.meter).admit(this.command, reply), {
      answered: answer => this.#heard(answer),
      failed: () => (tries < TRIES ? this.start(tries + 1) : this.#giveUp()),
    })
  }

  #heard(answer: AdmitReply): void {
    this.isAsking = false
    if (answer === 'unavailable') return this.#giveUp()
    if (answer === 'refused' || this.#diesBeforeSending) return
    this.#hasReached = true
    if (this.#growth > 0) this.#world.network.after(this.#durationMs / 2, () => this.#grow())
    else this.#stayAlive(this.#durationMs)
  }

  // A stream that costs more than was expected; where it is refused it is cut.
  #grow(tries = 1): void {
    const { callId, asks } = this
    const nano_usd = this.command.need.nano_usd + this.#growth
    const need = { ...this.command.need, nano_usd }
    const command: GrowCommand = {
      callId,
      attempt: 1,
      nowMs: this.#world.network.nowMs,
      need,
      bound: this.command.bound,
    }
    this.#mayHold = [...this.#mayHold, nano_usd]
    this.asks = { ...asks, nano_usd: this.#growth, requests: 0, in_flight: 0 }
    // Who asks again joins himself in the meter: he has been asking since the first time.
    if (tries === 1) this.wasShortOf.clear()
    this.isAsking = true
    this.judgedBy = ''
    this.#world.checkStep()
    this.#world.network.call<AdmitReply>(reply => this.#world.meter(this.meter).grow(command, reply), {
      answered: answer => this.#grown(answer),
      failed: () => (tries < TRIES ? this.#grow(tries + 1) : this.#grown('unavailable')),
    })
  }

  #grown(answer: AdmitReply): void {
    this.isAsking = false
    if (answer === 'admitted') this.cost += this.#world.random.below(this.#growth + 1)
    this.#stayAlive(this.#durationMs / 2)
  }

  #giveUp(): void {
    this.isAsking = false
    this.#world.network.send(() => this.#world.meter(this.meter).release(this.callId))
  }

  // Its hold is extended while it lives; a beat may be lost.
  #stayAlive(leftMs: number): void {
    const { network } = this.#world
    if (leftMs <= 800) return network.after(leftMs, () => this.#diesBeforeSettling || this.#settle(1))
    network.after(800, () => {
      const deadlineMs = network.nowMs + HOLD_MS
      network.send(() => this.#world.meter(this.meter).extend({ callId: this.callId, attempt: 1, deadlineMs }))
      this.#stayAlive(leftMs - 800)
    })
  }

  #settle(tries: number): void {
    const { network } = this.#world
    const command: SettleCommand = {
      ...{ callId: this.callId, attempt: 1, nowMs: network.nowMs, outcome: 'ok', success: true, usage: NO_USAGE },
      ...{ costNano: this.cost, latencyMs: 1, firstByteMs: 1, httpStatus: 200 },
      ...{ scopes: this.command.scopes, draft: this.command.draft },
    }
    network.call<void>(reply => this.#world.meter(this.meter).settle(command, () => reply()), {
      answered: () => {
        this.#isTold = true
      },
      failed: () => (tries < 5 ? this.#settle(tries + 1) : undefined),
    })
  }

  /** The third promise: what reached the provider has its event, at its true cost or, where the truth was lost, at its hold. */
  check(stored: Map<string, UsageEvent>): void {
    const event = stored.get(this.eventId)
    if (this.#hasReached && !event) throw new Violation(`lost: ${this.callId} reached the provider and has no event`)
    if (!event) return
    const assumed = event.outcome === 'assumed'
    if (assumed && !this.#mayHold.includes(event.cost_nano))
      throw new Violation(`${this.callId} assumed at ${event.cost_nano}`)
    if (!assumed && event.cost_nano !== this.cost)
      throw new Violation(`${this.callId} booked at ${event.cost_nano}, cost ${this.cost}`)
    if (this.#isTold && assumed) throw new Violation(`${this.callId} was settled and is still assumed`)
  }
}

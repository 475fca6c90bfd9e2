import { type Random, randomFrom } from '../../test/sim/random.ts'
import { eventDraft } from '../../test/support/event-draft.ts'
import type { AdmitCommand } from '../../workers/core/quota/admit.ts'
import { learnGrants } from '../../workers/core/quota/borrow.ts'
import type {
  LeaseAnswer,
  LeaseReport,
  LeaseRequest,
  RecallAnswer,
  RecallRequest,
} from '../../workers/core/quota/lease-protocol.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { accountOf, grant, learn } from '../../workers/core/quota/owner.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { Clock } from './clock.ts'
import { type Demand, exponential, keyPicker } from './demand.ts'
import { Left } from './left.ts'
import { type Admission, Meter } from './meter.ts'
import { Owner } from './owner.ts'

/** One case: so many requests a second over so many keys, each with a meter per region, for so long, under one budget. */
export type Case = {
  keys: number
  regions: number
  demand: Demand
  perSecond: number
  minutes: number
  seed: number
}

/** The way to the owner and back, in milliseconds, by region. */
export const ROUND_TRIP_MS = [5, 20, 40, 70, 100, 130, 150]
/** The budget is spent by this share of the requests. */
export const SPENT_AT = 0.8
/** How long the end of the budget is watched, in milliseconds. */
export const END_MS = 60_000
const MEAN_CALL_MS = 3000
/** A request may need 1 to 10 of these nano-dollars, and costs a share of it, 0.3 to 1. */
const UNIT_NANO = 1_000_000
const MEAN_COST_NANO = 5.5 * 0.65 * UNIT_NANO

const CUSTOMER = 'customer:c'
const START_MS = Date.UTC(2026, 0, 1)
const DRAFT = eventDraft()
const ENDED = { attempt: 1, outcome: 'ok', success: true, usage: NO_USAGE, latencyMs: 1, firstByteMs: 1 } as const

/** How one request fared. Milliseconds are simulated. */
export type Fate = { atMs: number; waitMs: number; admission: Admission | 'waiting' }

/** What was lent and idle at an instant, as a share of the limit. */
export type Sample = { atMs: number; stranded: number; lent: number }

/** Keys, meters, an owner and those who send, all from one seed. */
export class World {
  readonly clock = new Clock(START_MS)
  readonly limits: Limit[]
  readonly owner: Owner
  readonly meters = new Map<string, Meter>()
  readonly left: Left
  readonly fates: Fate[] = []
  readonly samples: Sample[] = []
  readonly max: number
  readonly total: number
  falseRefusals = 0
  /** Refused, and by the time of the answer there would have been enough. */
  lateRefusals = 0
  overspend = 0
  readonly waiting = new Map<string, Fate>()
  /** Spent and held, over all meters. */
  used = 0
  firstRecall: { atMs: number; stranded: number } | undefined
  firstRefusal: { atMs: number; stranded: number; recalls: number; calls: number } | undefined
  readonly #case: Case
  readonly #random: Random
  readonly #pickKey: () => number
  #sent = 0

  constructor(one: Case) {
    this.#case = one
    this.#random = randomFrom(one.seed)
    this.#pickKey = keyPicker(one.demand, one.keys, this.#random)
    this.total = Math.round(one.perSecond * one.minutes * 60)
    this.max = Math.round(this.total * SPENT_AT * MEAN_COST_NANO)
    const window = { duration: '1Y', isAligned: true, anchorMs: 0 }
    this.limits = [{ id: 'customer/usd', scope: CUSTOMER, unit: 'nano_usd', max: this.max, window }]
    this.left = new Left(this.max, START_MS)
    this.owner = new Owner(this)
  }

  #meter(key: number, region: number): Meter {
    const name = `tenant/key-${key}/${region}`
    const known = this.meters.get(name)
    if (known) return known
    const meter = new Meter(this, name, region)
    this.meters.set(name, meter)
    return meter
  }

  #oneWayMs(meter: Meter): number {
    return (ROUND_TRIP_MS[meter.region] ?? 0) / 2
  }

  ask(meter: Meter, request: LeaseRequest, heard: (answer: LeaseAnswer) => void): void {
    const ms = this.#oneWayMs(meter)
    const back = (answer: LeaseAnswer) => {
      // What is on its way to one who waits is nobody else's any more.
      const promised = answer.kind === 'granted' ? (request.asks[0]?.need ?? 0) : 0
      this.left.change(-promised, this.clock.nowMs)
      this.clock.after(ms, () => {
        this.left.change(promised, this.clock.nowMs)
        heard(answer)
      })
    }
    this.clock.after(ms, () => this.owner.lease(request, back))
  }

  report(meter: Meter, report: LeaseReport): void {
    this.clock.after(this.#oneWayMs(meter), () => this.owner.report(meter.name, report))
  }

  recall(name: string, at: RecallRequest, heard: (answer: RecallAnswer) => void): void {
    const meter = this.meters.get(name) as Meter
    const ms = this.#oneWayMs(meter)
    this.clock.after(ms, () => {
      const answer = meter.recall(at)
      this.clock.after(ms, () => heard(answer))
    })
  }

  noteRecall(): void {
    this.firstRecall ??= { atMs: this.clock.nowMs, stranded: this.stranded() }
  }

  /** What is lent, and held by nobody, as a share of the limit. */
  stranded(): number {
    let idle = 0
    for (const meter of this.meters.values()) idle += meter.idle
    return idle / this.max
  }

  #command(number: number): AdmitCommand {
    const { nowMs } = this.clock
    const hex = Math.trunc(nowMs).toString(16).padStart(12, '0')
    const callId = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${number.toString(16).padStart(12, '0')}`
    const need = { nano_usd: (1 + this.#random.below(10)) * UNIT_NANO, tokens: 0, requests: 1, in_flight: 1 }
    const bound = { inputTokens: 0, outputTokens: 0 }
    const deadlineMs = Number.MAX_SAFE_INTEGER
    return { callId, attempt: 1, nowMs, deadlineMs, need, bound, scopes: [CUSTOMER], draft: DRAFT }
  }

  #send(): void {
    const meter = this.#meter(this.#pickKey(), this.#random.below(this.#case.regions))
    const command = this.#command(this.#sent++)
    this.waiting.set(command.callId, { atMs: command.nowMs, waitMs: 0, admission: 'waiting' })
    meter.admit(command, admission => this.#end(meter, command, admission))
  }

  #end(meter: Meter, command: AdmitCommand, admission: Admission): void {
    this.waiting.delete(command.callId)
    this.fates.push({ atMs: command.nowMs, waitMs: this.clock.nowMs - command.nowMs, admission })
    if (admission === 'admitted') this.#spend(meter, command)
    if (admission === 'refused') this.#judge(command)
  }

  #spend(meter: Meter, command: AdmitCommand): void {
    const need = command.need.nano_usd
    const costNano = Math.round(need * (0.3 + 0.7 * this.#random.next()))
    this.left.change(-need, this.clock.nowMs)
    this.used += need
    this.overspend = Math.max(this.overspend, this.used - this.max)
    this.clock.after(exponential(this.#random, MEAN_CALL_MS), () => {
      const { callId, scopes, draft } = command
      const nowMs = this.clock.nowMs
      meter.settle({ ...ENDED, callId, scopes, draft, nowMs, costNano, httpStatus: 200 })
      this.left.change(need - costNano, nowMs)
      this.used -= need - costNano
    })
  }

  #judge(command: AdmitCommand): void {
    const need = command.need.nano_usd
    if (this.left.leastSince(command.nowMs) >= need) this.falseRefusals++
    if (this.left.now >= need) this.lateRefusals++
    const { recalls, calls } = this.owner
    this.firstRefusal ??= { atMs: this.clock.nowMs, stranded: this.stranded(), recalls, calls }
  }

  #sendOn(): void {
    if (this.#sent >= this.total) return
    this.#send()
    this.clock.after(exponential(this.#random, 1000 / this.#case.perSecond), () => this.#sendOn())
  }

  /** Lends `each` to the meters of all keys, as if it had been asked for: the end of a budget can begin at once. */
  prefill(each: number): void {
    const [limit] = this.limits
    const at = { limitId: limit?.id ?? '', startMs: START_MS, endMs: Date.UTC(2027, 0, 1) }
    for (let key = 0; key < this.#case.keys; key++) {
      const meter = this.#meter(key, key % this.#case.regions)
      learnGrants(meter.state, [{ ...at, granted: each, max: this.max }])
      const report = { ...at, returned: 0, overrun: 0, spent: 0, revision: 0 }
      learn(this.owner.state, report, { meter: meter.name, nowMs: START_MS })
      grant(accountOf(this.owner.state, at), meter.name, each)
    }
  }

  /** One request that needs this much, of the first key. Answers its fate once it has one. */
  sendOne(need: number): Fate | undefined {
    const command = this.#command(this.#sent++)
    command.need.nano_usd = need
    const meter = this.#meter(0, 0)
    meter.admit(command, admission => this.#end(meter, command, admission))
    this.clock.runUntil(START_MS + 3_600_000)
    return this.fates[0]
  }

  /** Runs the case: to its first refusal, or the end of its time, and a minute more. */
  run(): void {
    const endMs = START_MS + this.#case.minutes * 60_000
    const stepMs = (this.#case.minutes * 60_000) / 60
    this.#sendOn()
    for (let atMs = START_MS + stepMs; atMs < this.#endOf(endMs); atMs += stepMs) {
      this.clock.runUntil(Math.min(atMs, this.#endOf(endMs)))
      if (!this.firstRefusal) this.#sample()
    }
    this.clock.runUntil(this.#endOf(endMs))
  }

  /** Those who have no answer yet have waited until now, and will wait longer. */
  stillWaiting(): Fate[] {
    return [...this.waiting.values()].map(fate => ({ ...fate, waitMs: this.clock.nowMs - fate.atMs }))
  }

  #endOf(endMs: number): number {
    return Math.min(endMs, this.firstRefusal ? this.firstRefusal.atMs + END_MS : endMs)
  }

  #sample(): void {
    const [account] = this.owner.state.accounts.values()
    let lent = 0
    for (const { granted, returned, spent } of account?.meters.values() ?? []) lent += granted - returned - spent
    this.samples.push({ atMs: this.clock.nowMs, stranded: this.stranded(), lent: lent / this.max })
  }
}

import { isBinding, type Limit, type OnExceed } from '../../workers/core/quota/limit.ts'
import { windowOf } from '../../workers/core/quota/limit-window.ts'
import type { Telling } from '../../workers/core/quota/report-spent.ts'
import { attemptKey } from '../../workers/core/quota/state.ts'
import { watchedOf } from '../../workers/core/quota/thresholds.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { type Bug, Violation } from './bugs.ts'
import { Caller } from './caller.ts'
import { MeterNode } from './meter-node.ts'
import { Network } from './network.ts'
import { OwnerNode } from './owner-node.ts'
import { type Random, randomFrom } from './random.ts'

export type History = { seed: number; steps: number; bugs: readonly Bug[] }

/** What a limit keeps: one that only warns keeps nothing. */
function ceiling(limit: Limit): number {
  return isBinding(limit) ? limit.max : Number.POSITIVE_INFINITY
}

const DURATIONS = ['5s', '20s', '1Y']

/** Meters under one team and one customer, Workers that call, a network that loses, and D1; all from one seed. */
export class World {
  readonly random: Random
  readonly network: Network
  readonly trace: string[] = []
  readonly stored = new Map<string, UsageEvent>()
  readonly callers = new Map<string, Caller>()
  readonly #bugs: ReadonlySet<Bug>
  readonly #meters = new Map<string, MeterNode>()
  readonly #owners = new Map<string, OwnerNode>()
  readonly #own = new Map<string, Limit[]>()
  /** The most that a limit's window may hold: its maximum, or what it held when the maximum was lowered. */
  readonly #caps = new Map<string, number>()
  /** The larger of two maxima, while the owner changes from one to the other. */
  readonly #inForce = new Map<string, number>()
  /** Calls are short, and every other meter is far from the owners: what is idle moves while a round asks for it. */
  readonly isBusy: boolean
  #calls = 0
  #isSplit = false
  /** Counts changes of limits and of what is in force. */
  #changes = 0
  #news = ''
  #isOver = false

  constructor({ seed, bugs }: History) {
    this.random = randomFrom(seed)
    this.network = new Network(this.random)
    this.#bugs = new Set(bugs)
    this.isBusy = this.random.chance(0.5)
    const count = 2 + this.random.below(3)
    for (const scope of ['team:t', 'customer:c'])
      this.#owners.set(scope, new OwnerNode(this, scope, this.#makeLimits(scope)))
    for (let i = 0; i < count; i++) {
      const name = `m${i}`
      this.#own.set(name, this.random.chance(0.5) ? this.#makeLimits(`virtual_key:${name}`) : [])
      this.#meters.set(name, new MeterNode(this, { name, key: name }))
    }
    this.#addShard()
    this.#scheduleTicks()
  }

  /** How long a message between a meter and an owner takes at least. */
  farMs(meter: string): number {
    return this.isBusy && [...this.#meters.keys()].indexOf(meter) % 2 === 0 ? 120 : 0
  }

  has(bug: Bug): boolean {
    return this.#bugs.has(bug)
  }

  #makeLimits(scope: string): Limit[] {
    const isAligned = this.random.chance(0.5)
    const window = () => ({ duration: this.random.pick(DURATIONS), isAligned, anchorMs: 12_345 })
    const money: Limit = {
      id: `${scope}/$`,
      scope,
      unit: 'nano_usd',
      max: 50 + this.random.below(500),
      window: window(),
      onExceed: this.#onExceed(0.1),
      thresholds: this.random.chance(0.5) ? [50] : [],
    }
    const requests: Limit = {
      id: `${scope}/n`,
      scope,
      unit: 'requests',
      max: 3 + this.random.below(30),
      window: window(),
    }
    const flight: Limit = {
      id: `${scope}/f`,
      scope,
      unit: 'in_flight',
      max: 1 + this.random.below(6),
      window: window(),
    }
    return [
      money,
      ...(this.random.chance(0.4) ? [requests] : []),
      ...(this.random.chance(this.isBusy ? 0.7 : 0.3) ? [flight] : []),
    ]
  }

  // A second meter of the first key, which is used from some moment on; from then on a budget owns the key's limits.
  #addShard(): void {
    const scope = 'virtual_key:m0'
    this.#meters.set('m0b', new MeterNode(this, { name: 'm0b', key: 'm0' }))
    this.#owners.set(scope, new OwnerNode(this, scope, this.#own.get('m0') ?? []))
  }

  /** Whether the configuration says that the key has several meters; who has not heard of it yet still takes it for one. */
  isSplit(key: string): boolean {
    return key === 'm0' && this.#isSplit
  }

  #onExceed(warns: number): OnExceed {
    return { kind: this.random.chance(warns) ? 'warn' : 'refuse' }
  }

  meter(name: string): MeterNode {
    return this.#meters.get(name) as MeterNode
  }

  owner(scope: string): OwnerNode {
    return this.#owners.get(scope) as OwnerNode
  }

  scopesOf(meter: string): string[] {
    const { key } = this.meter(meter)
    // The first key belongs to the customer directly.
    return [`virtual_key:${key}`, ...(key === 'm0' ? [] : ['team:t']), 'customer:c']
  }

  limitsOf(meter: string): Limit[] {
    const scopes = this.scopesOf(meter)
    const owned = [...this.#owners.values()].filter(owner => scopes.includes(owner.scope))
    const own = this.#own.get(meter) ?? []
    return [...(this.meter(meter).key === 'm0' ? [] : own), ...owned.flatMap(owner => owner.limits)]
  }

  #scheduleTicks(): void {
    for (const meter of this.#meters.values()) {
      const tick = () => {
        meter.tick(this.network.nowMs)
        this.network.after(300 + this.random.below(700), tick)
      }
      this.network.after(this.random.below(1000), tick)
    }
  }

  tell(meter: string, { scope, reports }: Telling, heard: () => void): void {
    const ask = (reply: (answer: unknown) => void) => {
      for (const report of reports) this.owner(scope).report(meter, report)
      reply(undefined)
    }
    this.network.call(ask, { answered: heard, failed: () => undefined, farMs: this.farMs(meter) })
  }

  /** Through the queue into D1, and the confirmation back; each may be lost, and come twice. */
  ship(meter: string, seq: number, event: UsageEvent): void {
    this.network.send(() => {
      const known = this.stored.get(event.id)
      if (!known || known.revision < event.revision) this.stored.set(event.id, event)
      this.network.send(() => this.meter(meter).confirm(seq))
    })
  }

  /** One thing that the outside does. */
  act(): void {
    const roll = this.random.next()
    const meter = this.random.pick([...this.#meters.values()])
    const owner = this.random.pick([...this.#owners.values()])
    if (roll < 0.82) return this.#callSome(meter)
    if (roll < 0.88) return this.#note(`crash ${meter.name}`, () => meter.crash())
    if (roll < 0.92) return this.#note(`crash ${owner.scope}`, () => owner.crash())
    if (roll < 0.96) return this.#change(owner)
    if (roll < 0.965) return this.#split()
    this.network.after(this.random.below(8000), () => undefined)
  }

  // The change is told, unless the message is lost; who heard of it uses either meter, who did not uses the first.
  #split(): void {
    if (this.#isSplit) return
    this.#note('m0 has two meters', () => {
      this.#isSplit = true
      this.network.send(() => this.meter('m0').letGo())
    })
  }

  #callSome(meter: MeterNode): void {
    if (meter.name === 'm0b' && !this.#isSplit) return this.#call('m0')
    // The first meter sends who does not know of the change on.
    if (meter.name === 'm0' && meter.hasLet) return this.#call(this.random.pick(['m0', 'm0b']))
    this.#call(meter.name)
  }

  #note(what: string, work: () => void): void {
    this.trace.push(`${this.network.nowMs % 1e7} ${what}`)
    work()
  }

  #call(meter: string): void {
    const caller = new Caller(this, meter, this.#calls++)
    this.callers.set(caller.callId, caller)
    this.#note(`call ${caller.callId.slice(-4)} ${meter} needs ${caller.command.need.nano_usd}`, () => caller.start())
  }

  // One change at a time: until it is in force, the larger of the two maxima holds.
  #change(owner: OwnerNode): void {
    const [limit] = owner.limits
    // Such a change is in force when the first meter has heard of its key's snapshot as well.
    if (owner.scope === 'virtual_key:m0' && !this.meter('m0').hasLet) return
    if (!limit || this.#inForce.has(limit.id)) return
    const next = { ...limit, max: 20 + this.random.below(600), onExceed: this.#onExceed(0.15) }
    const said = (one: Limit) => `${one.id} ${one.max} ${one.onExceed?.kind}`
    this.#note(`${said(limit)} -> ${said(next)}`, () => {
      this.#inForce.set(limit.id, Math.max(ceiling(next), ceiling(limit)))
      this.#recap(limit.id)
      owner.setFirst(next, () => {
        this.#note(`${said(next)} in force`, () => this.#inForce.delete(limit.id))
        this.#recap(limit.id)
      })
    })
  }

  #recap(limitId: string): void {
    this.#changes++
    const totals = this.totals()
    for (const key of this.#caps.keys()) {
      if (key.startsWith(`${limitId}@`)) this.#caps.set(key, Math.max(this.#maxOf(limitId), totals.get(key) ?? 0))
    }
  }

  #maxOf(limitId: string): number {
    const changing = this.#inForce.get(limitId)
    if (changing !== undefined) return changing
    const all = [...[...this.#owners.values()].map(owner => owner.limits), ...this.#own.values()].flat()
    const limit = all.find(one => one.id === limitId)
    return limit ? ceiling(limit) : 0
  }

  /** Settled and held of every limit and window, over all meters. */
  totals(): Map<string, number> {
    const totals = new Map<string, number>()
    for (const meter of this.#meters.values()) {
      for (const [key, { settled, held }] of meter.state.counters)
        totals.set(key, (totals.get(key) ?? 0) + settled + held)
      for (const [key, settled] of meter.pruned) totals.set(key, (totals.get(key) ?? 0) + settled)
    }
    return totals
  }

  // All that the first two promises are judged by. The windows' edges lie on whole seconds, or 345 ms after them.
  #newsOf(totals: Map<string, number>): string {
    const { nowMs } = this.network
    const edges = Math.floor(nowMs / 1000) + Math.floor((nowMs - 345) / 1000)
    let latest = 0
    for (const { state } of this.#meters.values()) latest += state.latestMs
    let news = `${edges} ${latest} ${this.#changes}`
    for (const [key, total] of totals) news += ` ${key} ${total}`
    return news
  }

  /** The first promise, and what the second will be judged by. */
  checkStep(): void {
    const totals = this.totals()
    const news = this.#newsOf(totals)
    if (news !== this.#news) this.#checkCaps(totals)
    this.#news = news
    for (const caller of this.callers.values()) {
      if (caller.isAsking && caller.judgedBy !== news) this.#noteShort(caller, totals)
      caller.judgedBy = news
    }
  }

  #checkCaps(totals: Map<string, number>): void {
    for (const [key, total] of totals) {
      const cap = this.#caps.get(key) ?? this.#maxOf(key.split('@')[0] ?? '')
      // A window that is above a lowered maximum may only come down.
      this.#caps.set(key, Math.max(Math.min(cap, total), this.#maxOf(key.split('@')[0] ?? '')))
      if (total > cap) throw new Violation(`overspend: ${key} holds ${total} of ${cap}`)
    }
  }

  #noteShort(caller: Caller, totals: Map<string, number>): void {
    const { command } = caller
    for (const limit of this.limitsOf(caller.meter)) {
      if (caller.wasShortOf.has(limit.id)) continue
      const { state } = this.meter(caller.meter)
      const admittedMs = state.holds.get(attemptKey(command.callId, 1))?.admittedMs ?? command.nowMs
      const instants = [command.nowMs, admittedMs, state.latestMs, this.network.nowMs]
      const isShort = (atMs: number) => {
        const total = totals.get(`${limit.id}@${windowOf(limit, atMs).startMs}`) ?? 0
        return total + caller.asks[limit.unit] > limit.max
      }
      if (instants.some(isShort)) caller.wasShortOf.add(limit.id)
    }
  }

  /** The second promise: nobody is refused by a limit that had enough for him all the time that he was asking. */
  assertRefusable(command: { callId: string }, limitId: string): void {
    this.checkStep()
    const caller = this.callers.get(command.callId)
    if (caller?.isAsking && !caller.wasShortOf.has(limitId))
      throw new Violation(`false refusal: ${command.callId} by ${limitId}`)
  }

  /** The world calms down: nothing is lost any more, and everything comes to its end. */
  drain(): void {
    this.network.isFair = true
    const endMs = this.network.nowMs + 60_000
    while (this.network.nowMs < endMs && this.network.step()) this.checkStep()
    this.#isOver = true
    this.#checkEnd()
  }

  #checkEnd(): void {
    for (const meter of this.#meters.values()) {
      if (meter.state.holds.size > 0)
        throw new Violation(`${meter.name} still holds ${meter.state.holds.size} after every deadline`)
      if (meter.outbox.size > 0) throw new Violation(`${meter.name} still has ${meter.outbox.size} events to ship`)
    }
    for (const caller of this.callers.values()) caller.check(this.stored)
    this.#checkSums()
    for (const meter of this.#meters.values()) this.#checkHours(meter)
    for (const owner of this.#owners.values()) this.#checkHeard(owner)
  }

  /** What was spent of a limit with thresholds is known to its owner in the end, so that it can notice what was reached. */
  #checkHeard({ state, scope }: OwnerNode): void {
    for (const meter of this.#meters.values()) {
      for (const [key, { limitId }] of meter.state.leases) {
        const watched = watchedOf(this.limitsOf(meter.name))
        if (!watched.some(limit => limit.id === limitId && limit.scope === scope)) continue
        const spent = meter.state.counters.get(key)?.settled ?? 0
        const heard = state.accounts.get(key)?.meters.get(meter.name)?.spent ?? 0
        if (spent !== heard)
          throw new Violation(`${scope} heard of ${heard} at ${key} of ${meter.name}, not of ${spent}`)
      }
    }
  }

  /** The third promise: counters and events agree, window by window. */
  #checkSums(): void {
    const sums = new Map<string, number>()
    for (const event of this.stored.values()) {
      const caller = [...this.callers.values()].find(one => one.eventId === event.id)
      for (const limit of caller ? this.limitsOf(caller.meter) : []) {
        const used = { nano_usd: event.cost_nano, tokens: 0, requests: 1, in_flight: 0 }[limit.unit]
        const key = `${limit.id}@${windowOf(limit, event.admitted_ms).startMs}`
        sums.set(key, (sums.get(key) ?? 0) + used)
      }
    }
    for (const [key, total] of this.#checkable()) {
      if (total !== (sums.get(key) ?? 0))
        throw new Violation(`${key}: counters say ${total}, events ${sums.get(key) ?? 0}`)
    }
  }

  // A correction that comes when its window is forgotten is in the event alone.
  #checkable(): [key: string, total: number][] {
    const forgotten = new Set([...this.#meters.values()].flatMap(({ pruned }) => [...pruned.keys()]))
    return [...this.totals()].filter(([key]) => !forgotten.has(key))
  }

  /** What a meter would state of its hours is what D1 has of them: otherwise reconciling would correct what is right. */
  #checkHours({ name, state }: MeterNode): void {
    const own = [...this.stored.values()].filter(event => event.virtual_key_id === name)
    const hours = [...state.hours.open.values()]
    const stated = hours.reduce((sum, hour) => sum + hour.costNano, 0)
    const counted = hours.reduce((sum, hour) => sum + hour.events, 0)
    const cost = own.reduce((sum, event) => sum + event.cost_nano, 0)
    if (stated !== cost || counted !== own.length)
      throw new Violation(`${name} states ${counted} events of ${stated}, D1 has ${own.length} of ${cost}`)
  }

  get isOver(): boolean {
    return this.#isOver
  }
}

/** Runs one history to its end. Throws `Violation`. */
export function runHistory(history: History): World {
  const world = new World(history)
  for (let step = 0; step < history.steps; step++) {
    if (world.random.chance(0.35)) world.act()
    else world.network.step()
    world.checkStep()
  }
  world.drain()
  return world
}

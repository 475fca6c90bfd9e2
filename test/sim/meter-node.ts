import {
  type AdmitCommand,
  type AdmitDecision,
  admit,
  extendHold,
  placeHold,
  releaseHold,
} from '../../workers/core/quota/admit.ts'
import { answerRecall, borrowNext, isRefused, learnGrants, learnRecall } from '../../workers/core/quota/borrow.ts'
import { counterKey } from '../../workers/core/quota/counter-key.ts'
import { disown } from '../../workers/core/quota/disown.ts'
import { type GrowCommand, growHold } from '../../workers/core/quota/grow.ts'
import type { HourTotals } from '../../workers/core/quota/hour-totals.ts'
import { leaseOf, unpin } from '../../workers/core/quota/lease.ts'
import type { LeaseAnswer, RecallAnswer, RecallRequest } from '../../workers/core/quota/lease-protocol.ts'
import { windowOf } from '../../workers/core/quota/limit-window.ts'
import { markTold, tellUnasked } from '../../workers/core/quota/report-spent.ts'
import { expireHolds, type SettleCommand, type Settled, settle } from '../../workers/core/quota/settle.ts'
import {
  attemptKey,
  emptyState,
  pruneCounters,
  type QuotaState,
  type SettledMark,
} from '../../workers/core/quota/state.ts'
import { watchedOf } from '../../workers/core/quota/thresholds.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import type { World } from './world.ts'

/** A request that has waited for lease for longer than this is given up. */
const WAIT_MS = 1200

export type AdmitReply = 'admitted' | 'refused' | 'unavailable'

type Disk = Pick<QuotaState, 'lastSeq' | 'latestMs' | 'reportRevision'> & {
  isOwner: boolean
  hours: HourTotals[]
  counters: unknown[]
  leases: unknown[]
  holds: unknown[]
  marks: Map<string, SettledMark>
  outbox: Map<number, UsageEvent>
  pruned: Map<string, number>
}

type Asking = AdmitCommand | GrowCommand
type Waiting = { command: Asking; decide(): AdmitDecision; reply: (answer: AdmitReply) => void; isOver?: boolean }

// A limit's total is never changed, but replaced.
function copyHours(hours: Iterable<HourTotals>): HourTotals[] {
  return [...hours].map(hour => ({ ...hour, limits: { ...hour.limits } }))
}

/** A meter: the pure machine, a disk that it writes before it speaks, and the queue of those who wait for lease. */
export class MeterNode {
  readonly name: string
  /** The key whose requests it counts, and whose limits it owns until it has heard that the key has several meters. */
  readonly key: string
  #isOwner: boolean
  state: QuotaState
  outbox = new Map<number, UsageEvent>()
  /** What was spent in windows that it has forgotten. */
  pruned = new Map<string, number>()
  epoch = 0
  readonly #world: World
  #marks = new Map<string, SettledMark>()
  #disk: Disk
  #turns: Waiting[] = []
  #isTurnTaken = false
  #current: Waiting | undefined

  constructor(world: World, { name, key }: { name: string; key: string }) {
    this.#world = world
    this.name = name
    this.key = key
    this.#isOwner = name === key
    this.state = this.#fresh()
    this.#disk = this.#snapshot()
  }

  get limits() {
    return this.#world.limitsOf(this.name)
  }

  #fresh(): QuotaState {
    const state = emptyState({ get: key => this.#marks.get(key), set: (key, mark) => this.#marks.set(key, mark) })
    state.owns = scope => this.#isOwner && scope === `virtual_key:${this.key}`
    return state
  }

  #snapshot(): Disk {
    const { counters, leases, holds, lastSeq, latestMs, reportRevision } = this.state
    const copy = <T>(values: Iterable<T>) => [...values].map(value => ({ ...value }))
    const rows = { counters: copy(counters.values()), leases: copy(leases.values()), holds: copy(holds.values()) }
    const hours = copyHours(this.state.hours.open.values())
    return {
      ...rows,
      isOwner: this.#isOwner,
      hours,
      lastSeq,
      latestMs,
      reportRevision,
      marks: new Map(this.#marks),
      outbox: new Map(this.outbox),
      pruned: new Map(this.pruned),
    }
  }

  // What a meter forgets is counted here on, for the judge.
  #prune(): void {
    const watched = new Set(watchedOf(this.limits).map(({ id }) => id))
    const before = [...this.state.counters]
    pruneCounters(this.state, this.state.latestMs, watched)
    for (const [key, { settled }] of before) {
      if (!this.state.counters.has(key)) this.pruned.set(key, (this.pruned.get(key) ?? 0) + settled)
    }
  }

  /** Storage first: what is said after this was written before. */
  #commit(): void {
    this.#prune()
    if (this.#world.has('memory-before-storage') && this.#world.random.chance(0.5)) return
    this.#disk = this.#snapshot()
  }

  /** Everything in memory is gone; what was written is there. */
  crash(): void {
    this.epoch++
    this.#turns = []
    this.#isTurnTaken = false
    this.#current = undefined
    this.#marks = new Map(this.#disk.marks)
    this.outbox = new Map(this.#disk.outbox)
    this.pruned = new Map(this.#disk.pruned)
    const { lastSeq, latestMs, reportRevision } = this.#disk
    this.#isOwner = this.#disk.isOwner
    this.state = Object.assign(this.#fresh(), { lastSeq, latestMs, reportRevision })
    for (const hour of copyHours(this.#disk.hours)) this.state.hours.open.set(hour.hourMs, hour)
    for (const one of this.#disk.counters as QuotaState['counters'] extends Map<string, infer C> ? C[] : never) {
      this.state.counters.set(`${one.limitId}@${one.startMs}`, { ...one, held: 0 })
    }
    for (const one of this.#disk.leases as QuotaState['leases'] extends Map<string, infer L> ? L[] : never) {
      this.state.leases.set(`${one.limitId}@${one.startMs}`, { ...one })
    }
    for (const one of this.#disk.holds as QuotaState['holds'] extends Map<string, infer H> ? H[] : never) {
      placeHold(this.state, { ...one })
    }
    if (this.hasLet) disown(this.state)
  }

  /** Whether it knows that another owns its key's limits now. */
  get hasLet(): boolean {
    return !this.#isOwner
  }

  /** Hears that its key has several meters. */
  letGo(): void {
    if (this.hasLet) return
    this.#isOwner = false
    disown(this.state)
    this.#commit()
  }

  // A repeated request joins the one that waits.
  admit(command: AdmitCommand, reply: (answer: AdmitReply) => void): void {
    this.#take({ command, decide: () => admit(this.state, this.limits, command), reply })
  }

  grow(command: GrowCommand, reply: (answer: AdmitReply) => void): void {
    this.#take({ command, decide: () => growHold(this.state, this.limits, command), reply })
  }

  #take({ command, decide, reply }: Waiting): void {
    const same = this.#turns.find(one => one.command.callId === command.callId && one.command.need === command.need)
    if (same) {
      const { reply: first } = same
      same.reply = answer => {
        first(answer)
        reply(answer)
      }
      return
    }
    this.#turns.push({ command, decide, reply })
    if (!this.#isTurnTaken) this.#nextTurn()
  }

  #nextTurn(): void {
    const next = this.#turns.shift()
    this.#current = next
    this.#isTurnTaken = next !== undefined
    if (next) this.#decide(next)
  }

  #end(waiting: Waiting, answer: AdmitReply): void {
    waiting.isOver = true
    unpin(this.state, waiting.command)
    this.#commit()
    waiting.reply(answer)
    this.#nextTurn()
  }

  #decide(waiting: Waiting): void {
    const { command } = waiting
    // Nobody is left to hear the answer.
    if (this.#world.network.nowMs > command.nowMs + WAIT_MS) return this.#end(waiting, 'unavailable')
    const decision = waiting.decide()
    if (decision.ok) return this.#end(waiting, 'admitted')
    if (decision.reason === 'limit') {
      this.#world.assertRefusable(command, decision.standing.limitId)
      return this.#end(waiting, 'refused')
    }
    if (decision.reason !== 'short') return this.#end(waiting, 'unavailable')
    const { scope, request } = borrowNext(this.state, { attempt: command, short: decision, meter: this.name })
    this.#commit()
    const { epoch } = this
    const isStill = () => this.epoch === epoch && !waiting.isOver
    this.#world.network.call<LeaseAnswer>(answer => this.#world.owner(scope).lease(request, answer), {
      answered: answer => {
        if (!isStill()) return
        if (answer.kind !== 'unreachable') markTold(this.state, request.asks, request.nowMs)
        this.#borrowed(waiting, answer)
      },
      failed: () => isStill() && this.#end(waiting, 'unavailable'),
      farMs: this.#world.farMs(this.name),
    })
  }

  #borrowed(waiting: Waiting, answer: LeaseAnswer): void {
    if (answer.kind === 'unreachable') return this.#end(waiting, 'unavailable')
    if (answer.kind === 'granted') this.#learn(answer.grants)
    if (answer.kind === 'short') {
      const { limitId } = answer.standing
      const again = waiting.decide()
      if (isRefused(again, answer)) {
        this.#world.assertRefusable(waiting.command, limitId)
        return this.#end(waiting, 'refused')
      }
    }
    this.#decide(waiting)
  }

  #learn(grants: Extract<LeaseAnswer, { kind: 'granted' }>['grants']): void {
    if (!this.#world.has('delta-instead-of-absolute')) return learnGrants(this.state, grants)
    for (const grant of grants) leaseOf(this.state, grant).granted += (grant as { delta?: number }).delta ?? 0
  }

  // What came free since it asked is the waiting request's, before it is anybody else's.
  #serveWaiting(): void {
    const waiting = this.#current
    if (!waiting || waiting.isOver) return
    const again = waiting.decide()
    if (again.ok) this.#end(waiting, 'admitted')
  }

  /** Gives idle lease back. `lowered`: to an owner whose limit was lowered, and not to one that is short. */
  recall(at: RecallRequest & { lowered?: boolean }, reply: (answer: RecallAnswer) => void): void {
    if (this.#world.isSplit(this.key) && !this.#world.has('owned-by-two')) this.letGo()
    const told = this.#world.has('no-grant-id') ? { ...at, granted: 0 } : at
    learnRecall(this.state, told)
    this.#serveWaiting()
    const held = this.state.counters.get(counterKey(at))?.held ?? 0
    const frozenAt = this.state.leases.get(counterKey(at))?.frozenAt ?? 0
    const answer = answerRecall(this.state, told, this.name)
    if (this.#world.has('refuse-without-freeze') && !at.lowered) leaseOf(this.state, at).frozenAt = frozenAt
    if (this.#world.has('recall-ignores-holds')) answer.report.returned = leaseOf(this.state, at).returned += held
    this.#commit()
    reply(answer)
  }

  settle(command: SettleCommand, reply: () => void): void {
    if (this.#world.has('settle-not-idempotent')) this.#marks.delete(attemptKey(command.callId, command.attempt))
    if (this.#world.has('window-mismatch')) this.#moveCharges(command)
    this.#keep(settle(this.state, this.limits, command))
    this.#commit()
    reply()
  }

  #moveCharges({ callId, attempt, nowMs }: SettleCommand): void {
    const hold = this.state.holds.get(attemptKey(callId, attempt))
    for (const charge of hold?.charges ?? []) {
      const limit = this.limits.find(one => one.id === charge.limitId)
      if (limit) Object.assign(charge, windowOf(limit, nowMs))
    }
  }

  #keep(settled: Settled | undefined): void {
    if (settled) this.outbox.set(settled.seq, settled.event)
  }

  extend(ref: { callId: string; attempt: number; deadlineMs: number }): void {
    extendHold(this.state, ref)
    this.#commit()
  }

  release(callId: string): void {
    releaseHold(this.state, callId, 1)
    this.#commit()
  }

  /** What the alarm does: orphans, idle lease, the outbox. */
  tick(nowMs: number): void {
    for (const settled of expireHolds(this.state, nowMs)) this.#keep(settled)
    const tellings = this.#isTurnTaken ? [] : tellUnasked(this.state, this.limits, { nowMs, everyMs: 3000 })
    this.#commit()
    const { epoch } = this
    for (const telling of tellings) {
      this.#world.tell(this.name, telling, () => this.epoch === epoch && markTold(this.state, telling.reports, nowMs))
    }
    for (const [seq, event] of this.#disk.outbox) this.#world.ship(this.name, seq, event)
  }

  confirm(seq: number): void {
    this.outbox.delete(seq)
    this.#commit()
  }
}

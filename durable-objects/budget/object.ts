import { DurableObject } from 'cloudflare:workers'
import type {
  LeaseAnswer,
  LeaseReport,
  LeaseRequest,
  LimitWindow,
  OwnerStanding,
  RecallAnswer,
  RecallRequest,
} from '../../workers/core/quota/lease-protocol.ts'
import { type Budget, budgetOwner, type Meter, meterBefore } from '../../workers/core/quota/meter-protocol.ts'
import {
  accountKey,
  learn,
  type OwnerState,
  overlentOf,
  ownerStanding,
  ownerStandingAt,
  pruneOwner,
} from '../../workers/core/quota/owner.ts'
import type { Recall, Round } from '../../workers/core/quota/owner-round.ts'
import { ask, askAgain, type Desk, emptyQueue, hearRecall, type Served } from '../../workers/core/quota/owner-turn.ts'
import { type AlertRef, thresholdsOf } from '../../workers/core/quota/thresholds.ts'
import type { ScopeSnapshot } from '../../workers/core/snapshot.ts'
import { describe, logEvent } from '../../workers/telemetry/log.ts'
import { AlertOutbox, RESHIP_MS } from '../alert-outbox.ts'
import { inJurisdiction } from '../in-jurisdiction.ts'
import { pullScope } from './pull-scope.ts'
import { type Statements, statements } from './statements.ts'
import { ThresholdWatch } from './threshold-watch.ts'

/** How long a round rests for what another waiting request has pinned, before it looks again. */
const PINNED_WAIT_MS = 20
/** A meter that has not answered a recall for so long is taken for unreachable. */
const RECALL_MS = 2000
/** What was noticed is remembered for so long after its window. */
const DAY_MS = 86_400_000
/** An alarm that is set for an instant that is over rings at once. */
const LONG_AGO_MS = 1
/** The most meters that are asked for their newest numbers before a budget is shown. */
const MAX_HEARD = 100

function latestHeard({ accounts }: OwnerState): number {
  let latestMs = 1
  for (const { meters } of accounts.values())
    for (const { heardMs } of meters.values()) latestMs = Math.max(latestMs, heardMs)
  return latestMs
}

/**
 * The owner of a scope's limits, which it lends to meters. Grants nothing that would take what is lent, with the overrun,
 * past a maximum; refuses nobody before every meter has given back what it does not need.
 */
export class BudgetObject extends DurableObject<Env> implements Budget {
  readonly #sql: Statements = statements(this.ctx.storage.sql)
  readonly #owner = budgetOwner(this.ctx.id.name ?? '')
  readonly #before = meterBefore(this.#owner)
  readonly #state = { ...this.#sql.load(), ...(this.#before !== undefined && { before: this.#before }) }
  readonly #alerts = new AlertOutbox(this.ctx.storage.sql, this.#owner, alerts => this.env.USAGE_QUEUE.send(alerts))
  readonly #watch = new ThresholdWatch(this.ctx.storage.sql, this.#alerts)
  #snapshot: ScopeSnapshot | null = this.#sql.snapshot()
  /** The latest instant that anybody has told. */
  #latestMs = latestHeard(this.#state)
  readonly #queue = emptyQueue()
  #prunedMs = 0

  /** Askers are served in order of arrival, so that two of them cannot take the last of a limit from each other for ever. */
  async lease(request: LeaseRequest): Promise<LeaseAnswer> {
    this.#hearTime(request.nowMs)
    await this.#limits()
    this.#prune(request.nowMs)
    return new Promise(reply => {
      const served = ask(this.#desk(), { request, reply })
      this.#writeAsked(request)
      this.#serve(served)
    })
  }

  /** Learns what a meter gave back, or spent, unasked. Idempotent. */
  async report(meter: string, reports: LeaseReport[], nowMs = 0): Promise<void> {
    // A meter of an earlier deployment tells no time.
    this.#hearTime(nowMs)
    await this.#limits()
    for (const report of reports) this.#learn(meter, report)
  }

  /** Takes a newer snapshot. A lowered limit is in force when every meter has given back what it does not need. */
  async putSnapshot(snapshot: ScopeSnapshot): Promise<void> {
    if (snapshot.version < (this.#snapshot?.version ?? 0)) return
    this.#sql.writeSnapshot(snapshot)
    this.#snapshot = snapshot
    this.#state.version = snapshot.version
    if (this.#state.accounts.size > 0) this.#ringAtOnce()
    const over = snapshot.limits.flatMap(limit => overlentOf(this.#state, limit))
    await Promise.all(over.flatMap(({ at, holders }) => holders.map(holder => this.#takeBack(at, holder))))
  }

  /** How the scope's limits stand, as its meters say now; with very many meters, as they last said. */
  async read(nowMs: number): Promise<OwnerStanding[]> {
    this.#hearTime(nowMs)
    const limits = await this.#limits()
    const standings = () => limits.map(limit => ownerStandingAt(this.#state, limit, nowMs))
    await Promise.all(standings().map(at => this.#hearAll(at)))
    return standings()
  }

  /** These alerts are in D1. */
  async confirmAlerts(alerts: AlertRef[]): Promise<void> {
    this.#alerts.confirm(alerts)
  }

  /** Looks what a change of the limits has made of what is spent, and ships what was noticed until D1 has it. */
  override async alarm(): Promise<void> {
    // biome-ignore lint/plugin: an alarm is called by the platform, so nobody can pass it the time.
    const nowMs = Date.now()
    this.#hearTime(nowMs)
    for (const account of this.#state.accounts.values()) if (account.endMs > nowMs) this.#look(account)
    if (this.#alerts.size === 0) return
    // Before it is shipped: a crash in the middle leaves an alarm.
    void this.ctx.storage.setAlarm(nowMs + RESHIP_MS)
    await this.#alerts
      .ship(nowMs)
      .catch(cause => logEvent({ event: 'ship_failed', ...this.#owner, cause: describe(cause) }))
  }

  #hearTime(nowMs: number): void {
    this.#latestMs = Math.max(this.#latestMs, nowMs)
  }

  async #hearAll({ limitId, startMs, endMs }: LimitWindow): Promise<void> {
    const known = this.#state.accounts.get(accountKey({ limitId, startMs }))?.meters.keys() ?? []
    const meters = [...new Set([...known, ...(this.#before === undefined ? [] : [this.#before])])]
    if (meters.length > MAX_HEARD) return
    const hear = async (meter: string) =>
      this.#learn(meter, await this.#meter(meter).reportLease({ limitId, startMs, endMs }))
    await Promise.allSettled(meters.map(hear))
  }

  async #limits(): Promise<ScopeSnapshot['limits']> {
    if (!this.#snapshot) {
      const pulled = await pullScope(this.env.DB, this.#owner)
      if (pulled && !this.#snapshot) {
        this.#sql.writeSnapshot(pulled)
        this.#snapshot = pulled
      }
    }
    this.#state.version = this.#snapshot?.version ?? 0
    return this.#snapshot?.limits ?? []
  }

  #desk(): Desk {
    return { state: this.#state, limits: this.#snapshot?.limits ?? [], queue: this.#queue }
  }

  // Storage first: the platform holds back answers and recalls until what was granted is durable.
  #serve({ answers, recalls, resting }: Served): void {
    for (const { asker, answer } of answers) if (answer.kind === 'granted') this.#writeAsked(asker.request)
    for (const { asker, answer } of answers) asker.reply(answer)
    if (recalls.length > 0) void this.#recallAll(recalls)
    for (const round of resting) void this.#askAgain(round)
  }

  async #askAgain(round: Round): Promise<void> {
    await scheduler.wait(PINNED_WAIT_MS)
    this.#serve(askAgain(this.#desk(), round))
  }

  async #recallAll(recalls: Recall[]): Promise<void> {
    const heard = new AbortController()
    const late = scheduler.wait(RECALL_MS, { signal: heard.signal }).catch(() => undefined)
    await Promise.all(recalls.map(recall => this.#recallOne(recall, late)))
    heard.abort()
  }

  async #recallOne(recall: Recall, late: Promise<void>): Promise<void> {
    const { meter, request } = recall
    const answer = (await Promise.race([this.#recall(meter, request).catch(() => undefined), late])) ?? undefined
    const served = hearRecall(this.#desk(), recall, { answer, nowMs: this.#queue.nowMs })
    if (answer) this.#write(meter, answer.report)
    this.#serve(served)
  }

  // Told until it is heard, and until nobody waits with lease of the old maximum.
  async #takeBack(at: LimitWindow, { meter, granted }: { meter: string; granted: number }): Promise<void> {
    for (;;) {
      const answer = await this.#recall(meter, { ...at, granted })
      this.#learn(meter, answer.report)
      if (!answer.isPinned) return
      await scheduler.wait(PINNED_WAIT_MS)
    }
  }

  #recall(meter: string, at: RecallRequest): Promise<RecallAnswer> {
    return this.#meter(meter).recall(at)
  }

  #meter(name: string): Meter {
    return inJurisdiction(this.env.METER, this.env).getByName(name)
  }

  #learn(meter: string, report: LeaseReport): void {
    learn(this.#state, report, { meter, nowMs: 0 })
    this.#write(meter, report)
  }

  #writeAsked({ meter, asks }: LeaseRequest): void {
    for (const ask of asks) this.#write(meter, ask)
  }

  #write(meter: string, { limitId, startMs, endMs }: LimitWindow): void {
    const account = this.#state.accounts.get(accountKey({ limitId, startMs }))?.meters.get(meter)
    if (account) this.#sql.writeAccount({ limitId, startMs, endMs, meter }, account)
    this.#look({ limitId, startMs, endMs })
  }

  // In the turn in which it was learned, so that both are written, or neither. The alarm ships it.
  #look(at: LimitWindow): void {
    const limit = this.#snapshot?.limits.find(one => one.id === at.limitId)
    if (!limit || thresholdsOf(limit).length === 0) return
    const { startMs, endMs, spent: used } = ownerStanding(this.#state, limit, at)
    if (this.#watch.look(limit, { startMs, endMs, used }, this.#latestMs)) this.#ringAtOnce()
  }

  // Not at the instant that somebody told: his clock may be ahead of the one that rings.
  #ringAtOnce(): void {
    void this.ctx.storage.setAlarm(LONG_AGO_MS)
  }

  #prune(nowMs: number): void {
    if (nowMs < this.#prunedMs + 60_000) return
    this.#prunedMs = nowMs
    for (const forgotten of pruneOwner(this.#state, nowMs)) this.#sql.forget(forgotten)
    this.#watch.forgetBefore(nowMs - DAY_MS)
  }
}

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
import { accountKey, learn, overlentOf, ownerStandingAt, pruneOwner } from '../../workers/core/quota/owner.ts'
import type { Recall, Round } from '../../workers/core/quota/owner-round.ts'
import { ask, askAgain, type Desk, emptyQueue, hearRecall, type Served } from '../../workers/core/quota/owner-turn.ts'
import type { ScopeSnapshot } from '../../workers/core/snapshot.ts'
import { inJurisdiction } from '../in-jurisdiction.ts'
import { pullScope } from './pull-scope.ts'
import { type Statements, statements } from './statements.ts'

/** How long a round rests for what another waiting request has pinned, before it looks again. */
const PINNED_WAIT_MS = 20
/** A meter that has not answered a recall for so long is taken for unreachable. */
const RECALL_MS = 2000
/** The most meters that are asked for their newest numbers before a budget is shown. */
const MAX_HEARD = 100

/**
 * The owner of a scope's limits, which it lends to meters. Grants nothing that would take what is lent, with the overrun,
 * past a maximum; refuses nobody before every meter has given back what it does not need.
 */
export class BudgetObject extends DurableObject<Env> implements Budget {
  readonly #sql: Statements = statements(this.ctx.storage.sql)
  readonly #owner = budgetOwner(this.ctx.id.name ?? '')
  readonly #before = meterBefore(this.#owner)
  readonly #state = { ...this.#sql.load(), ...(this.#before !== undefined && { before: this.#before }) }
  #snapshot: ScopeSnapshot | null = this.#sql.snapshot()
  readonly #queue = emptyQueue()
  #prunedMs = 0

  /** Askers are served in order of arrival, so that two of them cannot take the last of a limit from each other for ever. */
  async lease(request: LeaseRequest): Promise<LeaseAnswer> {
    await this.#limits()
    this.#prune(request.nowMs)
    return new Promise(reply => {
      const served = ask(this.#desk(), { request, reply })
      this.#writeAsked(request)
      this.#serve(served)
    })
  }

  /** Learns what a meter gave back unasked. Idempotent. */
  async report(meter: string, reports: LeaseReport[]): Promise<void> {
    for (const report of reports) this.#learn(meter, report)
  }

  /** Takes a newer snapshot. A lowered limit is in force when every meter has given back what it does not need. */
  async putSnapshot(snapshot: ScopeSnapshot): Promise<void> {
    if (snapshot.version < (this.#snapshot?.version ?? 0)) return
    this.#sql.writeSnapshot(snapshot)
    this.#snapshot = snapshot
    this.#state.version = snapshot.version
    const over = snapshot.limits.flatMap(limit => overlentOf(this.#state, limit))
    await Promise.all(over.flatMap(({ at, holders }) => holders.map(holder => this.#takeBack(at, holder))))
  }

  /** How the scope's limits stand, as its meters say now; with very many meters, as they last said. */
  async read(nowMs: number): Promise<OwnerStanding[]> {
    const limits = await this.#limits()
    const standings = () => limits.map(limit => ownerStandingAt(this.#state, limit, nowMs))
    await Promise.all(standings().map(at => this.#hearAll(at)))
    return standings()
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
  }

  #prune(nowMs: number): void {
    if (nowMs < this.#prunedMs + 60_000) return
    this.#prunedMs = nowMs
    for (const forgotten of pruneOwner(this.#state, nowMs)) this.#sql.forget(forgotten)
  }
}

import { DurableObject } from 'cloudflare:workers'
import { extendHold, releaseHold, standingOf } from '../../workers/core/quota/admit.ts'
import { answerRecall, learnRecall, reportOf } from '../../workers/core/quota/borrow.ts'
import { disown } from '../../workers/core/quota/disown.ts'
import type { GrowCommand } from '../../workers/core/quota/grow.ts'
import { closeHours, closesMs } from '../../workers/core/quota/hour-totals.ts'
import type { LeaseReport, LimitWindow, RecallAnswer, RecallRequest } from '../../workers/core/quota/lease-protocol.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import {
  type AttemptRef,
  budgetName,
  type MeterAdmission,
  type MeterAdmit,
  type MeterEndpoint,
  type MeterExchange,
  type MeterExchangeAnswer,
  type MeterGrowth,
  type MeterReading,
  meterOwner,
} from '../../workers/core/quota/meter-protocol.ts'
import { markTold, nextTellingMs, type Telling, tellUnasked } from '../../workers/core/quota/report-spent.ts'
import {
  expireHolds,
  type HeldSettle,
  nextDeadline,
  type SettleCommand,
  type Settled,
  settle,
  settleHeld,
} from '../../workers/core/quota/settle.ts'
import { type Hold, pruneCounters, pruneReleased, type QuotaState } from '../../workers/core/quota/state.ts'
import {
  type AlertRef,
  type LimitAlert,
  noticeAll,
  noticeReached,
  watchedOf,
} from '../../workers/core/quota/thresholds.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import { callStartMs } from '../../workers/core/usage.ts'
import { hourOf } from '../../workers/core/window/hour.ts'
import { inJurisdiction } from '../in-jurisdiction.ts'
import { Admissions } from './admissions.ts'
import { AlarmClock } from './alarm-clock.ts'
import { GroupCommit } from './group-commit.ts'
import { loadState, saveLedger } from './ledger.ts'
import { LOOK_MS, RESEND_MS } from './outbox.ts'
import { pullSnapshot } from './pull-snapshot.ts'
import { Shipping } from './shipping.ts'
import { type Statements, statements } from './statements.ts'

/** How long a settled attempt is remembered, so that a repeated settle is known; longer where a late one may correct it. */
const KEEP_MS = { settled: 10 * 60_000, assumed: 24 * 3_600_000 }
/** Lease of which nothing was asked for so long is given back; what was spent of one is told its owner so often at most. */
const TELL_MS = 60_000

/**
 * One virtual key's money. Grants no hold that would take `settled + held` of any of the key's limits past its maximum;
 * forgets no settled attempt before D1 has it.
 */
export class MeterObject extends DurableObject<Env> implements MeterEndpoint {
  readonly #sql: Statements = statements(this.ctx.storage.sql)
  readonly #name = this.ctx.id.name ?? ''
  readonly #owner = meterOwner(this.#name)
  readonly #alarm = new AlarmClock(this.ctx.storage)
  readonly #commits = new GroupCommit(work => this.#transact(work))
  readonly #admissions = new Admissions({
    meter: this.#name,
    state: () => this.#state,
    snapshot: () => this.#snapshot,
    commit: work => this.#commits.run(work),
    withLedger: work => this.#withLedger(work),
    keep: { hold: hold => this.#keepHold(hold), growth: hold => this.#sql.attempts.writeHold(hold) },
    settle: command => this.#settleHeld(command),
    ask: (scope, request) => this.#budget(scope).lease(request),
  })
  #snapshot: KeySnapshot | null = this.#sql.snapshot()
  #state: QuotaState = this.#load()
  #isLedgerDirty = false
  #hasConfirmed = false
  #settledMs = 0
  readonly #shipping = new Shipping({
    sql: this.#sql,
    storage: this.ctx.storage.sql,
    meter: this.#owner,
    send: message => this.env.USAGE_QUEUE.send(message),
    latestMs: () => this.#state.latestMs,
  })

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    void ctx.blockConcurrencyWhile(() => this.#alarm.load())
  }

  /** The key's configuration; pulled once from D1 where this meter has none. `null`: there is no such key. */
  async snapshot(): Promise<KeySnapshot | null> {
    if (!this.#snapshot) await this.#pull()
    return this.#snapshot
  }

  /** Takes a newer snapshot; an older or repeated one changes nothing. */
  async putSnapshot(snapshot: KeySnapshot): Promise<void> {
    if (snapshot.version <= (this.#snapshot?.version ?? 0)) return
    this.#transact(() => {
      this.#sql.writeSnapshot(snapshot)
      // What is spent already may be at a threshold now.
      const isWatched = this.#state.counters.size > 0 && watchedOf(snapshot.limits).length > 0
      if (isWatched) this.#alarm.wakeBy(this.#state.latestMs)
      if (!snapshot.meters || !this.#ownsAny()) return
      disown(this.#state)
      this.#isLedgerDirty = true
    })
    this.#snapshot = snapshot
  }

  /** All limits or none, by a durable hold. Idempotent on call and attempt. */
  async admit(command: MeterAdmit): Promise<MeterAdmission> {
    await this.#catchUp(command)
    return this.#admissions.admit(command)
  }

  /** An admission and the settlements that came along with it, in one commit. */
  async exchange(commands: MeterExchange): Promise<MeterExchangeAnswer> {
    await this.#catchUp(commands.admit)
    return this.#admissions.exchange(commands)
  }

  /** Raises a hold, on all its limits or none. Idempotent. */
  async grow(command: GrowCommand): Promise<MeterGrowth> {
    return this.#admissions.grow(command)
  }

  /** Says what was spent of a lease; gives nothing back. */
  async reportLease(at: LimitWindow): Promise<LeaseReport> {
    await this.#hearOfOwner(at)
    return this.#withLedger(() => reportOf(this.#state, at))
  }

  /** Gives idle lease back: written down before the owner is told. Repeating it gives back nothing more. */
  async recall(at: RecallRequest): Promise<RecallAnswer> {
    await this.#hearOfOwner(at)
    return this.#withLedger(() => {
      learnRecall(this.#state, at)
      this.#admissions.serveWaiting()
      return answerRecall(this.#state, at, this.#name)
    })
  }

  /** Moves a hold's deadline; `false` where the hold is gone and its cost has been assumed. */
  async extend(command: AttemptRef & { deadlineMs: number }): Promise<boolean> {
    return this.#commits.run(() => {
      const isHeld = extendHold(this.#state, command)
      if (isHeld) this.#sql.attempts.moveDeadline(command.callId, command.attempt, command.deadlineMs)
      return isHeld
    })
  }

  /** Takes back a hold that was never sent. Idempotent. */
  async release(command: AttemptRef): Promise<void> {
    return this.#commits.run(() => {
      if (releaseHold(this.#state, command.callId, command.attempt)) {
        this.#sql.attempts.deleteHold(command.callId, command.attempt)
      }
    })
  }

  /** The true cost takes the hold's place, and the event is written, in one transaction. Idempotent. */
  async settle(command: SettleCommand): Promise<void> {
    return this.#commits.run(() => this.#settle(command))
  }

  /** How the key's limits stand. */
  async read(nowMs: number): Promise<MeterReading> {
    const limits = (await this.snapshot())?.limits ?? []
    const standings = limits.map(limit => standingOf(this.#state, limit, nowMs))
    return { standings, holds: this.#state.holds.size, unshipped: this.#shipping.outbox.size }
  }

  /** The rows with these numbers are in D1. The next ledger says so, at the latest when the alarm rings: until then they would be shipped again after a crash. */
  async confirm(seqs: number[]): Promise<void> {
    this.#shipping.outbox.confirm(seqs)
    this.#hasConfirmed = true
  }

  /** These statements are in D1. One that was made again in the meantime is shipped again. */
  async confirmHours(statements: { hourMs: number; revision: number }[]): Promise<void> {
    this.#shipping.hours.confirm(statements)
  }

  /** These alerts are in D1. */
  async confirmAlerts(alerts: AlertRef[]): Promise<void> {
    this.#shipping.alerts.confirm(alerts)
  }

  /** Assumes orphans, states hours that are over, ships what is left, forgets what is confirmed and old. */
  override async alarm(): Promise<void> {
    // biome-ignore lint/plugin: an alarm is called by the platform, so nobody can pass it the time.
    const nowMs = Date.now()
    this.#alarm.hasRung()
    try {
      this.#transact(() => this.#tidy(nowMs))
      await Promise.all([this.#tellOwners(nowMs), this.#shipping.ship(nowMs)])
    } finally {
      this.#wakeFor(nowMs)
      this.#alarm.arm()
    }
  }

  // The caller has seen a newer snapshot than this meter.
  async #catchUp({ snapshotVersion }: MeterAdmit): Promise<void> {
    if ((this.#snapshot?.version ?? -1) < snapshotVersion) await this.#pull()
  }

  #settleHeld(command: HeldSettle): boolean {
    const settled = settleHeld(this.#state, command)
    if (settled && settled !== 'unknown') this.#keep(settled)
    return settled !== 'unknown'
  }

  #settle(command: SettleCommand): void {
    const settled = settle(this.#state, this.#limits, command)
    if (settled) this.#keep(settled)
  }

  #keepHold(hold: Hold): void {
    this.#sql.attempts.insertHold(hold)
    this.#alarm.wakeBy(hold.deadlineMs)
  }

  #withLedger<T>(work: () => T): Promise<T> {
    return this.#commits.run(() => {
      this.#isLedgerDirty = true
      return work()
    })
  }

  #load(): QuotaState {
    const state = loadState(this.#sql)
    if (this.#snapshot?.meters) disown(state)
    return state
  }

  #ownsAny(): boolean {
    return this.#state.owns(`virtual_key:${this.#owner.keyId}`)
  }

  // Somebody speaks as the owner of a limit that this meter still takes for its own: its snapshot is out of date.
  async #hearOfOwner({ limitId }: LimitWindow): Promise<void> {
    const limit = this.#snapshot?.limits.find(one => one.id === limitId)
    if (this.#snapshot && !(limit && this.#state.owns(limit.scope))) return
    await this.#pull()
    if (this.#ownsAny()) throw new Error('this meter owns the limit itself')
  }

  #budget(scope: string) {
    const name = budgetName({ tenantId: this.#owner.tenantId, scope })
    return inJurisdiction(this.env.BUDGET, this.env).getByName(name)
  }

  // Unasked, so that money does not lie where nobody spends it, and owners notice in time what is spent.
  async #tellOwners(nowMs: number): Promise<void> {
    const tellings = await this.#commits.run(() => {
      const all = tellUnasked(this.#state, this.#limits, { nowMs, everyMs: TELL_MS })
      this.#isLedgerDirty ||= all.length > 0
      return all
    })
    await Promise.allSettled(tellings.map(telling => this.#tell(telling, nowMs)))
  }

  // That it was heard is written down with what is written next: at worst it is told again.
  async #tell({ scope, reports }: Telling, nowMs: number): Promise<void> {
    await this.#budget(scope).report(this.#name, reports, nowMs)
    markTold(this.#state, reports, nowMs)
  }

  get #limits(): Limit[] {
    return this.#snapshot?.limits ?? []
  }

  #notice(alerts: LimitAlert[]): void {
    if (alerts.length === 0) return
    for (const alert of alerts) this.#shipping.alerts.put(alert)
    this.#isLedgerDirty = true
    this.#shipping.soon()
  }

  #keep({ callId, seq, event, mark, charges }: Settled): void {
    const keepMs = event.outcome === 'assumed' ? KEEP_MS.assumed : KEEP_MS.settled
    this.#sql.attempts.settle({ callId, keepUntilMs: event.settled_ms + keepMs, body: { event, mark } })
    this.#shipping.outbox.add({ callId, attempt: event.attempt, seq, settledMs: event.settled_ms, event })
    this.#settledMs = Math.max(this.#settledMs, event.settled_ms)
    this.#alarm.wakeBy(event.settled_ms + LOOK_MS)
    this.#isLedgerDirty = true
    this.#notice(noticeReached(this.#state, this.#limits, { at: charges, nowMs: event.settled_ms }))
    this.#shipping.soon()
  }

  // Storage first: should it fail, what memory was told in the meantime is forgotten and read again.
  #transact(work: () => void): void {
    try {
      this.ctx.storage.transactionSync(() => {
        work()
        if (this.#isLedgerDirty) this.#saveLedger()
      })
      this.#alarm.arm()
    } catch (failure) {
      this.#sql.attempts.discard()
      this.#state = this.#load()
      this.#shipping.outbox.trustStorage()
      throw failure
    }
  }

  #saveLedger(): void {
    const watched = new Set(watchedOf(this.#limits).map(({ id }) => id))
    pruneCounters(this.#state, this.#state.latestMs, watched)
    saveLedger(this.#sql, this.#state, this.#shipping.outbox.confirmedSeq(this.#state.lastSeq))
    this.#isLedgerDirty = false
    this.#hasConfirmed = false
  }

  #tidy(nowMs: number): void {
    // While more is settled, that is written with it.
    this.#isLedgerDirty ||= this.#hasConfirmed && nowMs >= this.#settledMs + LOOK_MS
    pruneReleased(this.#state, nowMs)
    for (const settled of expireHolds(this.#state, nowMs)) this.#keep(settled)
    const confirmedSeq = this.#shipping.outbox.confirmedSeq(this.#state.lastSeq)
    // A ledger may go with them.
    if (this.#sql.attempts.forget(nowMs, confirmedSeq)) this.#isLedgerDirty = true
    this.#stateHours(nowMs)
    this.#notice(noticeAll(this.#state, this.#limits, nowMs))
    // In this commit, not when the alarm has done its work: a crash in between would leave the nearest deadline unwatched.
    this.#wakeFor(nowMs)
  }

  // An hour is over when no hold began in it and D1 has its events; what is corrected later is stated again.
  #stateHours(nowMs: number): void {
    const { hours, holds } = this.#state
    const busy = this.#shipping.outbox.hours()
    for (const hold of holds.values()) busy.add(hourOf(callStartMs(hold.callId)))
    const closed = closeHours(hours, hourMs => busy.has(hourMs), nowMs)
    for (const totals of closed) this.#shipping.hours.put(totals)
    const knownMs = this.#shipping.hours.forget(nowMs, Math.min(nowMs, ...hours.open.keys(), ...busy))
    this.#isLedgerDirty ||= closed.length > 0 || knownMs > hours.sinceMs
    hours.sinceMs = Math.max(hours.sinceMs, knownMs)
  }

  #wakeFor(nowMs: number): void {
    const deadlineMs = nextDeadline(this.#state)
    if (deadlineMs !== undefined) this.#alarm.wakeBy(deadlineMs)
    for (const ms of this.#shipping.wakeTimes(nowMs)) this.#alarm.wakeBy(ms)
    for (const hour of this.#state.hours.open.values()) this.#alarm.wakeBy(Math.max(closesMs(hour), nowMs + RESEND_MS))
    // Not where this very commit writes it down.
    if (this.#hasConfirmed && !this.#isLedgerDirty) this.#alarm.wakeBy(Math.max(this.#settledMs + LOOK_MS, nowMs))
    const tellingMs = nextTellingMs(this.#state, this.#limits, { nowMs, everyMs: TELL_MS })
    if (tellingMs !== undefined) this.#alarm.wakeBy(tellingMs)
    if (this.#sql.attempts.hasAny()) this.#alarm.wakeBy(nowMs + KEEP_MS.settled)
  }

  async #pull(): Promise<void> {
    const snapshot = await pullSnapshot(this.env.DB, this.#owner)
    if (snapshot) await this.putSnapshot(snapshot)
  }
}

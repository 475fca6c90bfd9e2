import { DurableObject } from 'cloudflare:workers'
import {
  type AdmitCommand,
  type AdmitDecision,
  admit,
  extendHold,
  releaseHold,
  standingOf,
} from '../../workers/core/quota/admit.ts'
import { answerRecall, giveBack, idleLeases, reportOf } from '../../workers/core/quota/borrow.ts'
import { closeHours, closesMs } from '../../workers/core/quota/hour-totals.ts'
import type {
  LeaseReport,
  LimitWindow,
  OwnerStanding,
  RecallAnswer,
  RecallRequest,
} from '../../workers/core/quota/lease-protocol.ts'
import {
  type AttemptRef,
  budgetName,
  type Meter,
  type MeterAdmission,
  type MeterAdmit,
  type MeterReading,
  meterOwner,
} from '../../workers/core/quota/meter-protocol.ts'
import { expireHolds, nextDeadline, type SettleCommand, type Settled, settle } from '../../workers/core/quota/settle.ts'
import { pruneCounters, pruneReleased, type QuotaState } from '../../workers/core/quota/state.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import { callIdFloor, callStartMs } from '../../workers/core/usage.ts'
import { hourOf } from '../../workers/core/window/hour.ts'
import { describe, logEvent } from '../../workers/telemetry/log.ts'
import { inJurisdiction } from '../in-jurisdiction.ts'
import { AlarmClock } from './alarm-clock.ts'
import { Borrower, toldStanding } from './borrower.ts'
import { GroupCommit } from './group-commit.ts'
import { HourStatements } from './hour-statements.ts'
import { loadState, saveLedger } from './ledger.ts'
import { Outbox, RESEND_MS } from './outbox.ts'
import { pullSnapshot } from './pull-snapshot.ts'
import { type Statements, statements } from './statements.ts'

/** How long a settled attempt is remembered, so that a repeated settle is known; longer where a late one may correct it. */
const KEEP_MS = { settled: 10 * 60_000, assumed: 24 * 3_600_000 }
/** Events that are settled within this time of each other are shipped together. */
const SHIP_DELAY_MS = 250
/** Lease of which nothing was asked for so long is given back. */
const IDLE_MS = 60_000

/**
 * One virtual key's money. Grants no hold that would take `settled + held` of any of the key's limits past its maximum;
 * forgets no settled attempt before D1 has it.
 */
export class MeterObject extends DurableObject<Env> implements Meter {
  readonly #sql: Statements = statements(this.ctx.storage.sql)
  readonly #name = this.ctx.id.name ?? ''
  readonly #owner = meterOwner(this.#name)
  readonly #outbox = new Outbox(this.#sql, this.#owner, message => this.env.USAGE_QUEUE.send(message))
  readonly #statements = new HourStatements(this.#sql, this.#owner, message => this.env.USAGE_QUEUE.send(message))
  readonly #alarm = new AlarmClock(this.ctx.storage)
  readonly #commits = new GroupCommit(work => this.#transact(work))
  readonly #borrower = new Borrower({
    meter: this.#name,
    state: () => this.#state,
    decide: command => this.#decide(command),
    commit: work =>
      this.#commits.run(() => {
        this.#isLedgerDirty = true
        return work()
      }),
    ask: (scope, request) => this.#budget(scope).lease(request),
  })
  #state: QuotaState = loadState(this.#sql)
  #snapshot: KeySnapshot | null = this.#sql.snapshot()
  #isLedgerDirty = false
  #shipTimer: ReturnType<typeof setTimeout> | undefined

  constructor(ctx: DurableObjectState, env: Env) {
    super(ctx, env)
    void ctx.blockConcurrencyWhile(() => this.#alarm.load())
    if (this.#outbox.size + this.#statements.size > 0) this.#shipSoon()
  }

  /** The key's configuration; pulled once from D1 where this meter has none. `null`: there is no such key. */
  async snapshot(): Promise<KeySnapshot | null> {
    if (!this.#snapshot) await this.#pull()
    return this.#snapshot
  }

  /** Takes a newer snapshot; an older or repeated one changes nothing. */
  async putSnapshot(snapshot: KeySnapshot): Promise<void> {
    if (snapshot.version <= (this.#snapshot?.version ?? 0)) return
    this.#sql.writeSnapshot(snapshot)
    this.#snapshot = snapshot
  }

  /** All limits or none, by a durable hold. Idempotent on call and attempt. */
  async admit(command: MeterAdmit): Promise<MeterAdmission> {
    if ((this.#snapshot?.version ?? -1) < command.snapshotVersion) await this.#pull()
    const first = await this.#commits.run(() => this.#admit(command))
    return first === 'short' ? this.#admitWithLease(command) : first
  }

  /** Says what was spent of a lease; gives nothing back. */
  async reportLease(at: LimitWindow): Promise<LeaseReport> {
    return this.#commits.run(() => {
      this.#isLedgerDirty = true
      return reportOf(this.#state, at)
    })
  }

  /** Gives idle lease back: written down before the owner is told. Repeating it gives back nothing more. */
  async recall(at: RecallRequest): Promise<RecallAnswer> {
    return this.#commits.run(() => {
      this.#borrower.serveWaiting()
      this.#isLedgerDirty = true
      return answerRecall(this.#state, at, this.#name)
    })
  }

  /** Moves a hold's deadline; `false` where the hold is gone and its cost has been assumed. */
  async extend(command: AttemptRef & { deadlineMs: number }): Promise<boolean> {
    return this.#commits.run(() => {
      const isHeld = extendHold(this.#state, command)
      if (isHeld) this.#sql.moveDeadline(command.callId, command.attempt, command.deadlineMs)
      return isHeld
    })
  }

  /** Takes back a hold that was never sent. Idempotent. */
  async release(command: AttemptRef): Promise<void> {
    return this.#commits.run(() => {
      if (releaseHold(this.#state, command.callId, command.attempt)) {
        this.#sql.deleteHold(command.callId, command.attempt)
      }
    })
  }

  /** The true cost takes the hold's place, and the event is written, in one transaction. Idempotent. */
  async settle(command: SettleCommand): Promise<void> {
    return this.#commits.run(() => {
      const settled = settle(this.#state, this.#snapshot?.limits ?? [], command)
      if (settled) this.#keep(settled)
    })
  }

  /** How the key's limits stand. */
  async read(nowMs: number): Promise<MeterReading> {
    const limits = (await this.snapshot())?.limits ?? []
    const standings = limits.map(limit => standingOf(this.#state, limit, nowMs))
    return { standings, holds: this.#state.holds.size, unshipped: this.#outbox.size }
  }

  /** The rows with these numbers are in D1; the next commit writes it down. */
  async confirm(seqs: number[]): Promise<void> {
    this.#outbox.confirm(seqs)
    this.#isLedgerDirty = true
  }

  /** These statements are in D1. One that was made again in the meantime is shipped again. */
  async confirmHours(statements: { hourMs: number; revision: number }[]): Promise<void> {
    this.#statements.confirm(statements)
  }

  /** Assumes orphans, states hours that are over, ships what is left, forgets what is confirmed and old. */
  override async alarm(): Promise<void> {
    // biome-ignore lint/plugin: an alarm is called by the platform, so nobody can pass it the time.
    const nowMs = Date.now()
    this.#alarm.hasRung()
    try {
      this.#transact(() => this.#tidy(nowMs))
      await this.#giveBackIdle(nowMs)
      await this.#ship(nowMs)
    } finally {
      this.#armFor(nowMs)
    }
  }

  #admit(command: MeterAdmit): MeterAdmission | 'short' {
    const snapshot = this.#snapshot
    if (snapshot?.version !== command.snapshotVersion) return { kind: 'stale', snapshot }
    return this.#render(this.#decide(command))
  }

  // Places the hold where everything fits; its row is written in the same transaction.
  #decide(command: AdmitCommand): AdmitDecision {
    const decision = admit(this.#state, this.#snapshot?.limits ?? [], command)
    if (!decision.ok) return decision
    if (decision.isNew) this.#sql.insertHold(decision.hold)
    this.#alarm.wakeBy(decision.hold.deadlineMs)
    return decision
  }

  #render(decision: AdmitDecision): MeterAdmission | 'short' {
    if (decision.ok) return { kind: 'admitted', standings: decision.standings }
    if (decision.reason === 'already_settled') return { kind: 'settled' }
    if (decision.reason === 'short') return 'short'
    return { kind: 'refused', standing: decision.standing, needed: decision.needed }
  }

  async #admitWithLease(command: MeterAdmit): Promise<MeterAdmission> {
    const borrowed = await this.#borrower.borrow(command)
    if (borrowed.kind === 'unavailable') return borrowed
    if (borrowed.kind === 'refused') return this.#refusedByOwner(command, borrowed.standing)
    const answer = this.#render(borrowed.decision)
    return answer === 'short' ? { kind: 'unavailable' } : answer
  }

  #refusedByOwner(command: MeterAdmit, told: OwnerStanding): MeterAdmission {
    const limit = this.#snapshot?.limits.find(one => one.id === told.limitId)
    if (!limit) return { kind: 'stale', snapshot: this.#snapshot }
    const standing = toldStanding(standingOf(this.#state, limit, told.startMs), told)
    return { kind: 'refused', standing, needed: command.need[limit.unit] }
  }

  #budget(scope: string) {
    const name = budgetName({ tenantId: this.#owner.tenantId, scope })
    return inJurisdiction(this.env.BUDGET, this.env).getByName(name)
  }

  // Unasked, so that money does not lie where nobody spends it. A report that is lost is made up for by the next recall.
  async #giveBackIdle(nowMs: number): Promise<void> {
    const scopeOf = (limitId: string) => this.#snapshot?.limits.find(limit => limit.id === limitId)?.scope
    const idle = await this.#commits.run(() => {
      const windows = idleLeases(this.#state, nowMs, IDLE_MS)
      this.#isLedgerDirty ||= windows.length > 0
      return windows.map(at => giveBack(this.#state, at))
    })
    await Promise.allSettled(
      idle.map(report => {
        const scope = scopeOf(report.limitId)
        return scope && this.#budget(scope).report(this.#name, [report])
      }),
    )
  }

  #keep({ callId, seq, event, mark }: Settled): void {
    const keepMs = event.outcome === 'assumed' ? KEEP_MS.assumed : KEEP_MS.settled
    this.#sql.writeSettled(callId, event.settled_ms + keepMs, { event, mark })
    this.#outbox.add({ callId, attempt: event.attempt, seq })
    this.#alarm.wakeBy(event.settled_ms + RESEND_MS)
    this.#isLedgerDirty = true
    this.#shipSoon()
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
      this.#state = loadState(this.#sql)
      throw failure
    }
  }

  #saveLedger(): void {
    pruneCounters(this.#state, this.#state.latestMs)
    saveLedger(this.#sql, this.#state, this.#outbox.confirmedSeq(this.#state.lastSeq))
    this.#isLedgerDirty = false
  }

  #tidy(nowMs: number): void {
    pruneReleased(this.#state, nowMs)
    for (const settled of expireHolds(this.#state, nowMs)) this.#keep(settled)
    const confirmedSeq = this.#outbox.confirmedSeq(this.#state.lastSeq)
    this.#sql.forget(callIdFloor(nowMs - KEEP_MS.settled), confirmedSeq, nowMs)
    this.#stateHours(nowMs)
  }

  // An hour is over when no hold began in it and D1 has its events; what is corrected later is stated again.
  #stateHours(nowMs: number): void {
    const { hours, holds } = this.#state
    const busy = this.#outbox.hours()
    for (const hold of holds.values()) busy.add(hourOf(callStartMs(hold.callId)))
    const closed = closeHours(hours, hourMs => busy.has(hourMs), nowMs)
    for (const totals of closed) this.#statements.put(totals)
    const knownMs = this.#statements.forget(nowMs, Math.min(nowMs, ...hours.open.keys(), ...busy))
    this.#isLedgerDirty ||= closed.length > 0 || knownMs > hours.sinceMs
    hours.sinceMs = Math.max(hours.sinceMs, knownMs)
  }

  #armFor(nowMs: number): void {
    const deadlineMs = nextDeadline(this.#state)
    if (deadlineMs !== undefined) this.#alarm.wakeBy(deadlineMs)
    if (this.#outbox.size > 0) this.#alarm.wakeBy(nowMs + RESEND_MS)
    for (const hour of this.#state.hours.open.values()) this.#alarm.wakeBy(Math.max(closesMs(hour), nowMs + RESEND_MS))
    const statementsMs = this.#statements.nextMs(nowMs)
    if (statementsMs !== undefined) this.#alarm.wakeBy(statementsMs)
    if (this.#state.leases.size > 0) this.#alarm.wakeBy(nowMs + IDLE_MS)
    if (this.#sql.hasAttempts()) this.#alarm.wakeBy(nowMs + KEEP_MS.settled)
    this.#alarm.arm()
  }

  #shipSoon(): void {
    this.#shipTimer ??= setTimeout(() => {
      this.#shipTimer = undefined
      void this.#ship(this.#state.latestMs)
    }, SHIP_DELAY_MS)
  }

  // Rows that could not be shipped stay in the outbox, and the alarm tries again.
  async #ship(nowMs: number): Promise<void> {
    const shipping = [this.#outbox.ship(nowMs), this.#statements.ship(nowMs)]
    const failed = (cause: unknown) => logEvent({ event: 'ship_failed', ...this.#owner, cause: describe(cause) })
    await Promise.all(shipping.map(one => one.catch(failed)))
  }

  async #pull(): Promise<void> {
    const snapshot = await pullSnapshot(this.env.DB, this.#owner)
    if (snapshot) await this.putSnapshot(snapshot)
  }
}

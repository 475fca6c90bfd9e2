import { type HourStatement, MAX_LIMITS, type StatementMessage } from '../../workers/contracts/usage-message.ts'
import type { HourTotals } from '../../workers/core/quota/hour-totals.ts'
import { HOUR_MS } from '../../workers/core/window/hour.ts'
import { sendInTime } from '../send-in-time.ts'
import { RESEND_MS } from './outbox.ts'
import type { Statements } from './statements.ts'

/** How long an hour is remembered after its last change: an assumed charge may be corrected for a day. */
const KEEP_MS = 26 * HOUR_MS

function statementOf({ changedMs, limits, ...totals }: HourTotals): HourStatement {
  return { ...totals, limits: Object.values(limits).slice(0, MAX_LIMITS) }
}

/** What this meter says of hours that are over. Each is shipped until D1 has its newest revision. */
export class HourStatements {
  readonly #sql: Statements
  readonly #meter: StatementMessage['meter']
  readonly #send: (message: StatementMessage) => Promise<unknown>
  /** When each unconfirmed hour was last shipped. */
  readonly #pending = new Map<number, number | undefined>()
  #shipping: Promise<void> | undefined

  constructor(
    sql: Statements,
    meter: StatementMessage['meter'],
    send: (message: StatementMessage) => Promise<unknown>,
  ) {
    this.#sql = sql
    this.#meter = meter
    this.#send = send
    for (const hourMs of sql.unconfirmedHours()) this.#pending.set(hourMs, undefined)
  }

  get size(): number {
    return this.#pending.size
  }

  /** States an hour, or states it again. Runs inside a transaction. */
  put(totals: HourTotals): void {
    this.#sql.writeHour(totals, Math.max(totals.hourMs + HOUR_MS, totals.changedMs) + KEEP_MS)
    this.#pending.set(totals.hourMs, undefined)
  }

  confirm(statements: { hourMs: number; revision: number }[]): void {
    for (const { hourMs, revision } of statements) this.#sql.confirmHour(hourMs, revision)
    const unconfirmed = new Set(this.#sql.unconfirmedHours())
    for (const hourMs of this.#pending.keys()) if (!unconfirmed.has(hourMs)) this.#pending.delete(hourMs)
  }

  /** Ships what was never shipped, or was and not confirmed in time. One run at a time. */
  ship(nowMs: number): Promise<void> {
    this.#shipping ??= this.#shipAll(nowMs).finally(() => {
      this.#shipping = undefined
    })
    return this.#shipping
  }

  // One hour a message: with all its limits it is nearly as large as a message may be.
  async #shipAll(nowMs: number): Promise<void> {
    for (const [hourMs, sentMs] of [...this.#pending]) {
      if (sentMs !== undefined && sentMs + RESEND_MS > nowMs) continue
      const totals = this.#sql.hourTotals(hourMs)
      if (totals) await sendInTime(this.#send({ v: 1, meter: this.#meter, statements: [statementOf(totals)] }))
      this.#markSent(hourMs, totals?.revision, nowMs)
    }
  }

  // Confirmed while it was on its way, it is done; stated again, it is as if never shipped.
  #markSent(hourMs: number, revision: number | undefined, nowMs: number): void {
    if (revision === undefined) this.#pending.delete(hourMs)
    else if (this.#pending.has(hourMs) && this.#sql.hourTotals(hourMs)?.revision === revision)
      this.#pending.set(hourMs, nowMs)
  }

  /**
   * Forgets hours that nothing can change any more, the oldest first, and none that is not before `openMs`. Answers the
   * instant before which this meter knows no hour in full.
   */
  forget(nowMs: number, openMs: number): number {
    const lastMs = this.#sql.forgetHours(nowMs, openMs)
    return lastMs === undefined ? 0 : lastMs + HOUR_MS
  }

  /** When there is something to do next, in UTC epoch milliseconds. */
  nextMs(nowMs: number): number | undefined {
    if (this.#pending.size > 0) return nowMs + RESEND_MS
    const keptMs = this.#sql.oldestKeptMs()
    return keptMs === undefined ? undefined : Math.max(keptMs, nowMs + RESEND_MS)
  }
}

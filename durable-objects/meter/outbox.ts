import type { UsageMessage } from '../../workers/contracts/usage-message.ts'
import { callStartMs, type UsageEvent } from '../../workers/core/usage.ts'
import { hourOf } from '../../workers/core/window/hour.ts'
import { sendInTime } from '../send-in-time.ts'
import type { Statements } from './statements.ts'

/** Stays below the queue's 128 KB a message with room for its envelope. */
const MAX_MESSAGE_BYTES = 120_000
const MAX_ROWS = 100
/** What was shipped and is not confirmed for this long counts as lost, in milliseconds. */
export const RESEND_MS = 60_000
/**
 * A meter with rows younger than `RESEND_MS` is woken so soon, in milliseconds. What was shipped before a crash may be lost
 * with the queue's memory, and the meter that comes after ships all anew, but only once something wakes it.
 */
export const LOOK_MS = 10_000

/** As many events that were not shipped yet are kept in memory; those of more are read from storage when it is their turn. */
const MAX_KEPT = 1000

/** A settled attempt that D1 has not confirmed; with its event, where that is at hand. */
export type Unconfirmed = { callId: string; attempt: number; seq: number; settledMs: number; event?: UsageEvent }

type Pending = Unconfirmed & { sentMs: number | undefined }

const ASCII = /^[\0-\x7f]*$/

// Of one that is not plain: a UTF-16 unit is at most 3 bytes of UTF-8.
function mostBytes(text: string): number {
  return ASCII.test(text) ? text.length : 3 * text.length
}

/** What this meter has settled and D1 has not yet confirmed. Rows stay in storage until they are; shipping may repeat. */
export class Outbox {
  readonly #sql: Statements
  readonly #meter: UsageMessage['meter']
  readonly #send: (message: UsageMessage) => Promise<unknown>
  readonly #pending = new Map<number, Pending>()
  #shipping: Promise<void> | undefined

  constructor(sql: Statements, meter: UsageMessage['meter'], send: (message: UsageMessage) => Promise<unknown>) {
    this.#sql = sql
    this.#meter = meter
    this.#send = send
    for (const row of sql.attempts.settledAfter(sql.ledger()?.confirmedSeq ?? 0)) this.add(row)
  }

  get size(): number {
    return this.#pending.size
  }

  /** All rows up to this number are in D1. */
  confirmedSeq(lastSeq: number): number {
    const [oldest] = this.#pending.keys()
    return oldest === undefined ? lastSeq : oldest - 1
  }

  /** When the meter has to be awake for its rows, in UTC epoch milliseconds; `undefined` where all are confirmed. */
  wakeMs(nowMs: number): number | undefined {
    if (this.#pending.size === 0) return undefined
    let youngestMs = 0
    for (const { settledMs } of this.#pending.values()) youngestMs = Math.max(youngestMs, settledMs)
    return nowMs + (nowMs - youngestMs < RESEND_MS ? LOOK_MS : RESEND_MS)
  }

  /** The hours of which D1 does not have all events yet. */
  hours(): Set<number> {
    return new Set([...this.#pending.values()].map(row => hourOf(callStartMs(row.callId))))
  }

  add({ event, ...row }: Unconfirmed): void {
    const isKept = event !== undefined && this.#pending.size < MAX_KEPT
    this.#pending.set(row.seq, { ...row, ...(isKept && { event }), sentMs: undefined })
  }

  /** A transaction has failed: what it settled is not in storage, from which all is read now. */
  trustStorage(): void {
    for (const row of this.#pending.values()) delete row.event
  }

  confirm(seqs: number[]): void {
    for (const seq of seqs) this.#pending.delete(seq)
  }

  /** Ships what was never shipped, or was and not confirmed in time. One run at a time; a caller may await it. */
  ship(nowMs: number): Promise<void> {
    this.#shipping ??= this.#shipAll(nowMs).finally(() => {
      this.#shipping = undefined
    })
    return this.#shipping
  }

  async #shipAll(nowMs: number): Promise<void> {
    for (let rows = this.#due(nowMs); rows.length > 0; rows = this.#due(nowMs)) {
      const message = this.#pack(rows)
      if (message.rows.length > 0) await sendInTime(this.#send(message))
      for (const { seq } of message.rows) this.#markSent(seq, nowMs)
    }
  }

  #due(nowMs: number): Pending[] {
    const due: Pending[] = []
    for (const row of this.#pending.values()) {
      if (row.sentMs === undefined || row.sentMs + RESEND_MS <= nowMs) due.push(row)
      if (due.length === MAX_ROWS) break
    }
    return due
  }

  #pack(due: Pending[]): UsageMessage {
    const rows: UsageMessage['rows'] = []
    let bytes = 0
    for (const { callId, attempt, seq, event = this.#sql.attempts.settled(callId, attempt)?.event } of due) {
      if (!event) {
        this.#pending.delete(seq)
        continue
      }
      bytes += mostBytes(JSON.stringify(event))
      if (rows.length > 0 && bytes > MAX_MESSAGE_BYTES) break
      rows.push({ seq, event })
    }
    return { v: 1, meter: this.#meter, rows }
  }

  #markSent(seq: number, nowMs: number): void {
    const row = this.#pending.get(seq)
    if (!row) return
    row.sentMs = nowMs
    delete row.event
  }
}

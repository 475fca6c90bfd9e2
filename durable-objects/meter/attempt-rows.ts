import type { Hold, SettledMark } from '../../workers/core/quota/state.ts'
import { callStartMs, type UsageEvent } from '../../workers/core/usage.ts'
import { Generations } from './generations.ts'
import { holdBody, readHold } from './hold-body.ts'

/** The body of a settled row. */
export type SettledBody = { event: UsageEvent; mark: SettledMark }

/** An attempt that this commit settles. */
type Settling = { callId: string; keepUntilMs: number; body: SettledBody }

type UnconfirmedRow = { call_id: string; attempt: number; seq: number; settled_ms: number }
type HoldRow = { deadline_ms: number; body: string }

/** Holds and settled attempts, a row each for its life. What is settled is written when all of its commit is known. */
export class AttemptRows {
  readonly #sql: SqlStorage
  readonly #tables: Generations
  #settling = new Map<string, Settling>()

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#tables = new Generations(sql)
  }

  /** All that is held. */
  holds(): Hold[] {
    return this.#tables.names
      .flatMap(table => this.#rows<HoldRow>(`SELECT deadline_ms, body FROM ${table} WHERE seq IS NULL`))
      .map(row => readHold(row.body, row.deadline_ms))
  }

  insertHold(hold: Hold): void {
    const table = this.#tables.take(hold.admittedMs)
    const text = `INSERT INTO ${table} (call_id, attempt, deadline_ms, body) VALUES (?1, ?2, ?3, ?4)`
    this.#sql.exec(text, hold.callId, hold.attempt, hold.deadlineMs, holdBody(hold))
  }

  writeHold(hold: Hold): void {
    this.#change(hold.callId, hold.attempt, table => [`UPDATE ${table} SET body = ?3`, holdBody(hold)])
  }

  moveDeadline(callId: string, attempt: number, deadlineMs: number): void {
    this.#change(callId, attempt, table => [`UPDATE ${table} SET deadline_ms = ?3`, deadlineMs])
  }

  deleteHold(callId: string, attempt: number): void {
    this.#change(callId, attempt, table => [`DELETE FROM ${table}`])
  }

  /** An attempt is settled; `flush` writes it. */
  settle(settling: Settling): void {
    this.#settling.set(`${settling.callId}/${settling.body.event.attempt}`, settling)
  }

  /**
   * Writes what was settled since the last time. Where that is one attempt, the ledger is written into its row, if there is one to
   * write; whether it was.
   */
  flush(ledger: string | undefined): boolean {
    const settling = [...this.#settling.values()]
    this.#settling.clear()
    const own = settling.length === 1 ? ledger : undefined
    for (const one of settling) this.#write(one, own ?? null)
    return own !== undefined
  }

  /** The commit has failed: nothing of it is in storage. */
  discard(): void {
    this.#settling.clear()
    this.#tables.reload()
  }

  settled(callId: string, attempt: number): SettledBody | undefined {
    const settling = this.#settling.get(`${callId}/${attempt}`)
    if (settling) return settling.body
    for (const table of this.#tables.of(callId)) {
      const text = `SELECT body FROM ${table} WHERE call_id = ?1 AND attempt = ?2 AND seq IS NOT NULL`
      const [row] = this.#rows<{ body: string }>(text, callId, attempt)
      if (row) return JSON.parse(row.body)
    }
    return undefined
  }

  /** When the latest call of all began, in UTC epoch milliseconds; 0 where there is none. */
  lastStartMs(): number {
    const latest = this.#tables.names.map(table => {
      const [row] = this.#rows<{ id: string | null }>(`SELECT max(call_id) AS id FROM ${table}`)
      return row?.id == null ? 0 : callStartMs(row.id)
    })
    return Math.max(0, ...latest)
  }

  /** What was settled under a later number, in order. */
  settledAfter(seq: number) {
    const settledMs = `json_extract(body, '$.event.settled_ms') AS settled_ms`
    return this.#tables.names
      .flatMap(table => {
        const text = `SELECT call_id, attempt, seq, ${settledMs} FROM ${table} WHERE seq > ?1`
        return this.#rows<UnconfirmedRow>(text, seq)
      })
      .toSorted((a, b) => a.seq - b.seq)
      .map(row => ({ callId: row.call_id, attempt: row.attempt, seq: row.seq, settledMs: row.settled_ms }))
  }

  /** The last ledger that was written into a row. */
  ledger(): string | undefined {
    const found = this.#tables.names.flatMap(table => {
      const text = `SELECT seq, ledger FROM ${table} WHERE ledger IS NOT NULL ORDER BY seq DESC LIMIT 1`
      return this.#rows<{ seq: number; ledger: string }>(text)
    })
    return found.toSorted((a, b) => b.seq - a.seq)[0]?.ledger
  }

  /** Forgets what D1 has and nobody can ask about any more; whether that was anything, ledgers among it. */
  forget(nowMs: number, confirmedSeq: number): boolean {
    // A hold has no number.
    return this.#tables.forget(nowMs, {
      where: 'seq IS NOT NULL AND seq <= ?1 AND keep_until_ms <= ?2',
      values: [confirmedSeq, nowMs],
    })
  }

  hasAny(): boolean {
    return this.#tables.names.some(table => this.#rows(`SELECT 1 FROM ${table} LIMIT 1`).length > 0)
  }

  #rows<T extends Record<string, SqlStorageValue>>(text: string, ...values: SqlStorageValue[]): T[] {
    return this.#sql.exec<T>(text, ...values).toArray()
  }

  // A hold, wherever it is.
  #change(callId: string, attempt: number, of: (table: string) => [text: string, ...values: SqlStorageValue[]]): void {
    for (const table of this.#tables.of(callId)) {
      const [text, ...values] = of(table)
      const where = 'WHERE call_id = ?1 AND attempt = ?2 AND seq IS NULL'
      if (this.#sql.exec(`${text} ${where}`, callId, attempt, ...values).rowsWritten > 0) return
    }
  }

  #write({ callId, keepUntilMs, body }: Settling, ledger: string | null): void {
    const values = [callId, body.event.attempt, body.mark.seq, keepUntilMs, JSON.stringify(body), ledger]
    for (const table of this.#tables.of(callId)) {
      const text = `UPDATE ${table} SET seq = ?3, deadline_ms = NULL, keep_until_ms = ?4, body = ?5, ledger = ?6
        WHERE call_id = ?1 AND attempt = ?2`
      if (this.#sql.exec(text, ...values).rowsWritten > 0) return
    }
    const table = this.#tables.take(body.event.settled_ms)
    const names = '(call_id, attempt, seq, keep_until_ms, body, ledger)'
    this.#sql.exec(`INSERT INTO ${table} ${names} VALUES (?1, ?2, ?3, ?4, ?5, ?6)`, ...values)
  }
}

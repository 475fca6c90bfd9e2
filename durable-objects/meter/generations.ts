import { callStartMs } from '../../workers/core/usage.ts'

/**
 * One row for the life of an attempt. A hold has no `seq`; settling gives it one and makes `body` its event. It is clustered by
 * call id, which begins with the time, so that it is found without an index (an index would cost a written row for each).
 * `ledger`: what the ledger was after a commit that settled this attempt and no other.
 */
const COLUMNS = `
  call_id TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  seq INTEGER,
  deadline_ms INTEGER,
  keep_until_ms INTEGER,
  body TEXT NOT NULL,
  ledger TEXT,
  PRIMARY KEY (call_id, attempt)
`

/** A table takes new attempts for so long, in milliseconds, */
const SPAN_MS = 10 * 60_000
/** and longer while it has fewer rows: to make a table costs two written rows. To drop one costs none, however many it has. */
const FEW_ROWS = 4
/** A large one is looked through only so long after it took its last attempt, and after it was last looked through. */
const REST_MS = { taken: 10 * 60_000, looked: 60_000 }

type Generation = { name: string; fromMs: number; rows: number; restsUntilMs: number }

/** A condition on rows that may be forgotten, and its values. */
export type Forgettable = { where: string; values: number[] }

/**
 * The tables that attempts are in, the newest first. What is old is forgotten by the table, since a row that is deleted costs as
 * much as one that is written. An attempt is in the table that was the newest when it was admitted, or in a newer one.
 */
export class Generations {
  readonly #sql: SqlStorage
  #all: Generation[] = []

  constructor(sql: SqlStorage) {
    this.#sql = sql
    this.#adopt()
    this.reload()
  }

  /** Reads again which tables there are: at the start, and where a transaction that may have made or dropped one has failed. */
  reload(): void {
    const text = `SELECT name FROM sqlite_master WHERE type = 'table' AND name GLOB 'attempt_[0-9]*'`
    const names = this.#sql.exec<{ name: string }>(text).toArray()
    this.#all = names
      .map(({ name }) => ({ name, fromMs: Number(name.slice('attempt_'.length)), restsUntilMs: 0 }))
      .map(one => ({ ...one, rows: this.#count(one.name).rows }))
      .toSorted((a, b) => b.fromMs - a.fromMs)
  }

  /** All tables. */
  get names(): string[] {
    return this.#all.map(({ name }) => name)
  }

  /** Where an attempt of this call may be, the likeliest first. */
  of(callId: string): string[] {
    const startMs = callStartMs(callId)
    // A call that began after a table had been followed by another is not in it.
    return this.names.filter((_, at) => !(startMs > (this.#all[at - 1]?.fromMs ?? Number.POSITIVE_INFINITY)))
  }

  /** The table that takes one row more now. */
  take(nowMs: number): string {
    const [newest] = this.#all
    const isOver = !newest || (newest.rows >= FEW_ROWS && nowMs - newest.fromMs >= SPAN_MS)
    const taking = isOver ? this.#make(nowMs) : newest
    taking.rows += 1
    taking.restsUntilMs = nowMs + REST_MS.taken
    return taking.name
  }

  /**
   * Forgets what may be forgotten; whether there was anything. Where that is most of an older table, the others go on into the
   * newest and it is dropped.
   */
  forget(nowMs: number, old: Forgettable): boolean {
    const due = this.#all.filter(one => one.rows < FEW_ROWS || one.restsUntilMs <= nowMs)
    for (const one of due) one.restsUntilMs = nowMs + REST_MS.looked
    return due.filter(one => this.#forgetOf(one, old)).length > 0
  }

  // There was one table for all, and no ledger in it.
  #adopt(): void {
    const text = `SELECT name FROM sqlite_master WHERE type = 'table' AND name = 'attempt'`
    if (this.#sql.exec(text).toArray().length === 0) return
    this.#sql.exec('ALTER TABLE attempt RENAME TO attempt_0; ALTER TABLE attempt_0 ADD COLUMN ledger TEXT')
  }

  #forgetOf(one: Generation, old: Forgettable): boolean {
    const { rows, olds } = this.#count(one.name, old)
    const isNewest = one === this.#all[0]
    one.rows = rows
    if (olds === rows && (rows > FEW_ROWS / 2 || !isNewest)) this.#drop(one)
    else if (olds > rows / 2 && !isNewest) this.#carryOver(one, old)
    else if (rows < FEW_ROWS) this.#delete(one, old)
    else return false
    return olds > 0
  }

  #make(fromMs: number): Generation {
    const made = { name: `attempt_${fromMs}`, fromMs, rows: 0, restsUntilMs: 0 }
    this.#sql.exec(`CREATE TABLE ${made.name} (${COLUMNS}) STRICT, WITHOUT ROWID`)
    this.#all.unshift(made)
    return made
  }

  #count(table: string, { where, values }: Forgettable = { where: 'FALSE', values: [] }) {
    const text = `SELECT count(*) AS rows, count(*) FILTER (WHERE ${where}) AS olds FROM ${table}`
    return this.#sql.exec<{ rows: number; olds: number }>(text, ...values).one()
  }

  #drop(one: Generation): void {
    this.#sql.exec(`DROP TABLE ${one.name}`)
    this.#all = this.#all.filter(other => other !== one)
  }

  #carryOver(one: Generation, { where, values }: Forgettable): void {
    const [newest] = this.#all
    if (!newest) return
    this.#sql.exec(`INSERT INTO ${newest.name} SELECT * FROM ${one.name} WHERE NOT (${where})`, ...values)
    newest.rows = this.#count(newest.name).rows
    this.#drop(one)
  }

  #delete(one: Generation, { where, values }: Forgettable): void {
    this.#sql.exec(`DELETE FROM ${one.name} WHERE ${where}`, ...values)
    one.rows = this.#count(one.name).rows
  }
}

import type { HourTotals } from '../../workers/core/quota/hour-totals.ts'
import type { Lease } from '../../workers/core/quota/lease.ts'
import type { Counter } from '../../workers/core/quota/state.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import { AttemptRows } from './attempt-rows.ts'

/** `meta`: single documents. `statement`: what was said of an hour that is over. Attempts are in tables of their own. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS statement (
    hour_ms INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    confirmed_revision INTEGER NOT NULL,
    keep_until_ms INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`

/**
 * Counters, leases, open hours and sequence numbers: one document, written once per commit. It is in `meta`, or where that is
 * older, in the row of the attempt that was settled last.
 */
export type Ledger = {
  /** Counts how often it was written; absent in one from before it was ever written into a row. */
  version?: number
  counters: Counter[]
  leases: Lease[]
  /** Absent in a ledger from before hours were kept: then its hours are not known in full. */
  hours?: HourTotals[]
  hoursSinceMs?: number
  reportRevision: number
  lastSeq: number
  confirmedSeq: number
  latestMs: number
}

function parsed<T>(text: string | undefined): T | undefined {
  return JSON.parse(text ?? 'null') ?? undefined
}

function newer(one: Ledger | undefined, other: Ledger | undefined): Ledger | undefined {
  return (other?.version ?? 0) > (one?.version ?? 0) ? other : one
}

function documents(sql: SqlStorage, rows: AttemptRows) {
  const read = (name: string) =>
    sql.exec<{ body: string }>('SELECT body FROM meta WHERE name = ?1', name).toArray()[0]?.body
  const write = (name: string, text: string) =>
    sql.exec('INSERT OR REPLACE INTO meta (name, body) VALUES (?1, ?2)', name, text)
  const ledger = () => newer(parsed<Ledger>(read('ledger')), parsed<Ledger>(rows.ledger()))
  let version: number | undefined
  return {
    ledger,
    /** With what was settled in the same commit. */
    writeLedger(values: Omit<Ledger, 'version'>) {
      version = (version ?? ledger()?.version ?? 0) + 1
      const text = JSON.stringify({ version, ...values })
      if (!rows.flush(text)) write('ledger', text)
    },
    snapshot: () => parsed<KeySnapshot>(read('snapshot')) ?? null,
    writeSnapshot: (snapshot: KeySnapshot) => write('snapshot', JSON.stringify(snapshot)),
  }
}

function hours(sql: SqlStorage) {
  const confirmed = 'COALESCE((SELECT confirmed_revision FROM statement WHERE hour_ms = ?1), 0)'
  return {
    hourTotals: (hourMs: number): HourTotals | undefined => {
      const row = sql.exec<{ body: string }>('SELECT body FROM statement WHERE hour_ms = ?1', hourMs).toArray()[0]
      return row && JSON.parse(row.body)
    },
    writeHour: (totals: HourTotals, keepUntilMs: number) =>
      sql.exec(
        `INSERT OR REPLACE INTO statement (hour_ms, revision, confirmed_revision, keep_until_ms, body)
         VALUES (?1, ?2, ${confirmed}, ?3, ?4)`,
        ...[totals.hourMs, totals.revision, keepUntilMs, JSON.stringify(totals)],
      ),
    confirmHour: (hourMs: number, revision: number) =>
      sql.exec('UPDATE statement SET confirmed_revision = ?2 WHERE hour_ms = ?1 AND revision = ?2', hourMs, revision),
    unconfirmedHours: (): number[] =>
      sql
        .exec<{ hour_ms: number }>('SELECT hour_ms FROM statement WHERE confirmed_revision < revision ORDER BY hour_ms')
        .toArray()
        .map(row => row.hour_ms),
    /** Until when the oldest hour is kept. */
    oldestKeptMs: () =>
      sql.exec<{ ms: number }>('SELECT keep_until_ms AS ms FROM statement ORDER BY hour_ms LIMIT 1').toArray()[0]?.ms,
    // In their order, so that every hour after the last one forgotten is still here. Answers that one.
    forgetHours: (nowMs: number, openMs: number): number | undefined =>
      sql
        .exec<{ hour_ms: number }>(
          `DELETE FROM statement WHERE hour_ms < ?2 AND hour_ms < COALESCE((SELECT MIN(hour_ms) FROM statement
           WHERE keep_until_ms > ?1 OR confirmed_revision < revision), ?2) RETURNING hour_ms`,
          ...[nowMs, openMs],
        )
        .toArray()
        .reduce<number | undefined>((last, row) => Math.max(last ?? 0, row.hour_ms), undefined),
  }
}

/** Every statement a meter can run. */
export function statements(sql: SqlStorage) {
  sql.exec(SCHEMA)
  const attempts = new AttemptRows(sql)
  return { ...documents(sql, attempts), attempts, ...hours(sql) }
}

/** The statements of one meter's storage. */
export type Statements = ReturnType<typeof statements>

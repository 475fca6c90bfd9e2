import type { HourTotals } from '../../workers/core/quota/hour-totals.ts'
import type { Lease } from '../../workers/core/quota/lease.ts'
import type { Counter, Hold, SettledMark } from '../../workers/core/quota/state.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'

/**
 * `attempt`: one row for the life of an attempt. A hold has no `seq`; settling gives it one and makes `body` its event.
 * It is clustered by call id, which begins with the time, so that old rows are found without an index (an index would
 * cost a written row for each). `meta`: single documents. `statement`: what was said of an hour that is over.
 */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS attempt (
    call_id TEXT NOT NULL,
    attempt INTEGER NOT NULL,
    seq INTEGER,
    deadline_ms INTEGER,
    keep_until_ms INTEGER,
    body TEXT NOT NULL,
    PRIMARY KEY (call_id, attempt)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS statement (
    hour_ms INTEGER PRIMARY KEY,
    revision INTEGER NOT NULL,
    confirmed_revision INTEGER NOT NULL,
    keep_until_ms INTEGER NOT NULL,
    body TEXT NOT NULL
  ) STRICT;
`

/** Counters, leases, open hours and sequence numbers: one document, written once per commit. */
export type Ledger = {
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

/** The body of a settled row. */
export type SettledBody = { event: UsageEvent; mark: SettledMark }

type UnconfirmedRow = { call_id: string; attempt: number; seq: number; settled_ms: number }
type HoldRow = { deadline_ms: number; body: string }

function documents(sql: SqlStorage) {
  const read = (name: string) =>
    sql.exec<{ body: string }>('SELECT body FROM meta WHERE name = ?1', name).toArray()[0]?.body
  const write = (name: string, value: unknown) =>
    sql.exec('INSERT OR REPLACE INTO meta (name, body) VALUES (?1, ?2)', name, JSON.stringify(value))
  return {
    ledger: (): Ledger | undefined => JSON.parse(read('ledger') ?? 'null') ?? undefined,
    writeLedger: (ledger: Ledger) => write('ledger', ledger),
    snapshot: (): KeySnapshot | null => JSON.parse(read('snapshot') ?? 'null'),
    writeSnapshot: (snapshot: KeySnapshot) => write('snapshot', snapshot),
  }
}

function holds(sql: SqlStorage) {
  return {
    holds: (): Hold[] =>
      sql
        .exec<HoldRow>('SELECT deadline_ms, body FROM attempt WHERE seq IS NULL')
        .toArray()
        .map(row => ({ ...JSON.parse(row.body), deadlineMs: row.deadline_ms })),
    insertHold: (hold: Hold) =>
      sql.exec(
        'INSERT INTO attempt (call_id, attempt, deadline_ms, body) VALUES (?1, ?2, ?3, ?4)',
        ...[hold.callId, hold.attempt, hold.deadlineMs, JSON.stringify(hold)],
      ),
    writeHold: (hold: Hold) =>
      sql.exec(
        'UPDATE attempt SET body = ?3 WHERE call_id = ?1 AND attempt = ?2 AND seq IS NULL',
        ...[hold.callId, hold.attempt, JSON.stringify(hold)],
      ),
    moveDeadline: (callId: string, attempt: number, deadlineMs: number) =>
      sql.exec(
        'UPDATE attempt SET deadline_ms = ?3 WHERE call_id = ?1 AND attempt = ?2 AND seq IS NULL',
        ...[callId, attempt, deadlineMs],
      ),
    deleteHold: (callId: string, attempt: number) =>
      sql.exec('DELETE FROM attempt WHERE call_id = ?1 AND attempt = ?2 AND seq IS NULL', callId, attempt),
  }
}

function outbox(sql: SqlStorage) {
  return {
    writeSettled: (callId: string, keepUntilMs: number, body: SettledBody) =>
      sql.exec(
        'INSERT OR REPLACE INTO attempt (call_id, attempt, seq, keep_until_ms, body) VALUES (?1, ?2, ?3, ?4, ?5)',
        ...[callId, body.event.attempt, body.mark.seq, keepUntilMs, JSON.stringify(body)],
      ),
    settled: (callId: string, attempt: number): SettledBody | undefined => {
      const query = 'SELECT body FROM attempt WHERE call_id = ?1 AND attempt = ?2 AND seq IS NOT NULL'
      const row = sql.exec<{ body: string }>(query, callId, attempt).toArray()[0]
      return row && JSON.parse(row.body)
    },
    settledAfter: (seq: number) =>
      sql
        .exec<UnconfirmedRow>(
          `SELECT call_id, attempt, seq, json_extract(body, '$.event.settled_ms') AS settled_ms
           FROM attempt WHERE seq > ?1 ORDER BY seq`,
          seq,
        )
        .toArray()
        .map(row => ({ callId: row.call_id, attempt: row.attempt, seq: row.seq, settledMs: row.settled_ms })),
    // Bounded by call id first: the rows that began before `beforeCallId` are the only ones read.
    forget: (beforeCallId: string, confirmedSeq: number, nowMs: number) =>
      sql.exec(
        'DELETE FROM attempt WHERE call_id < ?1 AND seq <= ?2 AND keep_until_ms <= ?3',
        ...[beforeCallId, confirmedSeq, nowMs],
      ),
    hasAttempts: () => sql.exec('SELECT 1 FROM attempt LIMIT 1').toArray().length > 0,
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
  return { ...documents(sql), ...holds(sql), ...outbox(sql), ...hours(sql) }
}

/** The statements of one meter's storage. */
export type Statements = ReturnType<typeof statements>

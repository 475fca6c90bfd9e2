import type { NonceClaim } from '../../workers/core/sign-in/nonce-claim.ts'

const SCHEMA = `CREATE TABLE IF NOT EXISTS nonce (nonce TEXT PRIMARY KEY, until_ms INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX IF NOT EXISTS nonce_by_end ON nonce (until_ms);`

const CLAIM = `INSERT INTO nonce (nonce, until_ms) VALUES (?1, ?2)
  ON CONFLICT (nonce) DO UPDATE SET until_ms = excluded.until_ms WHERE nonce.until_ms < ?3 RETURNING nonce`

/** Every statement a nonce object can run. The table is made by the first nonce, since the last one's end deletes it. */
export function statements(sql: SqlStorage) {
  const firstEnd = () =>
    sql.exec<{ end: number | null }>('SELECT min(until_ms) AS end FROM nonce').one().end ?? undefined
  return {
    /** Writes a nonce down unless it is there and has not run out. `firstGoesMs`: when the first of all runs out. */
    claim({ nonce, nowMs, untilMs }: NonceClaim): { isNew: boolean; firstGoesMs: number } {
      sql.exec(SCHEMA)
      const isNew = sql.exec(CLAIM, nonce, untilMs, nowMs).toArray().length > 0
      return { isNew, firstGoesMs: firstEnd() ?? untilMs }
    },
    /** Deletes what has run out, and answers when the next one does; `undefined` where none is left. */
    forget(nowMs: number): number | undefined {
      sql.exec(SCHEMA)
      sql.exec('DELETE FROM nonce WHERE until_ms < ?1', nowMs)
      return firstEnd()
    },
  }
}

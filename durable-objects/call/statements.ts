import type { KeptAnswer } from './kept-answer.ts'

/** `answer`: the one that is kept. `chunk`: its bytes, in order, since a row has at most 2 MB. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS answer (
    one INTEGER PRIMARY KEY CHECK (one = 1),
    fingerprint TEXT NOT NULL,
    status INTEGER NOT NULL,
    headers TEXT NOT NULL,
    expires_ms INTEGER NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS chunk (seq INTEGER PRIMARY KEY, bytes BLOB NOT NULL) STRICT;
`

/** Bytes of an answer in one row. */
const CHUNK_BYTES = 1_048_576

type AnswerRow = { fingerprint: string; status: number; headers: string; expires_ms: number }

function readBytes(sql: SqlStorage): Uint8Array {
  const rows = sql.exec<{ bytes: ArrayBuffer }>('SELECT bytes FROM chunk ORDER BY seq').toArray()
  const whole = new Uint8Array(rows.reduce((total, { bytes }) => total + bytes.byteLength, 0))
  for (const [seq, { bytes }] of rows.entries()) whole.set(new Uint8Array(bytes), seq * CHUNK_BYTES)
  return whole
}

function writeBytes(sql: SqlStorage, body: Uint8Array): void {
  for (let seq = 0; seq * CHUNK_BYTES < body.byteLength; seq++) {
    const bytes = body.slice(seq * CHUNK_BYTES, (seq + 1) * CHUNK_BYTES).buffer
    sql.exec('INSERT INTO chunk (seq, bytes) VALUES (?1, ?2)', seq, bytes)
  }
}

/**
 * Every statement a call object can run. Tables are made by the first answer that is kept: an object that never keeps one
 * leaves nothing behind.
 */
export function statements(sql: SqlStorage) {
  const hasTables = () => sql.exec("SELECT 1 FROM sqlite_master WHERE name = 'answer'").toArray().length > 0
  const row = () =>
    hasTables()
      ? sql.exec<AnswerRow>('SELECT fingerprint, status, headers, expires_ms FROM answer').toArray()[0]
      : undefined
  return {
    expiresMs: (): number | undefined => row()?.expires_ms,
    answer: (): KeptAnswer | undefined => {
      const kept = row()
      return kept && { ...kept, headers: JSON.parse(kept.headers), body: readBytes(sql) }
    },
    writeAnswer: ({ fingerprint, status, headers, body }: KeptAnswer, expiresMs: number) => {
      sql.exec(`${SCHEMA} DELETE FROM answer; DELETE FROM chunk;`)
      sql.exec(
        'INSERT INTO answer (one, fingerprint, status, headers, expires_ms) VALUES (1, ?1, ?2, ?3, ?4)',
        ...[fingerprint, status, JSON.stringify(headers), expiresMs],
      )
      writeBytes(sql, body)
    },
  }
}

/** The statements of one call object's storage. */
export type Statements = ReturnType<typeof statements>

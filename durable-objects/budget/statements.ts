import type { LimitWindow } from '../../workers/core/quota/lease-protocol.ts'
import type { MeterAccount, OwnerState } from '../../workers/core/quota/owner.ts'
import { emptyOwner, restoreMeter } from '../../workers/core/quota/owner.ts'
import type { ScopeSnapshot } from '../../workers/core/snapshot.ts'

/** `account`: what one meter was granted of a limit in a window, and what it has said since. `meta`: single documents. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS account (
    limit_id TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    meter TEXT NOT NULL,
    granted INTEGER NOT NULL,
    returned INTEGER NOT NULL,
    overrun INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    revision INTEGER NOT NULL,
    heard_ms INTEGER NOT NULL,
    PRIMARY KEY (limit_id, start_ms, meter)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, body TEXT NOT NULL) STRICT, WITHOUT ROWID;
`

type AccountRow = {
  limit_id: string
  start_ms: number
  end_ms: number
  meter: string
  granted: number
  returned: number
  overrun: number
  spent: number
  revision: number
  heard_ms: number
}

/** One meter's account, by its place. */
export type AccountAt = { limitId: string; startMs: number; endMs: number; meter: string }

function toAccount(row: AccountRow): MeterAccount {
  const { granted, returned, overrun, spent, revision, heard_ms: heardMs } = row
  return { granted, returned, overrun, spent, revision, heardMs, frozenAt: -1 }
}

function loadOwner(sql: SqlStorage): OwnerState {
  const state = emptyOwner()
  const columns = 'limit_id, start_ms, end_ms, meter, granted, returned, overrun, spent, revision, heard_ms'
  for (const row of sql.exec<AccountRow>(`SELECT ${columns} FROM account`)) {
    const { limit_id: limitId, start_ms: startMs, end_ms: endMs, meter } = row
    restoreMeter(state, { limitId, startMs, endMs, meter }, toAccount(row))
  }
  return state
}

/** Every statement a budget can run. */
export function statements(sql: SqlStorage) {
  sql.exec(SCHEMA)
  return {
    load: (): OwnerState => loadOwner(sql),
    writeAccount: (at: AccountAt, account: MeterAccount) => {
      const { granted, returned, overrun, spent, revision, heardMs } = account
      return sql.exec(
        'INSERT OR REPLACE INTO account VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)',
        ...[at.limitId, at.startMs, at.endMs, at.meter, granted, returned, overrun, spent, revision, heardMs],
      )
    },
    forget: ({ limitId, startMs }: LimitWindow) =>
      sql.exec('DELETE FROM account WHERE limit_id = ?1 AND start_ms = ?2', limitId, startMs),
    snapshot: (): ScopeSnapshot | null => {
      const row = sql.exec<{ body: string }>("SELECT body FROM meta WHERE name = 'snapshot'").toArray()[0]
      return row ? JSON.parse(row.body) : null
    },
    writeSnapshot: (snapshot: ScopeSnapshot) =>
      sql.exec("INSERT OR REPLACE INTO meta (name, body) VALUES ('snapshot', ?1)", JSON.stringify(snapshot)),
  }
}

/** The statements of one budget's storage. */
export type Statements = ReturnType<typeof statements>

import type { Limit } from '../../workers/core/quota/limit.ts'
import { newAlerts, type WindowUse } from '../../workers/core/quota/thresholds.ts'
import type { AlertOutbox } from '../alert-outbox.ts'

/** `noticed`: the highest percent of a limit that was noticed in a window. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS noticed (
    limit_id TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    end_ms INTEGER NOT NULL,
    threshold INTEGER NOT NULL,
    PRIMARY KEY (limit_id, start_ms)
  ) STRICT, WITHOUT ROWID;
`

type NoticedRow = { limit_id: string; start_ms: number; threshold: number }

/** Notices each threshold of a scope's limits once in a window, whatever is learned later, and puts it in the outbox. */
export class ThresholdWatch {
  readonly #sql: SqlStorage
  readonly #outbox: AlertOutbox
  readonly #noticed = new Map<string, number>()

  constructor(sql: SqlStorage, outbox: AlertOutbox) {
    sql.exec(SCHEMA)
    this.#sql = sql
    this.#outbox = outbox
    this.#load()
  }

  /** Looks what is newly reached of a limit; `true` where something is. In one turn with what was learned. */
  look(limit: Limit, use: WindowUse, nowMs: number): boolean {
    const key = `${limit.id}@${use.startMs}`
    const alerts = newAlerts(limit, { ...use, alerted: this.#noticed.get(key) }, nowMs)
    for (const alert of alerts) this.#outbox.put(alert)
    const highest = alerts.at(-1)?.threshold
    if (highest === undefined) return false
    this.#noticed.set(key, highest)
    this.#sql.exec(
      'INSERT OR REPLACE INTO noticed (limit_id, start_ms, end_ms, threshold) VALUES (?1, ?2, ?3, ?4)',
      ...[limit.id, use.startMs, use.endMs, highest],
    )
    return true
  }

  /** Forgets windows that ended before. */
  forgetBefore(endMs: number): void {
    this.#sql.exec('DELETE FROM noticed WHERE end_ms <= ?1', endMs)
    this.#load()
  }

  #load(): void {
    this.#noticed.clear()
    const rows = this.#sql.exec<NoticedRow>('SELECT limit_id, start_ms, threshold FROM noticed')
    for (const { limit_id, start_ms, threshold } of rows) this.#noticed.set(`${limit_id}@${start_ms}`, threshold)
  }
}

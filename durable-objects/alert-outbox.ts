import type { AlertMessage } from '../workers/contracts/usage-message.ts'
import type { AlertRef, LimitAlert } from '../workers/core/quota/thresholds.ts'
import { sendInTime } from './send-in-time.ts'

/** `alert`: what was noticed and is not yet known to be in D1. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS alert (
    limit_id TEXT NOT NULL,
    start_ms INTEGER NOT NULL,
    threshold INTEGER NOT NULL,
    body TEXT NOT NULL,
    PRIMARY KEY (limit_id, start_ms, threshold)
  ) STRICT, WITHOUT ROWID;
`
/** What was shipped and is not confirmed for this long counts as lost, in milliseconds. */
export const RESHIP_MS = 60_000
/** An alert is below 5 KB whatever its limit's scope, so that this many are well below the queue's 128 KB a message. */
const MAX_ALERTS = 20

const WHERE = 'WHERE limit_id = ?1 AND start_ms = ?2 AND threshold = ?3'

type AlertRow = { limit_id: string; start_ms: number; threshold: number }
type Pending = AlertRef & { sentMs: number | undefined }

function statements(sql: SqlStorage) {
  sql.exec(SCHEMA)
  return {
    refs: (): AlertRef[] =>
      sql
        .exec<AlertRow>('SELECT limit_id, start_ms, threshold FROM alert')
        .toArray()
        .map(({ limit_id, start_ms, threshold }) => ({ limitId: limit_id, startMs: start_ms, threshold })),
    find: ({ limitId, startMs, threshold }: AlertRef): LimitAlert[] =>
      sql
        .exec<{ body: string }>(`SELECT body FROM alert ${WHERE}`, limitId, startMs, threshold)
        .toArray()
        .map(({ body }) => JSON.parse(body)),
    insert: (alert: LimitAlert) =>
      sql.exec(
        'INSERT OR IGNORE INTO alert (limit_id, start_ms, threshold, body) VALUES (?1, ?2, ?3, ?4)',
        ...[alert.limitId, alert.startMs, alert.threshold, JSON.stringify(alert)],
      ),
    remove: ({ limitId, startMs, threshold }: AlertRef) =>
      sql.exec(`DELETE FROM alert ${WHERE}`, limitId, startMs, threshold),
  }
}

function alertKey({ limitId, startMs, threshold }: AlertRef): string {
  return `${limitId}@${startMs}/${threshold}`
}

/** What an object has noticed of the limits it owns, each shipped until D1 has it. Who notices says each thing once. */
export class AlertOutbox {
  readonly #sql: ReturnType<typeof statements>
  readonly #from: AlertMessage['from']
  readonly #send: (message: AlertMessage) => Promise<unknown>
  readonly #pending = new Map<string, Pending>()
  #shipping: Promise<void> | undefined

  constructor(sql: SqlStorage, from: AlertMessage['from'], send: (message: AlertMessage) => Promise<unknown>) {
    this.#sql = statements(sql)
    this.#from = from
    this.#send = send
    for (const ref of this.#sql.refs()) this.#pending.set(alertKey(ref), { ...ref, sentMs: undefined })
  }

  get size(): number {
    return this.#pending.size
  }

  /** Keeps an alert. Runs inside the transaction that notices it. */
  put(alert: LimitAlert): void {
    const { limitId, startMs, threshold } = alert
    this.#sql.insert(alert)
    this.#pending.set(alertKey(alert), { limitId, startMs, threshold, sentMs: undefined })
  }

  confirm(alerts: AlertRef[]): void {
    for (const ref of alerts) {
      this.#sql.remove(ref)
      this.#pending.delete(alertKey(ref))
    }
  }

  /** Ships what was never shipped, or was and not confirmed in time. One run at a time. */
  ship(nowMs: number): Promise<void> {
    this.#shipping ??= this.#shipAll(nowMs).finally(() => {
      this.#shipping = undefined
    })
    return this.#shipping
  }

  async #shipAll(nowMs: number): Promise<void> {
    for (let due = this.#due(nowMs); due.length > 0; due = this.#due(nowMs)) {
      const alerts = due.flatMap(pending => this.#found(pending))
      if (alerts.length > 0) await sendInTime(this.#send({ v: 1, from: this.#from, alerts }))
      for (const pending of due) pending.sentMs = nowMs
    }
  }

  #due(nowMs: number): Pending[] {
    const isDue = ({ sentMs }: Pending) => sentMs === undefined || sentMs + RESHIP_MS <= nowMs
    return [...this.#pending.values()].filter(isDue).slice(0, MAX_ALERTS)
  }

  // It is not there where the transaction that noticed it has failed; then it is noticed again.
  #found(pending: Pending): LimitAlert[] {
    const found = this.#sql.find(pending)
    if (found.length === 0) this.#pending.delete(alertKey(pending))
    return found
  }
}

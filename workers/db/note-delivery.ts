import { sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import { type ConfigDb, isSameDatabase } from './database.ts'
import { inOneBatch, type Statement } from './in-one-batch.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { resumeWebhook } from './save-webhook.ts'
import { type DeliveryTry, webhookDelivery } from './schema/webhooks.ts'
import type { Outbox } from './shards.ts'
import type { DeliveryPath, DeliveryRow } from './webhook-deliveries.ts'

/** The most tries that a delivery's log tells of: the last ones. */
const MAX_LOG = 50

/** A try that was made. `nextMs`: when to try again, `null` for never. */
export type NotedTry = {
  at: DeliveryPath
  told: DeliveryTry
  isDelivered: boolean
  nextMs: number | null
  /** Its endpoint has said that it is gone. */
  isGone: boolean
  pauseAfter: { failures: number; ms: number }
}

const endOf = (noted: NotedTry) => noted.told.at_ms + noted.told.latency_ms

function noteInLog(noted: NotedTry): Statement {
  const { at, told, isDelivered, nextMs } = noted
  const status = isDelivered ? 'delivered' : nextMs === null ? 'failed' : 'pending'
  const kept = sql`CASE WHEN json_array_length(log) >= ${MAX_LOG} THEN json_remove(log, '$[0]') ELSE log END`
  return sql`UPDATE webhook_delivery SET status = ${status}, tries = tries + 1, next_ms = ${nextMs},
      ended_ms = ${nextMs === null ? endOf(noted) : null}, log = json_insert(${kept}, '$[#]', json(${JSON.stringify(told)}))
    WHERE tenant_id = ${at.tenantId} AND webhook_id = ${at.webhookId} AND event_id = ${at.eventId}`
}

function noteSuccess({ at }: NotedTry): Statement {
  return sql`UPDATE webhook SET failures = 0, failing_since_ms = NULL
    WHERE tenant_id = ${at.tenantId} AND id = ${at.webhookId} AND failures > 0`
}

function noteFailure(noted: NotedTry): Statement {
  const { at, isGone, pauseAfter, told } = noted
  const nowMs = endOf(noted)
  const isDead = sql`(failures + 1 >= ${pauseAfter.failures}
    AND ${nowMs} - coalesce(failing_since_ms, ${nowMs}) >= ${pauseAfter.ms})`
  const pauses = sql`(paused_ms IS NULL AND (${isGone ? 1 : 0} OR ${isDead}))`
  const reason = isGone ? 'gone' : `failing: ${told.error}`
  return sql`UPDATE webhook SET failures = failures + 1, failing_since_ms = coalesce(failing_since_ms, ${told.at_ms}),
      paused_ms = CASE WHEN ${pauses} THEN ${nowMs} ELSE paused_ms END,
      pause_reason = CASE WHEN ${pauses} THEN ${reason} ELSE pause_reason END
    WHERE tenant_id = ${at.tenantId} AND id = ${at.webhookId}`
}

/**
 * Notes a try in the log and what it says of the endpoint, in one transaction. Where the log is in another database it comes first:
 * whoever is killed then has not counted a failure, and the next one is.
 */
export async function noteTry(db: ConfigDb, outbox: Outbox, noted: NotedTry): Promise<void> {
  const ofEndpoint = noted.isDelivered ? noteSuccess(noted) : noteFailure(noted)
  if (isSameDatabase(db, outbox)) return void (await inOneBatch(db, [noteInLog(noted), ofEndpoint]))
  await inOneBatch(outbox, [noteInLog(noted)])
  await inOneBatch(db, [ofEndpoint])
}

/** Puts a new delivery of one webhook's alone into its outbox, and takes the webhook out of its pause. */
export async function addDelivery(db: ConfigDb, row: DeliveryRow, audit: AuditRow): Promise<void> {
  const resume = resumeWebhook(db, { tenantId: row.tenantId, id: row.webhookId })
  await auditedBatch(db, audit, [db.insert(webhookDelivery).values(row), resume])
}

/**
 * Has a delivery sent anew, with all its tries before it, and takes its webhook out of its pause; `false` where it is gone. Where it is
 * in another database the audit trail comes first: it may tell of what then failed, and was not sent.
 */
export async function sendAgain(
  db: ConfigDb,
  outbox: Outbox,
  { tenantId, webhookId, eventId, nowMs, audit }: DeliveryPath & { nowMs: number; audit: AuditRow },
): Promise<boolean> {
  const it = sql`tenant_id = ${tenantId} AND webhook_id = ${webhookId} AND event_id = ${eventId}`
  const again = sql`UPDATE webhook_delivery SET status = 'pending', tries = 0, next_ms = ${nowMs}, ended_ms = NULL WHERE ${it} RETURNING 1`
  const resume = resumeWebhook(db, { tenantId, id: webhookId })
  if (!isSameDatabase(db, outbox)) {
    await auditedBatch(db, audit, [resume])
    const [rows = []] = await inOneBatch(outbox, [again])
    return rows.length > 0
  }
  const isThere = onlyIf(tenantId, sql`EXISTS (SELECT 1 FROM webhook_delivery WHERE ${it})`)
  return wasSo(() => auditedBatch(db, audit, [isThere, again, resume]))
}

/** How long deliveries are kept after their end, how long they wait for an endpoint that may not be called, and how many go at once. */
export type Keeping = { nowMs: number; endedMs: number; waitingMs: number; limit: number }

/** Deletes what ended long ago, and gives up what has waited too long for an endpoint that is paused or inactive. Answers how many rows. */
export async function forgetDeliveries(outbox: Outbox, { nowMs, endedMs, waitingMs, limit }: Keeping): Promise<number> {
  const keys = sql.raw('SELECT tenant_id, webhook_id, event_id FROM webhook_delivery WHERE')
  const old = sql`(${keys} status <> 'pending' AND ended_ms < ${nowMs - endedMs} LIMIT ${limit})`
  const idle = sql`(${keys} status = 'pending' AND next_ms < ${nowMs - waitingMs} LIMIT ${limit})`
  const rows = await inOneBatch(outbox, [
    sql`DELETE FROM webhook_delivery WHERE (tenant_id, webhook_id, event_id) IN ${old} RETURNING 1`,
    sql`UPDATE webhook_delivery SET status = 'failed', next_ms = NULL, ended_ms = ${nowMs}
      WHERE (tenant_id, webhook_id, event_id) IN ${idle} RETURNING 1`,
  ])
  return rows.reduce((sum, deleted) => sum + deleted.length, 0)
}

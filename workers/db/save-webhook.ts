import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { WebhookRow } from './find-webhooks.ts'
import type { Statement } from './in-one-batch.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { webhook, webhookDelivery } from './schema/webhooks.ts'
import type { Outbox } from './shards.ts'

const isAt = ({ tenantId, id }: Pick<WebhookRow, 'tenantId' | 'id'>) =>
  and(eq(webhook.tenantId, tenantId), eq(webhook.id, id))

/** Adds a webhook; `false` where the tenant has so many already, and nothing is written. */
export function insertWebhook(db: ConfigDb, row: WebhookRow, by: { audit: AuditRow; max: number }): Promise<boolean> {
  const fits = sql`(SELECT count(*) FROM webhook WHERE tenant_id = ${row.tenantId}) < ${by.max}`
  return wasSo(() => auditedBatch(db, by.audit, [onlyIf(row.tenantId, fits), db.insert(webhook).values(row)]))
}

function isVersion({ tenantId, id }: WebhookRow, version: number): SQL {
  return sql`EXISTS (SELECT 1 FROM webhook WHERE tenant_id = ${tenantId} AND id = ${id} AND version = ${version})`
}

/**
 * Writes a webhook whose version is one above the one it was read with, and takes it out of its pause; `false` where somebody was
 * faster. What deliveries note of its endpoint is theirs.
 */
export function updateWebhook(db: ConfigDb, row: WebhookRow, audit: AuditRow): Promise<boolean> {
  const { failures: _, failingSinceMs: __, pausedMs: ___, pauseReason: ____, ...configured } = row
  const update = db
    .update(webhook)
    .set({ ...configured, ...RESUMED })
    .where(isAt(row))
  return wasSo(() => auditedBatch(db, audit, [onlyIf(row.tenantId, isVersion(row, row.version - 1)), update]))
}

/** What takes an endpoint out of its pause: its failures count anew. */
export const RESUMED = { failures: 0, failingSinceMs: null, pausedMs: null, pauseReason: null } as const

/** Takes a webhook out of its pause, in a change that tells why. */
export function resumeWebhook(db: ConfigDb, row: { tenantId: TenantId; id: string }): Statement {
  return db.update(webhook).set(RESUMED).where(isAt(row))
}

const isOf = ({ tenantId, id }: WebhookRow) =>
  and(eq(webhookDelivery.tenantId, tenantId), eq(webhookDelivery.webhookId, id))

/** Deletes what a webhook that is gone was to be told. What is left, where this fails, is never sent, and is forgotten as what has ended. */
export async function clearOutbox(outbox: Outbox, row: WebhookRow): Promise<void> {
  await outbox.delete(webhookDelivery).where(isOf(row))
}

/** Deletes a webhook as it was read, with what is here of its outbox and its log; `false` where somebody was faster. */
export function deleteWebhook(db: ConfigDb, row: WebhookRow, audit: AuditRow): Promise<boolean> {
  const { tenantId, version } = row
  const gone = [db.delete(webhookDelivery).where(isOf(row)), db.delete(webhook).where(isAt(row))]
  return wasSo(() => auditedBatch(db, audit, [onlyIf(tenantId, isVersion(row, version)), ...gone]))
}

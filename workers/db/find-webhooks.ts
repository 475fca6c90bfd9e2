import { and, desc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { ConfigDb } from './database.ts'
import { webhook } from './schema/webhooks.ts'
import { selectPage } from './select-page.ts'

/** A row of `webhook`. */
export type WebhookRow = typeof webhook.$inferSelect

/** Names a webhook of a tenant. */
export type WebhookPath = { tenantId: TenantId; id: string }

/** The webhook, or `undefined`: none, or another tenant's. */
export function findWebhook(db: ConfigDb, { tenantId, id }: WebhookPath): Promise<WebhookRow | undefined> {
  return db
    .select()
    .from(webhook)
    .where(and(eq(webhook.tenantId, tenantId), eq(webhook.id, id)))
    .get()
}

/** A page of a tenant's webhooks, the newest first, and how many there are in all, in one reading. */
export async function listWebhooks(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ rows: WebhookRow[]; total: number }> {
  const where = eq(webhook.tenantId, tenantId)
  return selectPage(db, webhook, { where, orderBy: [desc(webhook.createdMs), desc(webhook.id)], limit, offset })
}

/** Webhooks of any tenant that may be called and have something to send from here since before `dueMs`. */
export function findDueWebhooks(db: ConfigDb, query: { dueMs: number; limit: number }): Promise<WebhookRef[]> {
  return db.all<WebhookRef>(sql`SELECT DISTINCT d.tenant_id AS tenantId, d.webhook_id AS webhookId
    FROM webhook_delivery AS d JOIN webhook AS w ON w.tenant_id = d.tenant_id AND w.id = d.webhook_id
    WHERE d.status = 'pending' AND d.next_ms <= ${query.dueMs} AND w.active = 1 AND w.paused_ms IS NULL
    LIMIT ${query.limit}`)
}

/** Those of these webhooks that may be called. */
export function onlyOpen(db: ConfigDb, refs: readonly WebhookRef[]): Promise<WebhookRef[]> {
  return db.all<WebhookRef>(sql`SELECT w.tenant_id AS tenantId, w.id AS webhookId
    FROM json_each(${JSON.stringify(refs)}) AS named CROSS JOIN webhook AS w
    ON w.tenant_id = named.value ->> 'tenantId' AND w.id = named.value ->> 'webhookId'
    WHERE w.active = 1 AND w.paused_ms IS NULL`)
}

import { sql } from 'drizzle-orm'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { EventsDb } from './database.ts'

/** Webhooks of any tenant, in the order of their names, that have something to send from here since before `dueMs`. */
export function findWaitingOutboxes(
  db: EventsDb,
  { dueMs, after, limit }: { dueMs: number; after: WebhookRef | undefined; limit: number },
): Promise<WebhookRef[]> {
  const isLater = after ? sql`AND (tenant_id, webhook_id) > (${after.tenantId}, ${after.webhookId})` : sql``
  return db.all<WebhookRef>(sql`SELECT DISTINCT tenant_id AS tenantId, webhook_id AS webhookId
    FROM webhook_delivery INDEXED BY webhook_delivery_to_send
    WHERE status = 'pending' AND next_ms <= ${dueMs} ${isLater} ORDER BY tenant_id, webhook_id LIMIT ${limit}`)
}

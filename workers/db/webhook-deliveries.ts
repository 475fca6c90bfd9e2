import { and, asc, eq, lte, min, type SQL } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import { webhookDelivery } from './schema/webhooks.ts'
import type { Outbox } from './shards.ts'

/** A row of `webhook_delivery`. */
export type DeliveryRow = typeof webhookDelivery.$inferSelect

/** Names a delivery: what of its webhook is told. */
export type DeliveryPath = { tenantId: TenantId; webhookId: string; eventId: string }

const column = webhookDelivery

/** The condition on `webhook_delivery` that names one. */
export function isDelivery({ tenantId, webhookId, eventId }: DeliveryPath): SQL | undefined {
  return and(eq(column.tenantId, tenantId), eq(column.webhookId, webhookId), eq(column.eventId, eventId))
}

function toSend({ tenantId, webhookId }: WebhookRef): SQL | undefined {
  const isMine = eq(column.tenantId, tenantId)
  return and(isMine, eq(column.webhookId, webhookId), eq(column.status, 'pending'))
}

/** What a webhook is to be told by now, what waits longest first. */
export function dueDeliveries(
  db: Outbox,
  ref: WebhookRef,
  { nowMs, limit }: { nowMs: number; limit: number },
): Promise<DeliveryRow[]> {
  const isDue = and(toSend(ref), lte(column.nextMs, nowMs))
  return db.select().from(webhookDelivery).where(isDue).orderBy(asc(column.nextMs)).limit(limit).all()
}

/** When something is next to be sent to a webhook, in UTC epoch milliseconds; `undefined` where nothing waits. */
export async function nextDueMs(db: Outbox, ref: WebhookRef): Promise<number | undefined> {
  const [row] = await db
    .select({ next: min(column.nextMs) })
    .from(webhookDelivery)
    .where(toSend(ref))
  return row?.next ?? undefined
}

/** One delivery and the database that it is in, or `undefined`. */
export async function findDelivery(
  outboxes: readonly Outbox[],
  path: DeliveryPath,
): Promise<{ row: DeliveryRow; outbox: Outbox } | undefined> {
  for (const outbox of outboxes) {
    const row = await outbox.select().from(webhookDelivery).where(isDelivery(path)).get()
    if (row) return { row, outbox }
  }
  return undefined
}

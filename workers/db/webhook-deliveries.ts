import { and, asc, count, desc, eq, lte, min, type SQL } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { WebhookEventType } from '../core/webhooks/webhook-event.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { Database } from './database.ts'
import { webhookDelivery } from './schema/webhooks.ts'

/** A row of `webhook_delivery`. */
export type DeliveryRow = typeof webhookDelivery.$inferSelect

/** Names a delivery: what of its webhook is told. */
export type DeliveryPath = { tenantId: TenantId; webhookId: string; eventId: string }

/** Which of a webhook's deliveries. */
export type DeliveryQuery = Omit<DeliveryPath, 'eventId'> & {
  status?: DeliveryRow['status'] | undefined
  eventType?: WebhookEventType | undefined
  limit: number
  offset: number
}

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
  db: Database,
  ref: WebhookRef,
  { nowMs, limit }: { nowMs: number; limit: number },
): Promise<DeliveryRow[]> {
  const isDue = and(toSend(ref), lte(column.nextMs, nowMs))
  return db.select().from(webhookDelivery).where(isDue).orderBy(asc(column.nextMs)).limit(limit).all()
}

/** When something is next to be sent to a webhook, in UTC epoch milliseconds; `undefined` where nothing waits. */
export async function nextDueMs(db: Database, ref: WebhookRef): Promise<number | undefined> {
  const [row] = await db
    .select({ next: min(column.nextMs) })
    .from(webhookDelivery)
    .where(toSend(ref))
  return row?.next ?? undefined
}

/** One delivery, or `undefined`. */
export function findDelivery(db: Database, path: DeliveryPath): Promise<DeliveryRow | undefined> {
  return db.select().from(webhookDelivery).where(isDelivery(path)).get()
}

function matching({ tenantId, webhookId, status, eventType }: DeliveryQuery): SQL | undefined {
  return and(
    eq(column.tenantId, tenantId),
    eq(column.webhookId, webhookId),
    status && eq(column.status, status),
    eventType && eq(column.eventType, eventType),
  )
}

/** A page of a webhook's deliveries, what happened last first, and how many match in all, in one reading. */
export async function listDeliveries(
  db: Database,
  query: DeliveryQuery,
): Promise<{ rows: DeliveryRow[]; total: number }> {
  const where = matching(query)
  const [rows, totals] = await db.batch([
    db
      .select()
      .from(webhookDelivery)
      .where(where)
      .orderBy(desc(column.eventId))
      .limit(query.limit)
      .offset(query.offset),
    db.select({ total: count() }).from(webhookDelivery).where(where),
  ])
  return { rows, total: totals[0]?.total ?? 0 }
}

import { and, count, desc, eq, inArray, type SQL, sql } from 'drizzle-orm'
import type { WebhookEventType } from '../core/webhooks/webhook-event.ts'
import { webhookDelivery as column } from './schema/webhooks.ts'
import type { Outbox } from './shards.ts'
import type { DeliveryPath, DeliveryRow } from './webhook-deliveries.ts'

/** Which of a webhook's deliveries. */
export type DeliveryQuery = Omit<DeliveryPath, 'eventId'> & {
  status?: DeliveryRow['status'] | undefined
  eventType?: WebhookEventType | undefined
  limit: number
  offset: number
}

type DeliveryPage = { rows: DeliveryRow[]; total: number }

function matching({ tenantId, webhookId, status, eventType }: DeliveryQuery): SQL | undefined {
  return and(
    eq(column.tenantId, tenantId),
    eq(column.webhookId, webhookId),
    status && eq(column.status, status),
    eventType && eq(column.eventType, eventType),
  )
}

async function pageOf(outbox: Outbox, query: DeliveryQuery): Promise<DeliveryPage> {
  const where = matching(query)
  const [rows, totals] = await outbox.batch([
    outbox.select().from(column).where(where).orderBy(desc(column.eventId)).limit(query.limit).offset(query.offset),
    outbox.select({ total: count() }).from(column).where(where),
  ])
  return { rows, total: totals[0]?.total ?? 0 }
}

async function idsOf(outbox: Outbox, query: DeliveryQuery): Promise<{ ids: string[]; total: number }> {
  const where = matching(query)
  const first = query.offset + query.limit
  const [rows, totals] = await outbox.batch([
    outbox.select({ id: column.eventId }).from(column).where(where).orderBy(desc(column.eventId)).limit(first),
    outbox.select({ total: count() }).from(column).where(where),
  ])
  return { ids: rows.map(({ id }) => id), total: totals[0]?.total ?? 0 }
}

function rowsOf(outbox: Outbox, query: DeliveryQuery, ids: string[]): Promise<DeliveryRow[]> {
  const named = sql`(SELECT value FROM json_each(${JSON.stringify(ids)}))`
  return outbox
    .select()
    .from(column)
    .where(and(matching(query), inArray(column.eventId, named)))
    .all()
}

const newestFirst = (a: string, b: string) => (a < b ? 1 : -1)

// The ids of each database up to the end of the page say which are on it; only those are read whole.
async function mergedPage(outboxes: readonly Outbox[], query: DeliveryQuery): Promise<DeliveryPage> {
  const found = await Promise.all(outboxes.map(outbox => idsOf(outbox, query)))
  const all = found.flatMap(({ ids }) => ids).sort(newestFirst)
  const ids = all.slice(query.offset, query.offset + query.limit)
  const rows = (await Promise.all(outboxes.map(outbox => rowsOf(outbox, query, ids)))).flat()
  const total = found.reduce((sum, one) => sum + one.total, 0)
  return { rows: rows.sort((a, b) => newestFirst(a.eventId, b.eventId)), total }
}

/** A page of a webhook's deliveries, what happened last first, and how many match in all; of one database in one reading. */
export function listDeliveries(
  [first, ...others]: readonly [Outbox, ...Outbox[]],
  query: DeliveryQuery,
): Promise<DeliveryPage> {
  return others.length === 0 ? pageOf(first, query) : mergedPage([first, ...others], query)
}

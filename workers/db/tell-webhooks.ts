import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { WebhookEvent, WebhookEventType } from '../core/webhooks/webhook-event.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import { webhook } from './schema/webhooks.ts'

/** A webhook that may be called, and what it asks for. */
export type Subscriber = { id: string; events: readonly WebhookEventType[] }

/**
 * What happened in a tenant, to be told from `nowMs` on. `isTold`: what must be so of `told.value`, an event, as the statement runs.
 * `to`: the tenant's subscribers, for a database that does not have its webhooks.
 */
export type Telling = {
  tenantId: TenantId
  events: readonly WebhookEvent[]
  nowMs: number
  isTold?: SQL
  to?: readonly Subscriber[]
}

const COLUMNS = sql.raw('tenant_id, webhook_id, event_id, event_type, payload, status, tries, next_ms, log, created_ms')

function subscribers(tenantId: TenantId, to: Telling['to']): SQL {
  if (!to) return sql`(SELECT id, events FROM webhook WHERE tenant_id = ${tenantId} AND active = 1)`
  return sql`(SELECT value ->> 'id' AS id, value -> 'events' AS events FROM json_each(${JSON.stringify(to)}))`
}

/**
 * The statement that puts events into the outbox of every webhook of the tenant's that wants them. It belongs into the
 * transaction of what it tells of; an event that is there already is left alone. Its rows name the webhooks, for
 * `toldOf`: who wakes them has it sent at once, and else the cron does within a minute or two.
 */
export function tellWebhooks({ tenantId, events, nowMs, isTold = sql`TRUE`, to }: Telling): Statement {
  return sql`INSERT INTO webhook_delivery (${COLUMNS})
    SELECT ${tenantId}, w.id, told.value ->> 'id', told.value ->> 'type', told.value ->> 'payload',
      'pending', 0, ${nowMs}, '[]', ${nowMs}
    FROM json_each(${JSON.stringify(events)}) AS told JOIN ${subscribers(tenantId, to)} AS w
    WHERE EXISTS (SELECT 1 FROM json_each(w.events) AS wanted WHERE wanted.value = told.value ->> 'type')
      AND ${isTold}
    ON CONFLICT (tenant_id, webhook_id, event_id) DO NOTHING RETURNING webhook_id AS webhookId`
}

/** The webhooks that were told of something, by the rows of `tellWebhooks`. */
export function toldOf(tenantId: TenantId, rows: unknown[]): WebhookRef[] {
  const ids = new Set((rows as { webhookId: string }[]).map(row => row.webhookId))
  return [...ids].map(webhookId => ({ tenantId, webhookId }))
}

/** The webhooks of a tenant that want to be told of something. */
export function findSubscribers(db: ConfigDb, tenantId: TenantId): Promise<Subscriber[]> {
  return db
    .select({ id: webhook.id, events: webhook.events })
    .from(webhook)
    .where(and(eq(webhook.tenantId, tenantId), eq(webhook.active, true)))
}

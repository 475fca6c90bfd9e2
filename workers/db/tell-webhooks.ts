import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { WebhookEvent, WebhookEventType } from '../core/webhooks/webhook-event.ts'
import type { WebhookRef } from '../core/webhooks/webhook-ref.ts'
import type { Database } from './database.ts'
import type { Statement } from './in-one-batch.ts'

/** What happened in a tenant, to be told from `nowMs` on. `isTold`: what must be so of `told.value`, an event, as the statement runs. */
export type Telling = { tenantId: TenantId; events: readonly WebhookEvent[]; nowMs: number; isTold?: SQL }

const COLUMNS = sql.raw('tenant_id, webhook_id, event_id, event_type, payload, status, tries, next_ms, log, created_ms')

/**
 * The statement that puts events into the outbox of every webhook of the tenant's that wants them. It belongs into the
 * transaction of what it tells of; an event that is there already is left alone. Its rows name the webhooks, for
 * `toldOf`: who wakes them has it sent at once, and else the cron does within a minute or two.
 */
export function tellWebhooks({ tenantId, events, nowMs, isTold = sql`TRUE` }: Telling): Statement {
  return sql`INSERT INTO webhook_delivery (${COLUMNS})
    SELECT ${tenantId}, w.id, told.value ->> 'id', told.value ->> 'type', told.value ->> 'payload',
      'pending', 0, ${nowMs}, '[]', ${nowMs}
    FROM json_each(${JSON.stringify(events)}) AS told JOIN webhook AS w
    WHERE w.tenant_id = ${tenantId} AND w.active = 1
      AND EXISTS (SELECT 1 FROM json_each(w.events) AS wanted WHERE wanted.value = told.value ->> 'type')
      AND ${isTold}
    ON CONFLICT (tenant_id, webhook_id, event_id) DO NOTHING RETURNING webhook_id AS webhookId`
}

/** The webhooks that were told of something, by the rows of `tellWebhooks`. */
export function toldOf(tenantId: TenantId, rows: unknown[]): WebhookRef[] {
  const ids = new Set((rows as { webhookId: string }[]).map(row => row.webhookId))
  return [...ids].map(webhookId => ({ tenantId, webhookId }))
}

/** Whether any webhook of the tenant's wants events of this type. */
export async function wantsEvents(db: Database, tenantId: TenantId, type: WebhookEventType): Promise<boolean> {
  const rows = await db.all(sql`SELECT 1 FROM webhook AS w WHERE w.tenant_id = ${tenantId} AND w.active = 1
    AND EXISTS (SELECT 1 FROM json_each(w.events) AS wanted WHERE wanted.value = ${type}) LIMIT 1`)
  return rows.length > 0
}

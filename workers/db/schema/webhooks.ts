import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { WEBHOOK_EVENTS, WebhookEventType } from '../../core/webhooks/webhook-event.ts'

/** One try of a delivery. `status`: what the endpoint answered, `null` where it did not. */
export type DeliveryTry = { at_ms: number; status: number | null; error: string | null; latency_ms: number }

/** Where a tenant wants to be told of what happens. `version` is of what somebody configured alone. */
export const webhook = sqliteTable(
  'webhook',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    url: text().notNull(),
    events: text({ mode: 'json' }).$type<(typeof WEBHOOK_EVENTS)[number][]>().notNull(),
    active: integer({ mode: 'boolean' }).notNull(),
    secretSealed: text('secret_sealed').notNull(),
    /** The secret before a rotation, with which is signed as well until then. */
    previousSealed: text('previous_sealed'),
    previousUntilMs: integer('previous_until_ms'),
    /** Tries in a row that failed. */
    failures: integer().notNull(),
    failingSinceMs: integer('failing_since_ms'),
    pausedMs: integer('paused_ms'),
    pauseReason: text('pause_reason'),
    createdBy: text('created_by').notNull(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What a webhook is to be told, and what became of it. */
export const webhookDelivery = sqliteTable(
  'webhook_delivery',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    webhookId: text('webhook_id').notNull(),
    eventId: text('event_id').notNull(),
    eventType: text('event_type').$type<WebhookEventType>().notNull(),
    payload: text().notNull(),
    status: text().$type<'pending' | 'delivered' | 'failed'>().notNull(),
    /** Tries since it was made, or last asked for again. */
    tries: integer().notNull(),
    nextMs: integer('next_ms'),
    log: text({ mode: 'json' }).$type<DeliveryTry[]>().notNull(),
    createdMs: integer('created_ms').notNull(),
    endedMs: integer('ended_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.webhookId, table.eventId] })],
)

import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { AuditAction } from '../../core/access/audit-action.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'

/** One change by somebody. Triggers refuse to change or delete a row. */
export const auditEvent = sqliteTable(
  'audit_event',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    atMs: integer('at_ms').notNull(),
    actorKind: text('actor_kind').notNull(),
    actorId: text('actor_id').notNull(),
    action: text().$type<AuditAction>().notNull(),
    resourceType: text('resource_type').notNull(),
    resourceId: text('resource_id').notNull(),
    before: text({ mode: 'json' }).$type<unknown>(),
    after: text({ mode: 'json' }).$type<unknown>(),
    requestId: text('request_id').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** What was answered to a creation that named an `Idempotency-Key`; `status` is `null` while it is being made. */
export const idempotentAnswer = sqliteTable(
  'idempotent_answer',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    operation: text().notNull(),
    key: text().notNull(),
    fingerprint: text().notNull(),
    /** Of the request that is making it: one whose claim has run out must not write over that of another. */
    claim: text().notNull(),
    status: integer(),
    contentType: text('content_type'),
    body: text(),
    expiresMs: integer('expires_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.operation, table.key] })],
)

import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'

/** A tenant whose events are being moved from one database to another, and how far that is; see the migration. */
export const tenantMove = sqliteTable('tenant_move', {
  tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
  source: integer().notNull(),
  target: integer().notNull(),
  state: text().$type<'marking' | 'pausing' | 'copying' | 'settling' | 'emptying'>().notNull(),
  sinceMs: integer('since_ms').notNull(),
  tableNo: integer('table_no').notNull(),
  after: text().notNull(),
  copied: integer().notNull(),
  moved: integer().notNull(),
  leaseOwner: text('lease_owner').notNull(),
  leaseUntilMs: integer('lease_until_ms').notNull(),
})

/** Tenants in a database of events that sums, comparisons and the archive leave alone. */
export const movingTenant = sqliteTable('moving_tenant', { tenantId: text('tenant_id').$type<TenantId>().primaryKey() })

import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { ComplexityConfig } from '../../core/rules/complexity.ts'

/** How complex a tenant's requests are told to be; a `body` that is `null` says nothing. */
export const complexityConfig = sqliteTable('complexity_config', {
  tenantId: text('tenant_id').$type<TenantId>().primaryKey(),
  body: text({ mode: 'json' }).$type<ComplexityConfig>(),
  version: integer().notNull(),
  updatedMs: integer('updated_ms').notNull(),
})

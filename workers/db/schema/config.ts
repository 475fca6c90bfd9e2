import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { ConfigKind } from '../../core/config/config-kind.ts'

/** What a configuration file last made of an object: the hash of what it declared. */
export const configObject = sqliteTable(
  'config_object',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    kind: text().$type<ConfigKind>().notNull(),
    objectId: text('object_id').notNull(),
    configHash: text('config_hash').notNull(),
    appliedMs: integer('applied_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.kind, table.objectId] })],
)

import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeySnapshot, ScopeSnapshot } from '../../core/snapshot.ts'

/** What a key's meter is told. `pushedVersion` is the newest version that the meter is known to have. */
export const keySnapshot = sqliteTable(
  'key_snapshot',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    keyId: text('key_id').notNull(),
    version: integer().notNull(),
    pushedVersion: integer('pushed_version').notNull(),
    body: text({ mode: 'json' }).$type<KeySnapshot>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.keyId] })],
)

/** What a scope's budget object is told; `pushedVersion` as in `keySnapshot`. */
export const scopeSnapshot = sqliteTable(
  'scope_snapshot',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    scope: text().notNull(),
    version: integer().notNull(),
    pushedVersion: integer('pushed_version').notNull(),
    body: text({ mode: 'json' }).$type<ScopeSnapshot>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.scope] })],
)

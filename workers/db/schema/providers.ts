import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { Patience } from '../../core/snapshot.ts'

/** A tenant's own account at a provider. `vendor`, `baseUrl`, `patience` and their like are those of `ProviderAccount`. */
export const providerAccount = sqliteTable(
  'provider_account',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    name: text().notNull(),
    vendor: text().notNull(),
    baseUrl: text('base_url'),
    region: text(),
    residency: text(),
    patience: text({ mode: 'json' }).$type<Patience>(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    deletedMs: integer('deleted_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.name] })],
)

/** A key of such an account. `maskedValue` is for people; what `sealed` is, the migration says. */
export const providerKey = sqliteTable(
  'provider_key',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    account: text().notNull(),
    name: text().notNull(),
    weight: real().notNull(),
    models: text({ mode: 'json' }).$type<string[]>().notNull(),
    blacklistedModels: text('blacklisted_models', { mode: 'json' }).$type<string[]>().notNull(),
    settings: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    sealed: text().notNull(),
    maskedValue: text('masked_value').notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
    /** When its secret was last replaced. */
    rotatedMs: integer('rotated_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

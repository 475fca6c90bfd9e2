import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { ReliabilityInput } from '../../contracts/reliability.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeyHandling, KeyMeters } from '../../core/snapshot.ts'

const groupColumns = {
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  id: text().notNull(),
  name: text().notNull(),
}

const versionColumns = {
  /** Grows by one with every change of the row or its limits. */
  version: integer().notNull(),
  createdMs: integer('created_ms').notNull(),
  updatedMs: integer('updated_ms').notNull(),
  deletedMs: integer('deleted_ms'),
}

/** A customer of the tenant's: teams and keys may belong to it. */
export const customer = sqliteTable('customer', { ...groupColumns, ...versionColumns }, table => [
  primaryKey({ columns: [table.tenantId, table.id] }),
])

/** A team: keys may belong to it, and it to a customer. */
export const team = sqliteTable(
  'team',
  { ...groupColumns, customerId: text('customer_id'), ...versionColumns },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** One provider of a virtual key, as stored. `keyIds` names provider keys: `null` and `['*']` allow all, `[]` none. */
export type ProviderConfig = {
  /** Unique within its virtual key; names the rows of its budgets and rate limit. */
  id: number
  provider: string
  weight: number | null
  allowedModels: string[]
  blacklistedModels: string[]
  keyIds: string[] | null
}

/** Which tools of one MCP server a virtual key may use: `['*']` all, `[]` none. `id` is unique within its key. */
export type McpConfig = { id: number; clientId: string; tools: string[] }

/** A virtual key. Its text is stored nowhere: `maskedValue` is for people, `keyHash` for the check. */
export const virtualKey = sqliteTable(
  'virtual_key',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    maskedValue: text('masked_value').notNull(),
    keyHash: text('key_hash').notNull(),
    isActive: integer('is_active', { mode: 'boolean' }).notNull(),
    expiresMs: integer('expires_ms'),
    providerConfigs: text('provider_configs', { mode: 'json' }).$type<ProviderConfig[]>().notNull(),
    calendarAligned: integer('calendar_aligned', { mode: 'boolean' }).notNull(),
    /** A key belongs to a team, to a customer, or to neither. */
    teamId: text('team_id'),
    customerId: text('customer_id'),
    ...versionColumns,
    /** `expectedOutputTokens` may be set where it is `expected`. */
    admissionMode: text('admission_mode').$type<KeyHandling['admission']>().notNull(),
    expectedOutputTokens: integer('expected_output_tokens'),
    settlement: text().$type<KeyHandling['settlement']>().notNull(),
    /** `null`, both: never set, so that the one meter owns the key's limits. Never `null` again. */
    meterRegions: text('meter_regions').$type<KeyMeters['regions']>(),
    meterShards: integer('meter_shards'),
    /** `null`: the defaults. */
    reliability: text({ mode: 'json' }).$type<ReliabilityInput>(),
    mcpConfigs: text('mcp_configs', { mode: 'json' }).$type<McpConfig[]>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

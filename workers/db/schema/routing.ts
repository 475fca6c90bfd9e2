import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { OverrideScope, PriceOverride, PricePatch } from '../../core/pricing/price-override.ts'
import type { RequestType } from '../../core/pricing/request-type.ts'
import type { RuleScope, RuleTarget } from '../../core/rules/routing-rule.ts'

/** What models cost a tenant where that is not as the price lists have it; `patch` as it was said, `rates` as snapshots have it. */
export const pricingOverride = sqliteTable(
  'pricing_override',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    scopeKind: text('scope_kind').$type<OverrideScope>().notNull(),
    virtualKeyId: text('virtual_key_id'),
    providerId: text('provider_id'),
    providerKeyId: text('provider_key_id'),
    matchType: text('match_type').$type<PriceOverride['matchType']>().notNull(),
    pattern: text().notNull(),
    requestTypes: text('request_types', { mode: 'json' }).$type<RequestType[]>().notNull(),
    patch: text({ mode: 'json' }).$type<Record<string, number>>().notNull(),
    rates: text({ mode: 'json' }).$type<PricePatch>().notNull(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A routing rule. `targets` and `fallbacks` are as snapshots have them; `query` is what an editor keeps of its own. */
export const routingRule = sqliteTable(
  'routing_rule',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    description: text().notNull(),
    enabled: integer({ mode: 'boolean' }).notNull(),
    expression: text().notNull(),
    targets: text({ mode: 'json' }).$type<RuleTarget[]>().notNull(),
    fallbacks: text({ mode: 'json' }).$type<string[]>().notNull(),
    query: text({ mode: 'json' }).$type<unknown>(),
    scope: text().$type<RuleScope>().notNull(),
    /** Empty where the scope is `global`. */
    scopeId: text('scope_id').notNull(),
    isChained: integer('chain_rule', { mode: 'boolean' }).notNull(),
    priority: integer().notNull(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

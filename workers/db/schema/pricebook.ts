import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { PricebookEntry } from '../../core/pricing/tenant-pricebook.ts'

/** An entry as it was said: its prices in dollars, by the names that price overrides have for them. */
export type SaidEntry = Omit<PricebookEntry, 'rates'> & { prices: Record<string, number> }

/** A version of a tenant's pricebook. `rates` is what snapshots have of `entries`. */
export const pricebookVersion = sqliteTable(
  'pricebook_version',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    number: integer().notNull(),
    id: text().notNull(),
    note: text().notNull(),
    effectiveMs: integer('effective_ms').notNull(),
    entries: text({ mode: 'json' }).$type<SaidEntry[]>().notNull(),
    rates: text({ mode: 'json' }).$type<PricebookEntry[]>().notNull(),
    isRetired: integer('is_retired', { mode: 'boolean' }).notNull(),
    createdMs: integer('created_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.number] })],
)

import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { HourStatement } from '../../contracts/usage-message.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'

/** What a meter says of one of its hours; see the migration for `change_seq`, `reconciled_seq` and `due_ms`. */
export const meterHour = sqliteTable(
  'meter_hour',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    hour_ms: integer().notNull(),
    virtual_key_id: text().notNull(),
    meter: text().notNull(),
    revision: integer().notNull(),
    events: integer().notNull(),
    cost_nano: integer().notNull(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    limits: text({ mode: 'json' }).$type<HourStatement['limits']>().notNull(),
    received_ms: integer().notNull(),
    due_ms: integer().notNull(),
    change_seq: integer().notNull(),
    reconciled_seq: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.virtual_key_id, t.meter] })],
)

/** What a run of the reconcile job did for one tenant. */
export const reconcileRun = sqliteTable(
  'reconcile_run',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    run_ms: integer().notNull(),
    hours: integer().notNull(),
    differences: integer().notNull(),
    corrections: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.run_ms] })],
)

/** What a difference is of: a total of a key's hour, a limit's amount, or an hour's rollup. */
export type DifferenceKind = 'events' | 'cost_nano' | 'input_tokens' | 'output_tokens' | 'limit' | 'rollup'

/** Where D1 and a meter differed, or D1 and its own sums. Whole units of the kind. */
export const reconcileDifference = sqliteTable(
  'reconcile_difference',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    hour_ms: integer().notNull(),
    virtual_key_id: text().notNull(),
    kind: text().$type<DifferenceKind>().notNull(),
    subject: text().notNull(),
    expected: integer().notNull(),
    found: integer().notNull(),
    first_seen_ms: integer().notNull(),
    seen_ms: integer().notNull(),
    corrected_ms: integer(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.virtual_key_id, t.kind, t.subject] })],
)

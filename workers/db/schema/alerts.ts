import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { AlertFilters, Channel, Trigger } from '../../core/alerts/alert-rule.ts'

/** When a tenant wants to be told. `threshold`: whole percents of a budget, or nano-dollars. */
export const alertRule = sqliteTable(
  'alert_rule',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    name: text().notNull(),
    trigger: text('trigger_kind').$type<Trigger>().notNull(),
    threshold: integer().notNull(),
    channels: text({ mode: 'json' }).$type<Channel[]>().notNull(),
    filters: text({ mode: 'json' }).$type<AlertFilters>().notNull(),
    active: integer({ mode: 'boolean' }).notNull(),
    checkedMs: integer('checked_ms').notNull(),
    createdBy: text('created_by').notNull(),
    version: integer().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A rule that was met in a window. `limitId`: the budget that met it; '' where it is of spending. Nano-dollars. */
export const alertFiring = sqliteTable(
  'alert_firing',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    ruleId: text('rule_id').notNull(),
    startMs: integer('start_ms').notNull(),
    limitId: text('limit_id').notNull(),
    threshold: integer().notNull(),
    endMs: integer('end_ms').notNull(),
    scope: text(),
    max: integer().notNull(),
    used: integer().notNull(),
    noticedMs: integer('noticed_ms').notNull(),
  },
  t => [primaryKey({ columns: [t.tenantId, t.ruleId, t.startMs, t.limitId, t.threshold] })],
)

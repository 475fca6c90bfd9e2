import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { OnExceed, Unit } from '../../core/quota/limit.ts'

const limitColumns = {
  tenantId: text('tenant_id').$type<TenantId>().notNull(),
  id: text().notNull(),
  /** Whom it binds; see `core/quota/scope.ts`. */
  scope: text().notNull(),
  /** The key that it is a limit of; `null` for limits of all other scopes. */
  virtualKeyId: text('virtual_key_id'),
  /** `null`: of the owner itself; otherwise of this one of the key's provider configs. */
  providerConfigId: integer('provider_config_id'),
}

const windowColumns = {
  calendarAligned: integer('calendar_aligned', { mode: 'boolean' }).notNull(),
  /** Where the lattice of its rolling windows begins: when the row was made. */
  anchorMs: integer('anchor_ms').notNull(),
  createdMs: integer('created_ms').notNull(),
  updatedMs: integer('updated_ms').notNull(),
}

const behaviourColumns = {
  onExceed: text('on_exceed').$type<OnExceed['kind']>().notNull(),
  /** The fewest output tokens that `clamp` leaves; `null` for all others. */
  clampFloor: integer('clamp_floor'),
  /** The model that `downgrade` takes; `null` for all others. */
  downgradeTo: text('downgrade_to'),
  /** Whole percents of the maximum, sorted; `null` for none. */
  thresholds: text({ mode: 'json' }).$type<number[]>(),
  /** `MM-DD`, of aligned windows of whole months; `null` for January 1. */
  fiscalYearStart: text('fiscal_year_start'),
}

/** A maximum of money per window. What was spent of it is known to the meter or the scope's budget object alone. */
export const budget = sqliteTable(
  'budget',
  {
    ...limitColumns,
    maxLimitNano: integer('max_limit_nano').notNull(),
    resetDuration: text('reset_duration').notNull(),
    ...windowColumns,
    ...behaviourColumns,
    /** Beside the maximum, in windows that end after `overrideFromMs` and begin before `overrideUntilMs`; `null`: nothing. */
    overrideAmountNano: integer('override_amount_nano'),
    overrideFromMs: integer('override_from_ms'),
    /** `null`, where there is an amount: for ever. */
    overrideUntilMs: integer('override_until_ms'),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** Maxima of tokens and of requests per window, and of requests at the same time; each may be absent. */
export const rateLimit = sqliteTable(
  'rate_limit',
  {
    ...limitColumns,
    tokenMaxLimit: integer('token_max_limit'),
    tokenResetDuration: text('token_reset_duration'),
    requestMaxLimit: integer('request_max_limit'),
    requestResetDuration: text('request_reset_duration'),
    inFlightMaxLimit: integer('in_flight_max_limit'),
    ...windowColumns,
    ...behaviourColumns,
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A model whose limits the governance API keeps, at one provider or (`null`) at any. `scope` is whose the limits are. */
export const modelConfig = sqliteTable(
  'model_config',
  {
    tenantId: text('tenant_id').$type<TenantId>().notNull(),
    id: text().notNull(),
    modelName: text('model_name').notNull(),
    provider: text(),
    scope: text().notNull(),
    createdMs: integer('created_ms').notNull(),
    updatedMs: integer('updated_ms').notNull(),
  },
  table => [primaryKey({ columns: [table.tenantId, table.id] })],
)

/** A threshold of a limit that was reached in a window; whole units of the limit. */
export const limitAlert = sqliteTable(
  'limit_alert',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    limit_id: text().notNull(),
    start_ms: integer().notNull(),
    threshold: integer().notNull(),
    scope: text().notNull(),
    unit: text().$type<Unit>().notNull(),
    end_ms: integer().notNull(),
    max: integer().notNull(),
    used: integer().notNull(),
    noticed_ms: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.limit_id, t.start_ms, t.threshold] })],
)

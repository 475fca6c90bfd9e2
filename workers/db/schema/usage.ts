import { type AnySQLiteColumn, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { CostDetail, EventSource, RecordedOutcome } from '../../core/usage.ts'

/** One row per attempt of a call, and per correction; its fields and their units are those of `RecordedEvent`. */
export const usageEvent = sqliteTable(
  'usage_event',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    id: text().notNull(),
    virtual_key_id: text().notNull(),
    request_id: text().notNull(),
    attempt: integer().notNull(),
    revision: integer().notNull(),
    timestamp_ms: integer().notNull(),
    admitted_ms: integer().notNull(),
    settled_ms: integer().notNull(),
    provider: text().notNull(),
    model: text().notNull(),
    requested_model: text().notNull(),
    priced_model: text().notNull(),
    pricebook_version: text().notNull(),
    is_stream: integer({ mode: 'boolean' }).notNull(),
    feature: text(),
    team: text(),
    agent_name: text(),
    user_id: text(),
    entity_type: text(),
    entity_id: text(),
    tags: text({ mode: 'json' }).$type<Record<string, string>>().notNull(),
    input_tokens: integer().notNull(),
    output_tokens: integer().notNull(),
    cached_input_tokens: integer().notNull(),
    cache_write_tokens: integer().notNull(),
    reasoning_tokens: integer().notNull(),
    cost_nano: integer().notNull(),
    held_nano: integer().notNull(),
    overrun_nano: integer().notNull(),
    latency_ms: integer().notNull(),
    first_byte_ms: integer(),
    http_status: integer(),
    success: integer({ mode: 'boolean' }).notNull(),
    outcome: text().$type<RecordedOutcome>().notNull(),
    service_tier: text(),
    cost_detail: text({ mode: 'json' }).$type<CostDetail>(),
    rule_id: text(),
    rules_skipped: text({ mode: 'json' }).$type<string[]>(),
    source: text().$type<EventSource>().notNull().default('gateway'),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.id] })],
)

const rollupDimensions = {
  tag_key: text().notNull(),
  tag_value: text().notNull(),
  user_id: text().notNull(),
  entity_type: text().notNull(),
  entity_id: text().notNull(),
  agent_name: text().notNull(),
  team: text().notNull(),
  feature: text().notNull(),
  virtual_key_id: text().notNull(),
  provider: text().notNull(),
  model: text().notNull(),
}

const rollupSums = {
  events: integer().notNull(),
  successes: integer().notNull(),
  estimates: integer().notNull(),
  input_tokens: integer().notNull(),
  output_tokens: integer().notNull(),
  cached_input_tokens: integer().notNull(),
  cache_write_tokens: integer().notNull(),
  reasoning_tokens: integer().notNull(),
  latency_ms: integer().notNull(),
  cost_nano: integer().notNull(),
  overrun_nano: integer().notNull(),
  input_cost_nano: integer().notNull(),
  output_cost_nano: integer().notNull(),
  first_ms: integer().notNull(),
  last_ms: integer().notNull(),
  /** The sums of each provider and model, as `rollup/by-model.ts` packs them; of the facet `model` itself none. */
  by_model: text({ mode: 'json' }).$type<(string | number)[][]>().notNull(),
}

const owner = { tenant_id: text().$type<TenantId>().notNull(), facet: text().notNull() }
const dimensionsOf = (t: { [Name in keyof typeof rollupDimensions]: AnySQLiteColumn }) =>
  [
    ...([t.tag_key, t.tag_value, t.user_id, t.entity_type, t.entity_id, t.agent_name] as const),
    ...([t.team, t.feature, t.virtual_key_id, t.provider, t.model] as const),
  ] as const

/** Sums of a UTC hour's events by the dimensions of a facet; those that are not of it are the empty text. */
export const rollupHour = sqliteTable(
  'rollup_hour',
  { ...owner, hour_ms: integer().notNull(), ...rollupDimensions, ...rollupSums },
  t => [primaryKey({ columns: [t.tenant_id, t.facet, t.hour_ms, ...dimensionsOf(t)] })],
)

/** The same of a UTC day. True only of days that are not due and have no dirty hour. */
export const rollupDay = sqliteTable(
  'rollup_day',
  { ...owner, day_ms: integer().notNull(), ...rollupDimensions, ...rollupSums },
  t => [primaryKey({ columns: [t.tenant_id, t.facet, t.day_ms, ...dimensionsOf(t)] })],
)

/** Hours that were rolled up. `missing`: facets that are not in `rollupHour`, since they have about as many rows as the hour has events. */
export const rolledHour = sqliteTable(
  'rolled_hour',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    hour_ms: integer().notNull(),
    missing: text({ mode: 'json' }).$type<string[]>().notNull(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.hour_ms] })],
)

/** Days of which an hour was rolled up. `due`: 0 where `rollupDay` is true of it, 1 where it waits, else the mark of who makes it. */
export const rolledDay = sqliteTable(
  'rolled_day',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    day_ms: integer().notNull(),
    missing: text({ mode: 'json' }).$type<string[]>().notNull(),
    due: integer().notNull(),
    /** Its sums tell enough for its events to go to the archive. */
    is_sealed: integer({ mode: 'boolean' }).notNull(),
  },
  table => [primaryKey({ columns: [table.tenant_id, table.day_ms] })],
)

/** How many events of an hour there are in which a routing rule could not be evaluated. */
export const ruleSkipHour = sqliteTable(
  'rule_skip_hour',
  {
    tenant_id: text().$type<TenantId>().notNull(),
    hour_ms: integer().notNull(),
    rule_id: text().notNull(),
    events: integer().notNull(),
  },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.rule_id] })],
)

/** Hours whose events have changed since they were rolled up. */
export const dirtyHour = sqliteTable(
  'dirty_hour',
  { tenant_id: text().$type<TenantId>().notNull(), hour_ms: integer().notNull() },
  table => [primaryKey({ columns: [table.tenant_id, table.hour_ms] })],
)

/** Queue messages that could not be booked, kept whole for a person to read. */
export const deadLetter = sqliteTable('dead_letter', {
  id: text().primaryKey(),
  receivedMs: integer('received_ms').notNull(),
  queue: text().notNull(),
  reason: text().notNull(),
  body: text().notNull(),
})

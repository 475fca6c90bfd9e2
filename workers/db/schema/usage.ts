import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core'
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
  provider: text().notNull(),
  model: text().notNull(),
  virtual_key_id: text().notNull(),
}

const rollupSums = {
  events: integer().notNull(),
  successes: integer().notNull(),
  input_tokens: integer().notNull(),
  output_tokens: integer().notNull(),
  cached_input_tokens: integer().notNull(),
  cache_write_tokens: integer().notNull(),
  reasoning_tokens: integer().notNull(),
  cost_nano: integer().notNull(),
  overrun_nano: integer().notNull(),
}

/** Sums of a UTC hour's events. A sum of nano-dollars is exact in JavaScript below 2^53, which is above $9 million. */
export const rollupHour = sqliteTable(
  'rollup_hour',
  { tenant_id: text().$type<TenantId>().notNull(), hour_ms: integer().notNull(), ...rollupDimensions, ...rollupSums },
  t => [primaryKey({ columns: [t.tenant_id, t.hour_ms, t.provider, t.model, t.virtual_key_id] })],
)

/** Sums of a UTC day's events, made from its hours. True only of days without a dirty hour; money as in `rollupHour`. */
export const rollupDay = sqliteTable(
  'rollup_day',
  { tenant_id: text().$type<TenantId>().notNull(), day_ms: integer().notNull(), ...rollupDimensions, ...rollupSums },
  t => [primaryKey({ columns: [t.tenant_id, t.day_ms, t.provider, t.model, t.virtual_key_id] })],
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

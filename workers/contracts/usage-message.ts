import { z } from 'zod'
import { HOUR_MS } from '../core/window/hour.ts'

/** How many limits one statement tells of; a meter with more leaves some out, and its totals are checked all the same. */
export const MAX_LIMITS = 150

const count = z.int().min(0)
const text = z.string().max(2000)

const unitName = z.string().max(64)

// The shape is `CostDetail` of `core/usage.ts`.
const CostDetailSchema = z.object({
  tier: unitName,
  above: count.nullable(),
  source: text,
  lines: z.array(z.tuple([unitName, count, count])).max(64),
  unpriced: z
    .array(z.tuple([unitName, count]))
    .max(64)
    .optional(),
})

/**
 * One usage event as it travels; the shape is `UsageEvent` of `core/usage.ts`, checked where it enters D1. Fields of a newer
 * Weir, whose objects may be deployed a moment earlier than its consumer, are passed over.
 */
export const UsageEventSchema = z.object({
  id: z.string().regex(/^evt_[0-9a-f]{32}_\d+$/),
  tenant_id: text,
  virtual_key_id: text,
  request_id: text,
  attempt: z.int().min(1),
  revision: z.int().min(1),
  timestamp_ms: count,
  admitted_ms: count,
  settled_ms: count,
  provider: text,
  model: text,
  requested_model: text,
  priced_model: text,
  pricebook_version: text,
  is_stream: z.boolean(),
  feature: text.nullable(),
  team: text.nullable(),
  agent_name: text.nullable(),
  user_id: text.nullable(),
  entity_type: text.nullable(),
  entity_id: text.nullable(),
  tags: z.record(z.string(), z.string()),
  input_tokens: count,
  output_tokens: count,
  cached_input_tokens: count,
  cache_write_tokens: count,
  reasoning_tokens: count,
  cost_nano: count,
  held_nano: count,
  overrun_nano: count,
  latency_ms: count,
  first_byte_ms: count.nullable(),
  http_status: z.int().nullable(),
  success: z.boolean(),
  outcome: z.enum(['ok', 'estimated', 'assumed', 'provider_error', 'unreachable']),
  // An object that is older than its consumer does not tell these; and no charge is lost for want of its explanation.
  service_tier: text.nullable().catch(null),
  cost_detail: CostDetailSchema.nullable().catch(null),
  rule_id: text.nullish().catch(null),
  rules_skipped: z.array(unitName).min(1).max(200).nullish().catch(null),
})

/** The meter that ships, and to which rows are confirmed once they are in D1. */
const MeterOwner = z.object({ tenantId: z.string(), keyId: z.string(), part: z.string().optional() })

/** One queue message as it arrives: rows of one meter's outbox, by their number there. Each event is checked by itself. */
export const UsageEnvelope = z.object({
  v: z.literal(1),
  meter: MeterOwner,
  rows: z.array(z.object({ seq: z.int().min(1), event: z.unknown() })).min(1),
})
export type UsageEnvelope = z.infer<typeof UsageEnvelope>

/** One queue message as a meter sends it. Under 128 KB. */
export type UsageMessage = Omit<UsageEnvelope, 'rows'> & {
  rows: { seq: number; event: z.infer<typeof UsageEventSchema> }[]
}

const unit = z.enum(['nano_usd', 'tokens', 'requests', 'in_flight'])

const LimitStatement = z.object({
  limitId: text,
  scope: text.optional(),
  unit,
  startMs: z.int(),
  amount: z.int(),
  firstMs: count,
  lastMs: count,
})

/** What a meter says of one of its hours; the fields are those of `HourTotals` in `core/quota/hour-totals.ts`. */
const HourStatement = z.object({
  hourMs: count.multipleOf(HOUR_MS),
  revision: z.int().min(1),
  events: count,
  costNano: count,
  inputTokens: count,
  outputTokens: count,
  limits: z.array(LimitStatement).max(MAX_LIMITS),
})
export type HourStatement = z.infer<typeof HourStatement>

/** A queue message of the second kind: what a meter counted in hours that are over. Under 128 KB. */
export const StatementMessage = z.object({
  v: z.literal(1),
  meter: MeterOwner,
  statements: z.array(HourStatement).min(1),
})
export type StatementMessage = z.infer<typeof StatementMessage>

/** A statement by its hour and revision, as it is confirmed. */
export type StatementRef = Pick<HourStatement, 'hourMs' | 'revision'>

/** A scope's budget object. */
const ScopeOwner = z.object({ tenantId: z.string(), scope: z.string() })

/** A threshold that was reached; the fields are those of `LimitAlert` in `core/quota/thresholds.ts`. */
const AlertSchema = z.object({
  limitId: text,
  scope: text,
  unit,
  startMs: z.int(),
  endMs: z.int(),
  threshold: z.int().min(1).max(1000),
  max: count,
  used: count,
  noticedMs: count,
})

/** A queue message of the third kind: thresholds that were reached, from the object that owns their limits. Under 128 KB. */
export const AlertMessage = z.object({
  v: z.literal(1),
  from: z.union([MeterOwner, ScopeOwner]),
  alerts: z.array(AlertSchema).min(1),
})
export type AlertMessage = z.infer<typeof AlertMessage>

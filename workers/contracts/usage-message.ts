import { z } from 'zod'

const count = z.int().min(0)
const text = z.string().max(2000)

/** One usage event as it travels; the shape is `UsageEvent` of `core/usage.ts`, checked where it enters D1. */
export const UsageEventSchema = z.strictObject({
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
})

/** One queue message: rows of one meter's outbox, by their sequence number there. Under 128 KB. */
export const UsageMessage = z.strictObject({
  v: z.literal(1),
  /** The meter that ships, and to which the rows are confirmed once they are in D1. */
  meter: z.strictObject({ tenantId: z.string(), keyId: z.string() }),
  rows: z.array(z.strictObject({ seq: z.int().min(1), event: UsageEventSchema })).min(1),
})
export type UsageMessage = z.infer<typeof UsageMessage>

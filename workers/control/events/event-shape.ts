import { z } from 'zod'
import { PageQuery } from '../http/page.ts'

const OUTCOMES = ['ok', 'estimated', 'assumed', 'provider_error', 'unreachable', 'correction'] as const

const count = z.int().min(0)
const text = z.string().optional()
const name = z.string().nullable()

/** The query of `GET /v1/events`. */
export const EventsQuery = z.object({
  ...PageQuery.shape,
  ...{ start_date: text, end_date: text },
  ...{ agent_name: text, user_id: text, provider: text, model: text, virtual_key_id: text },
  ...{ feature: text, team: text, request_id: text },
  success: z.enum(['true', 'false']).optional(),
  outcome: z.enum(OUTCOMES).optional(),
  tags: text.meta({ description: 'A JSON object of texts, all of which an event must have.' }),
})

const tokens = {
  ...{ input_tokens: count, output_tokens: count, tokens_input: count, tokens_output: count },
  ...{ cached_input_tokens: count, cache_write_tokens: count, reasoning_tokens: count, total_tokens: count },
}
const money = { cost_usd: z.number(), cost_nano: z.string(), held_usd: z.number(), overrun_usd: z.number() }
const names = { feature: name, team: name, agent_name: name, user_id: name, entity_type: name, entity_id: name }

/** A usage event as the API shows it. */
export const EventShape = z.object({
  id: z.string().regex(/^evt_/),
  request_id: z.string(),
  timestamp: z.iso.datetime(),
  ...{ provider: z.string(), model: z.string(), requested_model: z.string(), priced_model: z.string() },
  ...tokens,
  ...money,
  service_tier: z.string().nullable(),
  pricebook_version: z.string(),
  latency_ms: count,
  first_byte_ms: count.nullable(),
  status: z.int().nullable(),
  ...{ success: z.boolean(), outcome: z.enum(OUTCOMES), is_estimated: z.boolean(), is_stream: z.boolean() },
  attempt: z.int().min(1),
  virtual_key_id: z.string(),
  ...names,
  tags: z.record(z.string(), z.string()),
  rule_id: name.meta({ description: 'The routing rule that sent it where it went.' }),
  rules_skipped: z.array(z.string()).meta({ description: 'Routing rules that could not be evaluated for it, by id.' }),
})

const line = z.object({ unit: z.string(), quantity: count, usd_per_unit: z.string(), usd: z.string() })
const known = { lines: z.array(line), unpriced: z.array(z.object({ unit: z.string(), quantity: count })) }

const ExplanationShape = z.union([
  z.object({ basis: z.literal('assumed_hold'), ...known }),
  z.object({
    basis: z.enum(['own_count', 'provider_usage']),
    service_tier: name,
    above_input_tokens: count.nullable(),
    ...{ price_source: z.string(), pricebook_version: z.string() },
    ...known,
  }),
])

/** One event, with how its charge came about. */
export const ExplainedEventShape = z.object({ ...EventShape.shape, cost_explanation: ExplanationShape.nullable() })

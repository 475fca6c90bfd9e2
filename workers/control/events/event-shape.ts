import { z } from 'zod'
import { EVENT_SOURCES, RECORDED_OUTCOMES } from '../../core/usage.ts'
import { PageQuery } from '../http/page.ts'

const count = z.int().min(0)
const text = z.string().optional()
const name = z.string().nullable()
const usd = z.number().optional()

/** The query of `GET /v1/events`. */
export const EventsQuery = z.object({
  ...PageQuery.shape,
  cursor: text.meta({ description: 'The `next_cursor` of a page: the next one, whatever was booked in between.' }),
  ...{ start_date: text, end_date: text },
  ...{ agent_name: text, user_id: text, provider: text, model: text, virtual_key_id: text },
  ...{ entity_type: text, entity_id: text, feature: text, team: text, request_id: text },
  success: z.enum(['true', 'false']).optional(),
  status: z.int().min(100).max(599).optional().meta({ description: 'The HTTP status that the provider answered.' }),
  min_cost: usd.meta({ description: 'US dollars, inclusive.' }),
  max_cost: usd.meta({ description: 'US dollars, inclusive.' }),
  source: z.enum(EVENT_SOURCES).optional(),
  outcome: z.enum(RECORDED_OUTCOMES).optional(),
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
  ...{ success: z.boolean(), outcome: z.enum(RECORDED_OUTCOMES), is_estimated: z.boolean(), is_stream: z.boolean() },
  attempt: z.int().min(1),
  virtual_key_id: name.meta({ description: 'Null of a reported event: no key paid for it.' }),
  ...names,
  tags: z.record(z.string(), z.string()),
  rule_id: name.meta({ description: 'The routing rule that sent it where it went.' }),
  rules_skipped: z.array(z.string()).meta({ description: 'Routing rules that could not be evaluated for it, by id.' }),
  source: z.enum(EVENT_SOURCES).meta({ description: '`reported`: it did not pass through the gateway.' }),
  metadata: z.object({ request_id: z.string(), duration_ms: count, prompt_tokens: count, completion_tokens: count }),
})

/** A page of events, under the names of both LLMGovernor (`events`) and InfraPrism (`data`). */
export const EventsShape = z.object({
  data: z.array(EventShape),
  events: z.array(EventShape),
  pagination: z.object({
    total: count,
    total_is_exact: z.boolean().meta({ description: 'False where there are at least so many.' }),
    ...{ limit: count, offset: count, has_more: z.boolean() },
    next_cursor: z.string().nullable().meta({ description: 'Opens the next page; null on the last.' }),
  }),
})

const line = z.object({ unit: z.string(), quantity: count, usd_per_unit: z.string(), usd: z.string() })
const known = { lines: z.array(line), unpriced: z.array(z.object({ unit: z.string(), quantity: count })) }

const ExplanationShape = z.union([
  z.object({ basis: z.literal('assumed_hold'), ...known }),
  z.object({
    basis: z.enum(['own_count', 'provider_usage', 'reported_usage']),
    service_tier: name,
    above_input_tokens: count.nullable(),
    ...{ price_source: z.string(), pricebook_version: z.string() },
    ...known,
  }),
])

const BudgetShape = z.object({
  ...{ limit_id: z.string(), scope: z.string(), max_usd: z.number(), used_usd: z.number(), remaining_usd: z.number() },
  resets_at: z.iso.datetime().nullable().meta({ description: 'Null where nothing was spent of it yet.' }),
})

const AttemptShape = z.object({
  ...{ id: z.string(), attempt: z.int().min(1), provider: z.string(), model: z.string() },
  ...{ outcome: z.enum(RECORDED_OUTCOMES), success: z.boolean(), status: z.int().nullable() },
  ...{ latency_ms: count, cost_usd: z.number() },
})

/** One event, with how its charge came about, what its caller may still spend, and the attempts of its request. */
export const ExplainedEventShape = z.object({
  ...EventShape.shape,
  cost_explanation: ExplanationShape.nullable(),
  budget_remaining: z.number().nullable().meta({ description: 'US dollars left of `budget`, now.' }),
  budget: BudgetShape.nullable().meta({
    description: 'Of the budgets that bind its caller, the one with the least left.',
  }),
  attempts: z.array(AttemptShape),
})

/** What became of each event of a report, in its order. */
export const ReportedShape = z.object({
  data: z.array(
    z.object({
      ...{ id: z.string(), external_id: z.string(), cost_usd: z.number(), cost_nano: z.string() },
      created: z.boolean().meta({ description: 'False where it was there already, and nothing was done.' }),
    }),
  ),
  ...{ accepted: count, created: count, duplicates: count },
})

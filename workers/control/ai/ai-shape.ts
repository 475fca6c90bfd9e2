import { z } from 'zod'
import { GroupShape, Nano, SumShape } from '../analytics/costs-shape.ts'
import { UsageFilterQuery } from '../analytics/read-usage-filter.ts'
import { PeriodQuery, PeriodShape } from '../analytics/usage-shape.ts'
import { PageQuery } from '../http/page.ts'
import { successOf } from '../http/success-body.ts'

const count = z.int().min(0)
const text = z.string().optional()
const name = z.string().nullable()
const share = { ...SumShape.shape, percentage: z.number() }
const usd = z.number().nullable()

/** The query of `GET /v1/ai/spend`. */
export const SpendQuery = z.object({
  ...PageQuery.shape,
  ...PeriodQuery.shape,
  ...{ source: text, model_id: text, application: text, team: text },
})

/** A page of what single events cost, the newest first. */
export const SpendShape = z.object({
  ...successOf(
    z.array(
      z.object({
        ...{ id: z.string(), timestamp: z.iso.datetime(), request_id: z.string() },
        ...{ source: z.string(), provider: z.string(), model_id: z.string() },
        ...{ application: name, team: name, feature: name, agent_name: name, user_id: name },
        ...{ input_tokens: count, output_tokens: count, cached_input_tokens: count },
        ...{ cost_usd: z.number(), cost_nano: Nano, success: z.boolean() },
        tags: z.record(z.string(), z.string()),
      }),
    ),
  ).shape,
  pagination: z.object({ total: count, limit: count, offset: count, has_more: z.boolean() }),
})

/** The query of routes that sum a period of inference. */
export const AiPeriodQuery = z.object({ ...PeriodQuery.shape, ...UsageFilterQuery.shape })

/** What inference cost in a period, by provider, model, application and team. */
export const SpendSummaryShape = successOf(
  z.object({
    period: PeriodShape,
    ...{ total_cost_usd: z.number(), total_cost_nano: Nano, total_requests: count, total_tokens: count },
    by_provider: z.array(z.object({ provider: z.string(), ...share })),
    by_model: z.array(z.object({ model: z.string(), ...share })),
    by_application: z.array(z.object({ application: name, ...share })),
    by_team: z.array(z.object({ team: name, ...share })),
  }),
)

const Unit = z.object({
  ...{ requests: count, successful_requests: count, input_tokens: count, output_tokens: count },
  ...{ cached_input_tokens: count, cost_usd: z.number(), cost_nano: Nano },
  ...{ input_cost_nano: Nano, output_cost_nano: Nano, other_cost_nano: Nano },
  ...{ cost_per_request_usd: usd, cost_per_successful_request_usd: usd },
  ...{ cost_per_1k_input_tokens_usd: usd, cost_per_1k_output_tokens_usd: usd, blended_cost_per_1m_tokens_usd: usd },
  ...{ cache_hit_rate: usd, average_latency_ms: usd },
})

/** What a unit of inference cost; `null` where there was none. */
export const UnitEconomicsShape = successOf(
  z.object({
    period: PeriodShape,
    ...Unit.shape,
    by_model: z.array(z.object({ provider: z.string(), model: z.string(), ...Unit.shape })),
  }),
)

/** The query of `GET /v1/ai/workflows/:id/cost`. */
export const WorkflowQuery = z.object({
  ...PeriodQuery.shape,
  tag: z.enum(['workflow', 'workflow_id']).optional().meta({ description: 'The tag that names workflows.' }),
})

/** What an agent or a workflow cost in a period, by model and by day. */
export const AttributionShape = successOf(
  z.object({
    ...{ agent_name: text, workflow: text },
    period: PeriodShape,
    ...{ total_cost_usd: z.number(), total_cost_nano: Nano, total_requests: count, total_tokens: count },
    ...{ cost_per_request_usd: z.number(), success_rate: z.number() },
    by_model: z.array(z.object({ ...GroupShape.shape, ...share })),
    daily: z.array(z.object({ date: z.string(), ...SumShape.shape })),
  }),
)

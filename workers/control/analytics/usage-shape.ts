import { z } from 'zod'
import { Nano, SumShape } from './costs-shape.ts'
import { UsageFilterQuery } from './read-usage-filter.ts'

const count = z.int().min(0)
const text = z.string().optional()
const share = { ...SumShape.shape, percentage: z.number() }

/** The query parameters of a period: the last 30 days unless said. */
export const PeriodQuery = z.object({ start_date: text, end_date: text })

/** A period as an answer says it. */
export const PeriodShape = z.object({ start_date: z.string(), end_date: z.string() })

/** The query of `GET /v1/analytics/usage`. */
export const UsageQuery = z.object({
  ...PeriodQuery.shape,
  limit: z.int().min(1).max(100).optional().meta({ description: 'How long each list of the most is; 10 unless said.' }),
  ...UsageFilterQuery.shape,
})

const Period = z.object({
  ...PeriodShape.shape,
  ...{ total_events: count, total_tokens: count, total_cost_usd: z.number(), total_cost_nano: Nano },
  ...{ unique_agents: count, unique_users: count, success_rate: z.number().nullable() },
})
const change = z.number().nullable()

/** What was used in a period and in that before it, and who and what used the most. `change` is in percent, `null` from nothing. */
export const UsageShape = z.object({
  current_period: Period,
  previous_period: Period,
  change: z.object({ events: change, tokens: change, cost: change, unique_agents: change, unique_users: change }),
  top_agents: z.array(z.object({ agent_name: z.string(), ...share })),
  top_users: z.array(z.object({ user_id: z.string(), ...share })),
  top_providers: z.array(z.object({ provider: z.string(), ...share })),
  top_models: z.array(z.object({ provider: z.string(), model: z.string(), ...share })),
})

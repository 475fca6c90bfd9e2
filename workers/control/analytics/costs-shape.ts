import { z } from 'zod'
import { UsageFilterQuery } from './read-usage-filter.ts'

const count = z.int().min(0)
const text = z.string().optional()
const name = z.string().nullable().optional()

/** Whole nano-dollars as text, since they may be more than a double tells apart; a correction may take below zero. */
export const Nano = z
  .string()
  .regex(/^-?\d+$/)
  .meta({ description: 'Whole nano-dollars, exact.' })

/** The query of `GET /v1/analytics/costs`. */
export const CostsQuery = z.object({
  ...{ start_date: z.string(), end_date: z.string() },
  group_by: text.meta({
    description:
      'Any of hour, day, week, month, provider, model, virtual_key, team, agent, feature, user, entity_type, entity, tag:KEY, with commas between them. day unless said.',
  }),
  ...UsageFilterQuery.shape,
})

/** What a row of sums is of. `null`: events that have no such name. */
export const GroupShape = z.object({
  ...{ hour: text, date: text, week: text, month: text },
  ...{ provider: text, model: text, virtual_key_id: text, team: name, agent_name: name, feature: name, user_id: name },
  ...{ entity_type: name, entity_id: name, tags: z.record(z.string(), z.string().nullable()).optional() },
})

/** What was used, in any row of sums. */
export const SumShape = z.object({ cost_usd: z.number(), cost_nano: Nano, events: count, tokens: count })

/** A cost summary and the rows that it is the sum of; each row is named by what the query groups by. */
export const CostsShape = z.object({
  summary: z.object({
    total_cost_usd: z.number(),
    total_cost_nano: Nano,
    total_events: count,
    total_tokens: count,
    average_cost_per_event: z.number(),
  }),
  data: z.array(z.object({ ...GroupShape.shape, ...SumShape.shape })),
})

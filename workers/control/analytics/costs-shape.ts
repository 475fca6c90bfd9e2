import { z } from 'zod'

const count = z.int().min(0)
const text = z.string().optional()
const nano = z.string().meta({ description: 'Whole nano-dollars, exact.' })

/** The query of `GET /v1/analytics/costs`. */
export const CostsQuery = z.object({
  ...{ start_date: z.string(), end_date: z.string() },
  group_by: z.enum(['day', 'hour', 'provider', 'model']).optional(),
  ...{ provider: text, model: text, virtual_key_id: text },
})

const Sum = z.object({
  ...{ date: text, hour: text, provider: text, model: text },
  cost_usd: z.number(),
  cost_nano: nano,
  events: count,
  tokens: count,
})

/** A cost summary and the rows that it is the sum of; each row is named by what the query groups by. */
export const CostsShape = z.object({
  summary: z.object({
    total_cost_usd: z.number(),
    total_cost_nano: nano,
    total_events: count,
    total_tokens: count,
    average_cost_per_event: z.number(),
  }),
  data: z.array(Sum),
})

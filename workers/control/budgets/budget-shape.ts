import { z } from 'zod'
import { PageQuery } from '../http/page.ts'

const time = z.iso.datetime()
const usd = z.number().min(0)

/** The query of `GET /v1/budgets`. */
export const BudgetsQuery = PageQuery

/** A budget in LLMGovernor's words, with where it is going. */
export const BudgetShape = z.object({
  id: z.string().meta({ description: 'Of the limit that it is: `/v1/limits` knows it by the same.' }),
  agent_name: z.string().nullable(),
  user_id: z.string().nullable(),
  tags: z.record(z.string(), z.string()),
  scope: z.string(),
  amount_usd: usd,
  period: z.string().meta({ description: 'A word, or the duration of a limit for which there is none.' }),
  enforcement: z.enum(['block', 'warn', 'clamp', 'downgrade']),
  alert_threshold: z.number().nullable(),
  status: z.enum(['active', 'warning', 'exceeded']),
  spent_usd: usd,
  remaining_usd: usd,
  burn_rate_usd_per_day: usd.nullable().meta({ description: 'Over the period so far; null in its first minute.' }),
  projected_exhaustion_at: time
    .nullable()
    .meta({ description: 'At that rate; null where it lasts to its end, or is used up.' }),
  period_start: time,
  period_end: time.meta({ description: 'The first instant of the next one.' }),
  created_at: time,
  updated_at: time,
})

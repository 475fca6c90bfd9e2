import { z } from 'zod'

/** How long a budget lasts, from one beginning of the calendar's to the next, in UTC. */
export const PERIODS = ['daily', 'weekly', 'monthly', 'quarterly', 'yearly'] as const
/** What happens to a request that a budget has no money for. */
export const ENFORCEMENTS = ['block', 'warn'] as const

const period = z.enum(PERIODS, { error: `must be one of ${PERIODS.join(', ')}` })
const enforcement = z.enum(ENFORCEMENTS, { error: `must be one of ${ENFORCEMENTS.join(', ')}` })
const name = z.string().min(1).max(256)
const noTags = { error: 'must be names without = of 1 to 256 characters, each with a text of at most 256' }

/** Whose budget: of the requests that all of these are true of, or of all of the tenant's. */
export const BudgetOwner = z.object({
  agent_name: name.nullish(),
  user_id: name.nullish(),
  tags: z
    .record(z.string(), z.string().max(256), noTags)
    .refine(tags => Object.keys(tags).every(name => /^[^=]{1,256}$/.test(name)), noTags)
    .nullish(),
})
export type BudgetOwner = z.infer<typeof BudgetOwner>

const amounts = { alert_threshold: z.number().nullish(), enforcement: enforcement.nullish() }

/** The body of `POST /v1/budgets`, in LLMGovernor's words. */
export const BudgetInput = z.object({ ...BudgetOwner.shape, amount_usd: z.number(), period, ...amounts })
export type BudgetInput = z.infer<typeof BudgetInput>

/** The body of `PUT /v1/budgets/:id`: what is absent stays. Whose it is may be said again, and does not change. */
export const BudgetUpdate = z.object({
  ...BudgetOwner.shape,
  amount_usd: z.number().nullish(),
  period: period.nullish(),
  ...amounts,
})
export type BudgetUpdate = z.infer<typeof BudgetUpdate>

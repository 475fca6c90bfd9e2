import { z } from 'zod'

const time = z.iso.datetime()
const text = z.string().optional()
const count = z.int().min(0)

/** What a limit does when it is reached, in every answer that shows one. */
export const BehaviourShape = z.object({
  on_exceed: z.enum(['refuse', 'warn', 'clamp', 'downgrade']),
  clamp_floor: z.int().min(1).nullable(),
  downgrade_to: z.string().nullable(),
  alert_thresholds: z.array(z.int().min(1)),
  fiscal_year_start: z.string().nullable(),
})

/** When something was made and last changed. `config_hash`: that of what a configuration file declared, empty where none made it. */
export const TimesShape = z.object({ config_hash: z.string(), created_at: time, updated_at: time })

const owner = {
  ...{ virtual_key_id: text, team_id: text, customer_id: text },
  provider_config_id: z.int().min(1).optional(),
}

/** A budget as Bifrost shows it, in dollars. */
export const BudgetShape = z.object({
  id: z.uuid(),
  max_limit: z.number().min(0),
  reset_duration: z.string(),
  last_reset: time,
  current_usage: z.number().min(0),
  ...owner,
  calendar_aligned: z.boolean(),
  reset_config: z.object({ quarter_start_month: z.int().min(1).max(12) }).optional(),
  override_amount: z.number().min(0),
  override_mode: z.enum(['', 'cycles', 'forever']),
  override_cycles_remaining: count.meta({ description: 'Windows for which it still holds, the open one included.' }),
  effective_max_limit: z.number().min(0),
  ...BehaviourShape.shape,
  ...TimesShape.shape,
})

/** A rate limit as Bifrost shows it. */
export const RateLimitShape = z.object({
  id: z.uuid(),
  ...{ token_max_limit: count.optional(), token_reset_duration: text },
  ...{ token_current_usage: count, token_last_reset: time },
  ...{ request_max_limit: count.optional(), request_reset_duration: text },
  ...{ request_current_usage: count, request_last_reset: time },
  calendar_aligned: z.boolean(),
  ...BehaviourShape.shape,
  ...TimesShape.shape,
})

/** An owner's limits as Bifrost shows them. */
export const LimitsShape = z.object({
  rate_limit_id: text,
  rate_limit: RateLimitShape.optional(),
  budget_id: text,
  budget: BudgetShape.optional(),
  budgets: z.array(BudgetShape).optional(),
})

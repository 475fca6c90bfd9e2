import { z } from 'zod'
import { CHANNELS, TRIGGERS } from '../../core/alerts/alert-rule.ts'

const time = z.iso.datetime()
const name = z.string().optional()
const usd = z.number()

const FiltersShape = z.object({
  ...{ agent_name: name, user_id: name, provider: name, model: name, feature: name },
  tags: z.record(z.string(), z.string()).optional(),
})

const threshold = z.number().meta({ description: 'A part of a budget, such as 0.8; of the other triggers dollars.' })
const told = { trigger: z.enum(TRIGGERS), threshold, channels: z.array(z.enum(CHANNELS)), filters: FiltersShape }

/** A rule of alerts as the API shows it, in LLMGovernor's words. */
export const AlertRuleShape = z.object({
  id: z.string(),
  name: z.string(),
  ...told,
  active: z.boolean(),
  notes: z.array(z.string()).meta({ description: 'What of the rule does not do what one could take it to do.' }),
  created_by: z.string(),
  created_at: time,
  updated_at: time,
})

/** That a rule was met: what webhooks are told as `alert_triggered`. */
export const FiringShape = z.object({
  id: z.string().regex(/^alr_/),
  alert_id: z.string(),
  name: z.string(),
  ...told,
  limit_id: z.string().nullable().meta({ description: 'The budget that met it; null of the other triggers.' }),
  scope: z.string().nullable(),
  max_usd: usd,
  used_usd: usd,
  window: z.object({ starts_at: time, resets_at: time }),
  noticed_at: time,
})

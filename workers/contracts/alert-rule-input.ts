import { z } from 'zod'
import { CHANNELS, TRIGGERS } from '../core/alerts/alert-rule.ts'

const noTags = { error: 'must be names without = of 1 to 256 characters, each with a text of at most 256' }
const noChannels = { error: `must be a list of one or more of ${CHANNELS.join(', ')}` }
const name = z.string().min(1).max(256)

const filters = z.strictObject({
  ...{ agent_name: name.nullish(), user_id: name.nullish(), provider: name.nullish(), model: name.nullish() },
  feature: name.nullish(),
  tags: z
    .record(z.string(), z.string().max(256), noTags)
    .refine(tags => Object.keys(tags).every(key => /^[^=]{1,256}$/.test(key)), noTags)
    .refine(tags => Object.keys(tags).length <= 20, { error: 'may have 20 tags at most' })
    .nullish(),
})
const channels = z
  .array(z.enum(CHANNELS, noChannels), noChannels)
  .min(1, noChannels)
  .max(20, noChannels)
  .transform(list => [...new Set(list)])
const trigger = z.enum(TRIGGERS, { error: `must be one of ${TRIGGERS.join(', ')}` })

/** The body of `POST /v1/alerts`, in LLMGovernor's words. */
export const AlertRuleInput = z.object({
  name,
  trigger,
  threshold: z.number(),
  channels: channels.nullish(),
  filters: filters.nullish(),
  active: z.boolean().nullish(),
})
export type AlertRuleInput = z.infer<typeof AlertRuleInput>

/** The body of `PUT /v1/alerts/:id`: what is absent stays. */
export const AlertRuleUpdate = z.object({
  name: name.nullish(),
  trigger: trigger.nullish(),
  threshold: z.number().nullish(),
  channels: channels.nullish(),
  filters: filters.nullish(),
  active: z.boolean().nullish(),
})
export type AlertRuleUpdate = z.infer<typeof AlertRuleUpdate>

import { z } from 'zod'
import { parseYearStart } from '../core/window/parse-year-start.ts'

const CHOICES = ['refuse', 'warn', 'clamp', 'downgrade'] as const
const MAX_THRESHOLDS = 10
const MAX_TOKENS = 1_000_000

const tokens = { error: `must be a whole number of tokens from 1 to ${MAX_TOKENS}` }
const percents = { error: `must be up to ${MAX_THRESHOLDS} different whole percents from 1 to 1000` }
const aModel = { error: 'must be a model as a request names it: gpt-4o-mini or openai/gpt-4o-mini' }
const aDay = { error: 'must be a day of the year, MM-DD, such as 04-06' }

/**
 * What a limit does when it is reached, of whom it warns and where its year begins: the same words in every body that has
 * limits. What is absent stays; `null` is the default. Another `fiscal_year_start` is another window, so that what was used
 * in the one before is no longer counted.
 */
export const LimitBehaviourInput = z.object({
  on_exceed: z.enum(CHOICES, { error: `must be one of ${CHOICES.join(', ')}` }).nullish(),
  clamp_floor: z.int(tokens).min(1, tokens).max(MAX_TOKENS, tokens).nullish(),
  downgrade_to: z
    .string(aModel)
    .regex(/^\S{1,256}$/, aModel)
    .nullish(),
  alert_thresholds: z
    .array(z.int(percents).min(1, percents).max(1000, percents), percents)
    .max(MAX_THRESHOLDS, percents)
    .refine(list => new Set(list).size === list.length, percents)
    .nullish(),
  fiscal_year_start: z
    .string(aDay)
    .refine(text => parseYearStart(text), aDay)
    .nullish(),
})
export type LimitBehaviourInput = z.infer<typeof LimitBehaviourInput>

import { z } from 'zod'
import { LimitBehaviourInput } from './limit-behaviour-input.ts'

const UNITS = ['nano_usd', 'tokens', 'requests', 'in_flight'] as const

/** What a change of a limit may say: dollars for `nano_usd`, whole units for the others. */
export const LimitUpdate = z.object({
  ...LimitBehaviourInput.shape,
  max_usd: z.number().nullish(),
  max: z.int().nullish(),
  duration: z.string().nullish(),
  calendar_aligned: z.boolean().nullish(),
})
export type LimitUpdate = z.infer<typeof LimitUpdate>

/** The body of `POST /v1/limits`. */
export const LimitInput = z.object({ ...LimitUpdate.shape, scope: z.string(), unit: z.enum(UNITS) })
export type LimitInput = z.infer<typeof LimitInput>

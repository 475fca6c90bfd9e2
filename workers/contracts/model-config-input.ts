import { z } from 'zod'
import { LimitsInput } from './virtual-key-input.ts'

/** The body of a create or an update of a model config (governance contract 1.5): `null` is absent, unknown fields pass. */
export const ModelConfigInput = z.object({
  ...LimitsInput.shape,
  model_name: z.string().nullish(),
  provider: z.string().nullish(),
  /** Whose requests are limited: `global` is all that there is here. */
  scope: z.string().nullish(),
})
export type ModelConfigInput = z.infer<typeof ModelConfigInput>

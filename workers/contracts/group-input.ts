import { z } from 'zod'
import { LimitsInput } from './virtual-key-input.ts'

/** The body of a create or an update of a team or a customer (governance contract 1.2, 1.3). Unknown fields pass. */
export const GroupInput = z.object({
  ...LimitsInput.shape,
  name: z.string().nullish(),
  /** Of teams only. */
  customer_id: z.string().nullish(),
  calendar_aligned: z.boolean().nullish(),
})
export type GroupInput = z.infer<typeof GroupInput>

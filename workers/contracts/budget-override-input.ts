import { z } from 'zod'

/** The body of a budget's override (governance contract 1.10), in dollars. What is missing or wrong in it is said by the control plane. */
export const BudgetOverrideInput = z.object({
  amount: z.number().nullish(),
  mode: z.string().nullish(),
  cycles: z.number().nullish(),
})
export type BudgetOverrideInput = z.infer<typeof BudgetOverrideInput>

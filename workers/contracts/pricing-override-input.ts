import { z } from 'zod'

const text = z.string().nullish()

/**
 * The body of a create or an update of a pricing override (governance contract 1.8). In an update `null` clears an id, and what
 * is absent stays. Prices are dollars per unit, by the names of Bifrost's fields.
 */
export const PricingOverrideInput = z.object({
  name: text,
  scope_kind: text,
  virtual_key_id: text,
  provider_id: text,
  provider_key_id: text,
  match_type: text,
  pattern: text,
  request_types: z.array(z.string()).nullish(),
  patch: z.record(z.string(), z.number().nullable(), { error: 'Invalid patch' }).nullish(),
})
export type PricingOverrideInput = z.infer<typeof PricingOverrideInput>

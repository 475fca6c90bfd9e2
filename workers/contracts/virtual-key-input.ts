import { z } from 'zod'

const names = z.array(z.string()).nullish()

/** A budget as a client gives it: dollars per window. What is missing or wrong in it is said by the control plane. */
export const BudgetInput = z.object({
  max_limit: z.number().nullish(),
  reset_duration: z.string().nullish(),
  calendar_aligned: z.boolean().nullish(),
})
export type BudgetInput = z.infer<typeof BudgetInput>

/** A rate limit as a client gives it: whole tokens and requests per window. */
export const RateLimitInput = z.object({
  token_max_limit: z.int().nullish(),
  token_reset_duration: z.string().nullish(),
  request_max_limit: z.int().nullish(),
  request_reset_duration: z.string().nullish(),
})
export type RateLimitInput = z.infer<typeof RateLimitInput>

/** Limits of a key or of one of its providers. `budget` is the older name of a list of one. */
export const LimitsInput = z.object({
  budget: BudgetInput.nullish(),
  budgets: z.array(BudgetInput).nullish(),
  rate_limit: RateLimitInput.nullish(),
})
export type LimitsInput = z.infer<typeof LimitsInput>

/** One provider that a key may use. `id` names the stored one that an update is of. */
export const ProviderConfigInput = z.object({
  ...LimitsInput.shape,
  id: z.int().nullish(),
  provider: z.string().nullish(),
  weight: z.number().nullish(),
  allowed_models: names,
  blacklisted_models: names,
  key_ids: names,
})
export type ProviderConfigInput = z.infer<typeof ProviderConfigInput>

/** The body of a create or an update of a virtual key (governance contract 1.1): `null` is absent, unknown fields pass. */
export const VirtualKeyInput = z.object({
  ...LimitsInput.shape,
  name: z.string().nullish(),
  description: z.string().nullish(),
  provider_configs: z.array(ProviderConfigInput).nullish(),
  mcp_configs: z.array(z.unknown()).nullish(),
  team_id: z.string().nullish(),
  customer_id: z.string().nullish(),
  is_active: z.boolean().nullish(),
  calendar_aligned: z.boolean().nullish(),
  expires_at: z.string().nullish(),
})
export type VirtualKeyInput = z.infer<typeof VirtualKeyInput>

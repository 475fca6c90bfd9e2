import { z } from 'zod'
import { LimitBehaviourInput } from './limit-behaviour-input.ts'
import { ReliabilityInput } from './reliability.ts'

const names = z.array(z.string()).nullish()

/** A budget as a client gives it: dollars per window. What is missing or wrong in it is said by the control plane. */
export const BudgetInput = z.object({
  ...LimitBehaviourInput.shape,
  max_limit: z.number().nullish(),
  reset_duration: z.string().nullish(),
  calendar_aligned: z.boolean().nullish(),
  /** The month in which the year of quarters begins, which is the first day of `fiscal_year_start`. */
  reset_config: z.object({ quarter_start_month: z.int().min(1).max(12).nullish() }).nullish(),
})
export type BudgetInput = z.infer<typeof BudgetInput>

/** A rate limit as a client gives it: whole tokens and requests per window. */
export const RateLimitInput = z.object({
  ...LimitBehaviourInput.shape,
  token_max_limit: z.int().nullish(),
  token_reset_duration: z.string().nullish(),
  request_max_limit: z.int().nullish(),
  request_reset_duration: z.string().nullish(),
  /** Weir's own: what is not named is taken away, where else it stays. */
  replace: z.boolean().nullish(),
})
export type RateLimitInput = z.infer<typeof RateLimitInput>

/** Limits of a key or of one of its providers. `budget` is the older name of a list of one. */
export const LimitsInput = z.object({
  budget: BudgetInput.nullish(),
  budgets: z.array(BudgetInput).nullish(),
  rate_limit: RateLimitInput.nullish(),
  /** Nothing is spent any more of these budgets. */
  reset_budget_usage: z.boolean().nullish(),
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

/** Which tools of one MCP server a key may use. `id` names the stored one that an update is of. */
export const McpConfigInput = z.object({
  id: z.int().nullish(),
  mcp_client_name: z.string().nullish(),
  mcp_client_id: z.string().nullish(),
  tools_to_execute: names,
})
export type McpConfigInput = z.infer<typeof McpConfigInput>

const MAX_EXPECTED_TOKENS = 1_000_000
const tokens = { error: `must be a whole number from 1 to ${MAX_EXPECTED_TOKENS}, or null` }
const meter = { error: 'must be {"regions": "one" or "per_continent", "shards": 1 to 16}' }

/** How a key's requests are held and settled, and by how many meters: Weir's own fields, in which `null` is the default. */
export const HandlingInput = z.object({
  admission_mode: z.enum(['strict', 'expected'], { error: 'must be strict or expected' }).nullish(),
  expected_output_tokens: z.int(tokens).min(1, tokens).max(MAX_EXPECTED_TOKENS, tokens).nullish(),
  settlement: z.enum(['drain', 'durable'], { error: 'must be drain or durable' }).nullish(),
  meter: z
    .object(
      { regions: z.enum(['one', 'per_continent'], meter), shards: z.int(meter).min(1, meter).max(16, meter) },
      meter,
    )
    .nullish(),
})
export type HandlingInput = z.infer<typeof HandlingInput>

/**
 * The body of a create or an update of a virtual key (governance contract 1.1): `null` is absent but in Weir's own fields,
 * unknown fields pass.
 */
export const VirtualKeyInput = z.object({
  ...LimitsInput.shape,
  ...HandlingInput.shape,
  reliability: ReliabilityInput.nullish(),
  name: z.string().nullish(),
  description: z.string().nullish(),
  provider_configs: z.array(ProviderConfigInput).nullish(),
  mcp_configs: z.array(McpConfigInput).nullish(),
  team_id: z.string().nullish(),
  customer_id: z.string().nullish(),
  is_active: z.boolean().nullish(),
  calendar_aligned: z.boolean().nullish(),
  expires_at: z.string().nullish(),
})
export type VirtualKeyInput = z.infer<typeof VirtualKeyInput>

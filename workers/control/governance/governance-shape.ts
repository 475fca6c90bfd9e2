import { z } from 'zod'
import { ReliabilityInput } from '../../contracts/reliability.ts'
import { BudgetShape, LimitsShape, RateLimitShape, TimesShape } from './limits-shape.ts'

const text = z.string().optional()
const names = z.array(z.string())

const GroupBrief = z.object({ id: z.uuid(), name: z.string(), customer_id: text, ...TimesShape.shape })
const KeyBrief = z.object({
  ...{ id: z.uuid(), name: z.string(), value: z.string(), is_active: z.boolean() },
  ...{ team_id: text, customer_id: text },
  ...TimesShape.shape,
})

const NamedKeyShape = z.object({
  ...{ id: z.uuid(), key_id: z.uuid(), name: z.string(), provider: z.string() },
  models: names,
})

const ProviderConfigShape = z.object({
  id: z.int().min(1),
  virtual_key_id: z.uuid(),
  provider: z.string(),
  weight: z.number().nullable(),
  ...{ allowed_models: names, blacklisted_models: names },
  allow_all_keys: z.boolean(),
  ...LimitsShape.shape,
  keys: z.array(NamedKeyShape),
})

const McpConfigShape = z.object({
  id: z.int().min(1),
  virtual_key_id: z.uuid(),
  ...{ mcp_client_id: z.uuid(), mcp_client_name: z.string() },
  mcp_client: z.object({ client_id: z.uuid(), name: z.string() }),
  tools_to_execute: names,
})

/** A virtual key as Bifrost shows it, with Weir's own fields. */
export const KeyShape = z.object({
  id: z.uuid(),
  name: z.string(),
  description: text,
  value: z.string().meta({ description: 'The text of the key in the answer to its creation; masked in every other.' }),
  is_active: z.boolean(),
  expires_at: z.iso.datetime().optional(),
  provider_configs: z.array(ProviderConfigShape),
  mcp_configs: z.array(McpConfigShape),
  ...{ team_id: text, customer_id: text, team: GroupBrief.optional(), customer: GroupBrief.optional() },
  calendar_aligned: z.boolean(),
  admission_mode: z.enum(['strict', 'expected']),
  expected_output_tokens: z.int().min(1).nullable(),
  settlement: z.enum(['drain', 'durable']),
  meter: z.object({ regions: z.enum(['one', 'per_continent']), shards: z.int().min(1).max(16) }).nullable(),
  reliability: ReliabilityInput.nullable(),
  ...LimitsShape.shape,
  ...TimesShape.shape,
})

/** How a virtual key stands, as it may see it itself. */
export const QuotaShape = z.object({
  ...{ virtual_key_name: z.string(), is_active: z.boolean() },
  budgets: z.array(BudgetShape),
  rate_limit: RateLimitShape.nullable(),
  provider_configs: z.array(ProviderConfigShape.omit({ keys: true })),
  model_configs: z.array(z.unknown()),
})

/** A team as Bifrost shows it. */
export const TeamShape = z.object({
  ...GroupBrief.shape,
  customer: GroupBrief.optional(),
  ...LimitsShape.shape,
  virtual_keys: z.array(KeyBrief),
  virtual_key_count: z.int().min(0),
  ...{ profile: z.null(), config: z.null(), claims: z.null() },
})

/** A customer as Bifrost shows it. */
export const CustomerShape = z.object({
  ...{ id: z.uuid(), name: z.string() },
  ...LimitsShape.shape,
  teams: z.array(GroupBrief),
  virtual_keys: z.array(KeyBrief),
  ...TimesShape.shape,
})

/** A provider's limits as Bifrost shows them. */
export const ProviderShape = z.object({ provider: z.string(), ...LimitsShape.shape })

/** Bifrost's list envelope, which names its rows. */
export function governanceList<S extends z.ZodType>(name: string, row: S) {
  const count = z.int().min(0)
  return z.object({ [name]: z.array(row), count, total_count: count, limit: count, offset: count })
}

/** The same where `from_memory` makes an object of the rows, by their ids. */
export function governanceListOrMap<S extends z.ZodType>(name: string, row: S) {
  const rows = z.union([z.array(row), z.record(z.string(), row)])
  return z.object({ ...governanceList(name, row).shape, [name]: rows })
}

/** The answer to a change: a sentence, and the thing as it is now. */
export function governanceChange<S extends z.ZodType>(name: string, shown: S) {
  return z.object({ message: z.string(), [name]: shown })
}

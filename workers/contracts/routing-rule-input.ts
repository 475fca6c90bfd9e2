import { z } from 'zod'

const MAX_TEXT = 256
const text = z.string().max(MAX_TEXT).nullish()

/** Where a rule sends requests, as a client says it. */
export const RuleTargetInput = z.object({
  ...{ provider: text, model: text, key_id: text },
  weight: z.number().nullish(),
})
export type RuleTargetInput = z.infer<typeof RuleTargetInput>

/**
 * The body of a create or an update of a routing rule (governance contract 1.7). `null` is absent. `provider` and `model` beside
 * `name` are the one target that rules had before they had several.
 */
export const RoutingRuleInput = z.object({
  name: text,
  description: z.string().max(4096).nullish(),
  enabled: z.boolean().nullish(),
  cel_expression: z.string().nullish(),
  targets: z.array(RuleTargetInput).max(20).nullish(),
  ...{ provider: text, model: text },
  fallbacks: z.array(z.string().max(MAX_TEXT)).max(20).nullish(),
  ...{ scope: z.string().nullish(), scope_id: text },
  /** What an editor keeps of its own; stored and shown as it came. */
  query: z.record(z.string(), z.unknown()).nullish(),
  priority: z.int().nullish(),
  chain_rule: z.boolean().nullish(),
})
export type RoutingRuleInput = z.infer<typeof RoutingRuleInput>

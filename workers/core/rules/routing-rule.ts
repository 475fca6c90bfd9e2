import type { ComplexityConfig } from './complexity.ts'

/** Where a rule may send a request; what is `null` stays as it came. `keyId`: the one key of the provider that may open it. */
export type RuleTarget = { provider: string | null; model: string | null; keyId: string | null; weight: number }

/** Whose requests a rule is asked about, the narrowest first, which is also the order in which they are asked. */
export const RULE_SCOPES = ['virtual_key', 'team', 'customer', 'global'] as const

/** One of `RULE_SCOPES`. */
export type RuleScope = (typeof RULE_SCOPES)[number]

/** A rule as the data plane knows it. `isChained`: what it made of the request is put to the rules again. */
export type RoutingRule = {
  id: string
  name: string
  /** CEL; the empty text matches always. */
  expression: string
  targets: RuleTarget[]
  /** `provider/model`, or `provider/` for the model that was asked for. */
  fallbacks: string[]
  isChained: boolean
}

/**
 * The rules that can apply to one key, in the order in which they are asked, and the names that they may ask for. `complexity`:
 * absent where no rule asks for it, or the tenant says nothing of it.
 */
export type KeyRouting = {
  rules: RoutingRule[]
  teamName: string
  customerName: string
  complexity?: ComplexityConfig
}

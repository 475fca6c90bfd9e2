import type { Rates, Tier } from './pricebook.ts'
import type { RequestType } from './request-type.ts'

/** Whose prices are overridden, the most particular first: that is their precedence (governance contract 4.2). */
export const OVERRIDE_SCOPES = [
  'virtual_key_provider_key',
  'virtual_key_provider',
  'virtual_key',
  'provider_key',
  'provider',
  'global',
] as const

/** One of `OVERRIDE_SCOPES`. */
export type OverrideScope = (typeof OVERRIDE_SCOPES)[number]

/** Rates that take the place of those of a price list; all others stay. */
export type RatesPatch = { base: Rates; tiers: Tier[] }

/** The same of a model: of its standard prices, and of those of other service tiers by their names. */
export type PricePatch = RatesPatch & { serviceTiers: Record<string, RatesPatch> }

/** An override as a key's snapshot has it. Those of virtual keys are in the snapshot of their own key alone. */
export type PriceOverride = {
  id: string
  /** Grows with every change of it. */
  version: number
  scopeKind: OverrideScope
  /** In lower case. */
  providerId: string | null
  providerKeyId: string | null
  matchType: 'exact' | 'wildcard'
  /** A model's name, its case minded; of `wildcard` a beginning and `*`. */
  pattern: string
  requestTypes: RequestType[]
  rates: PricePatch
  /** Since when it is as it is, UTC epoch milliseconds. */
  sinceMs: number
}

/** What is to be priced: a model at a provider, opened by one of its keys. */
export type OverrideFacts = {
  provider: string
  providerKey: string
  model: string
  requestType: RequestType | undefined
}

/** Whether a model's name is what a pattern means. */
export function isNamed({ pattern, matchType }: Pick<PriceOverride, 'pattern' | 'matchType'>, model: string): boolean {
  return matchType === 'exact' ? pattern === model : model.startsWith(pattern.slice(0, -1))
}

function isOf(override: PriceOverride, { provider, providerKey, model, requestType }: OverrideFacts): boolean {
  const { providerId, providerKeyId, requestTypes } = override
  if (requestType === undefined || !requestTypes.includes(requestType)) return false
  if (providerId !== null && providerId !== provider.toLowerCase()) return false
  if (providerKeyId !== null && providerKeyId !== providerKey) return false
  return isNamed(override, model)
}

// A negative number where `a` goes before `b`; of equals the first made stays first, since a sort keeps their order.
function byPrecedence(a: PriceOverride, b: PriceOverride): number {
  const scope = OVERRIDE_SCOPES.indexOf(a.scopeKind) - OVERRIDE_SCOPES.indexOf(b.scopeKind)
  const match = Number(a.matchType === 'wildcard') - Number(b.matchType === 'wildcard')
  return scope || match || b.pattern.length - a.pattern.length
}

/** The one override that holds, of those that are listed from the oldest on; they are never merged. */
export function overrideFor(
  overrides: readonly PriceOverride[] | undefined,
  facts: OverrideFacts,
): PriceOverride | undefined {
  return overrides?.filter(override => isOf(override, facts)).toSorted(byPrecedence)[0]
}

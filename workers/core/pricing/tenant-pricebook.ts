import { isNamed, type OverrideFacts, type PriceOverride, type PricePatch } from './price-override.ts'
import type { RequestType } from './request-type.ts'

/** What a version of a tenant's pricebook says of some models: rates that take the place of those of the price lists. */
export type PricebookEntry = {
  /** In lower case; `null`: every provider. */
  provider: string | null
  matchType: PriceOverride['matchType']
  /** A model's name, its case minded; of `wildcard` a beginning and `*`. */
  pattern: string
  /** `null`: all. */
  requestTypes: RequestType[] | null
  rates: PricePatch
}

/** A version of a tenant's pricebook, in force from `fromMs` (UTC epoch milliseconds) on until another one is. */
export type TenantPricebook = { number: number; fromMs: number; entries: PricebookEntry[] }

/** What is to be priced: a model at a provider. */
export type PricebookFacts = Pick<OverrideFacts, 'provider' | 'model' | 'requestType'>

function isOf(entry: PricebookEntry, { provider, model, requestType }: PricebookFacts): boolean {
  if (entry.provider !== null && entry.provider !== provider.toLowerCase()) return false
  if (entry.requestTypes !== null && !entry.requestTypes.some(type => type === requestType)) return false
  return isNamed(entry, model)
}

// A negative number where `a` goes before `b`: as overrides do, exact before wildcard, the longer wildcard first, then who names a
// provider, then the one that was said first.
function byPrecedence(a: PricebookEntry, b: PricebookEntry): number {
  const match = Number(a.matchType === 'wildcard') - Number(b.matchType === 'wildcard')
  return match || b.pattern.length - a.pattern.length || Number(a.provider === null) - Number(b.provider === null)
}

/** The one entry of a version that holds, if any; entries are never merged. */
export function entryFor(entries: readonly PricebookEntry[], facts: PricebookFacts): PricebookEntry | undefined {
  return entries.filter(entry => isOf(entry, facts)).toSorted(byPrecedence)[0]
}

/** The version that is in force at an instant: the last to begin by then, of those that begin together the later made. */
export function pricebookAt(
  versions: readonly TenantPricebook[] | undefined,
  atMs: number,
): TenantPricebook | undefined {
  const begun = versions?.filter(({ fromMs }) => fromMs <= atMs)
  return begun?.toSorted((a, b) => b.fromMs - a.fromMs || b.number - a.number)[0]
}

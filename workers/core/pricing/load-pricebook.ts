import type { MatchRule } from './match-rule.ts'
import pricebook from './pricebook.json' with { type: 'json' }
import type { DatedPrices } from './pricebook.ts'

/** Tokens, and whether it takes more than text. Absent: unknown. */
export type Limits = { context?: number; output?: number; media?: boolean }

/** One model of the pricebook. Recognised by `rule`, else by `names`, else by its own id; names are lower case. */
export type PricebookEntry = Limits & {
  id: string
  names?: string[]
  rule?: MatchRule
  prices: DatedPrices[]
  unmetered?: string[]
  /** Prices of service tiers besides the standard one. */
  service?: Record<string, DatedPrices[]>
  /** Limits of single names, where they are not those of the entry. */
  variants?: Record<string, Limits>
}

/** The models of one provider, in the order they are matched, and the providers whose prices it takes for the rest. */
export type PricebookProvider = { fallback?: string[]; models: PricebookEntry[] }

type Pricebook = { version: string; providers: Record<string, PricebookProvider> }

// Types inferred from the file differ from line to line. It is written by scripts/build-pricebook.mjs in this shape,
// which the tests check for every model.
const loaded = pricebook as unknown as Pricebook

/** Names the content of the pricebook: the same version is the same prices, whoever built it. */
export const PRICEBOOK_VERSION: string = loaded.version

/** A provider by its genai-prices id, in any case; `undefined` where the pricebook has none of that name. */
export function providerNamed(name: string): PricebookProvider | undefined {
  const id = name.toLowerCase()
  return Object.hasOwn(loaded.providers, id) ? loaded.providers[id] : undefined
}

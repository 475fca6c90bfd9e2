import type { Limits, PricebookEntry } from './load-pricebook.ts'
import type { DatedPrices } from './pricebook.ts'

/** A model of a provider that the pricebook knows. Whether it has a price at an instant, `priceAt` says. */
export type PricedModel = Readonly<{
  provider: string
  /** The id of the pricebook's entry, which may stand for many names. */
  model: string
  /** The provider whose entry it is; another than `provider` only where that one sells at the other's prices. */
  pricedBy: string
  /** Names the prices where they are not as the pricebook's version has them. */
  version?: string
  /** The id of the override that made the prices what they are. */
  override?: string
  /** The number of the version of the tenant's pricebook that did, before any override. */
  pricebookNumber?: number
  /** Tokens of input and output together; the larger one where sources differ. */
  contextWindow: number | undefined
  /** The most output tokens the model can be asked for. */
  maxOutputTokens: number | undefined
  /** Whether more than text can be sent; true where that is not known. */
  acceptsMedia: boolean
  /** What it is billed for besides, and a usage does not count (`output_citation`); no charge includes it. */
  unmetered: readonly string[]
  /** In order of precedence: the last that holds is the price, the first where none does. */
  prices: readonly DatedPrices[]
  /** The same for each service tier besides the standard one whose price is known; `priceAt` chooses. */
  serviceTiers: Readonly<Record<string, readonly DatedPrices[]>>
}>

/** Where an entry was found: for which provider, in whose list, and by which lower-case name. */
export type Sighting = { provider: string; pricedBy: string; name: string }

function limitsFor(entry: PricebookEntry, name: string): Limits {
  return entry.variants && Object.hasOwn(entry.variants, name) ? (entry.variants[name] ?? entry) : entry
}

/** The entry as callers see it, with the limits of the name it was found by. */
export function pricedModel(entry: PricebookEntry, { provider, pricedBy, name }: Sighting): PricedModel {
  const { context, output, media } = limitsFor(entry, name)
  return {
    provider,
    model: entry.id,
    pricedBy,
    contextWindow: context,
    maxOutputTokens: output,
    acceptsMedia: media ?? true,
    unmetered: entry.unmetered ?? [],
    prices: entry.prices,
    // Who sells at another's prices need not have the other's tiers.
    serviceTiers: provider === pricedBy ? (entry.service ?? {}) : {},
  }
}

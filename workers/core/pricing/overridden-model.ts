import { PRICEBOOK_VERSION } from './load-pricebook.ts'
import type { PriceOverride, PricePatch, RatesPatch } from './price-override.ts'
import type { DatedPrices, Tier } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'
import { entryFor, type PricebookFacts, type TenantPricebook } from './tenant-pricebook.ts'

/** What stands for the pricebook's provider where an override is all that is known of a model's price. */
export const OVERRIDE = 'override'

function patchedTiers(tiers: Tier[], patches: Tier[]): Tier[] {
  const bounds = [...new Set([...tiers, ...patches].map(({ above }) => above))].sort((a, b) => a - b)
  const ratesAbove = (all: Tier[], above: number) => all.find(tier => tier.above === above)?.rates
  return bounds.map(above => ({ above, rates: { ...ratesAbove(tiers, above), ...ratesAbove(patches, above) } }))
}

// One price for every picture takes the place of those by size and quality, which would else go before it.
function patched(prices: DatedPrices, patch: RatesPatch): DatedPrices {
  const { variants, ...rest } = prices
  const base = { ...prices.base, ...patch.base }
  const tiers = patchedTiers(prices.tiers, patch.tiers)
  return { ...rest, base, tiers, ...(variants && patch.base.images === undefined && { variants }) }
}

function unpricedModel(provider: string, model: string): PricedModel {
  return {
    ...{ provider, model, pricedBy: OVERRIDE, version: 'none' },
    ...{ contextWindow: undefined, maxOutputTokens: undefined, acceptsMedia: true, unmetered: [] },
    prices: [{ base: {}, tiers: [] }],
    serviceTiers: {},
  }
}

// A tier without prices of its own is patched from the standard ones, as a patch can be all that is known of it.
function patchedServices(model: PricedModel, prices: DatedPrices[], rates: PricePatch) {
  const services = Object.entries(rates.serviceTiers).map(([tier, patch]) => {
    const known = Object.hasOwn(model.serviceTiers, tier) ? model.serviceTiers[tier] : undefined
    return [tier, (known ?? prices).map(list => patched(list, patch))] as const
  })
  return { ...model.serviceTiers, ...Object.fromEntries(services) }
}

type At = { provider: string; model: string }

function repriced(known: PricedModel | undefined, rates: PricePatch, at: At & { by: string }): PricedModel {
  const model = known ?? unpricedModel(at.provider, at.model)
  const prices = model.prices.map(list => patched(list, rates))
  const version = `${model.version ?? PRICEBOOK_VERSION}+${at.by}`
  return { ...model, version, prices, serviceTiers: patchedServices(model, prices, rates) }
}

/**
 * A model at the prices that an override makes of them: what it does not name stays, at every date and in every tier. `known`
 * is what the price lists have of it; without that, the override is all there is.
 */
export function overriddenModel(known: PricedModel | undefined, override: PriceOverride, at: At): PricedModel {
  const { id, version, rates } = override
  return { ...repriced(known, rates, { ...at, by: `${OVERRIDE}:${id}@${version}` }), override: id }
}

/** The same of what a version of the tenant's pricebook says of the model; the model as it is where that says nothing. */
export function tenantPricedModel(
  known: PricedModel | undefined,
  version: TenantPricebook | undefined,
  facts: PricebookFacts,
): PricedModel | undefined {
  const entry = version && entryFor(version.entries, facts)
  if (!entry) return known
  const { provider, model } = facts
  const { number } = version
  return { ...repriced(known, entry.rates, { provider, model, by: `pricebook@${number}` }), pricebookNumber: number }
}

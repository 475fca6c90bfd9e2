import { PRICEBOOK_VERSION } from './load-pricebook.ts'
import type { PriceOverride, RatesPatch } from './price-override.ts'
import type { DatedPrices, Tier } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'

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

// A tier without prices of its own is patched from the standard ones, as an override can be all that is known of it.
function patchedServices(model: PricedModel, prices: DatedPrices[], { rates }: PriceOverride) {
  const services = Object.entries(rates.serviceTiers).map(([tier, patch]) => {
    const known = Object.hasOwn(model.serviceTiers, tier) ? model.serviceTiers[tier] : undefined
    return [tier, (known ?? prices).map(list => patched(list, patch))] as const
  })
  return { ...model.serviceTiers, ...Object.fromEntries(services) }
}

/**
 * A model at the prices that an override makes of them: what it does not name stays, at every date and in every tier. `known`
 * is what the price lists have of it; without that, the override is all there is.
 */
export function overriddenModel(
  known: PricedModel | undefined,
  override: PriceOverride,
  at: { provider: string; model: string },
): PricedModel {
  const model = known ?? unpricedModel(at.provider, at.model)
  const { id, version, rates } = override
  const prices = model.prices.map(list => patched(list, rates))
  return {
    ...model,
    version: `${model.version ?? PRICEBOOK_VERSION}+${OVERRIDE}:${id}@${version}`,
    override: id,
    prices,
    serviceTiers: patchedServices(model, prices, override),
  }
}

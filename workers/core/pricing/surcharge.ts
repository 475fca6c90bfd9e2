import { PRICEBOOK_VERSION } from './load-pricebook.ts'
import type { DatedPrices, Rates } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'

// Up, so that nothing is under-charged; by whole numbers, so that 10 % of any price is exact.
function raised(pico: number, percent: number): number {
  return Number((BigInt(pico) * BigInt(100 + percent) + 99n) / 100n)
}

function raisedRates(rates: Rates, percent: number): Rates {
  return Object.fromEntries(Object.entries(rates).map(([unit, pico]) => [unit, raised(pico, percent)]))
}

function raisedPrices(prices: DatedPrices, percent: number): DatedPrices {
  const tiers = prices.tiers.map(tier => ({ ...tier, rates: raisedRates(tier.rates, percent) }))
  return { ...prices, base: raisedRates(prices.base, percent), tiers }
}

/** A model with all its rates raised by a whole percentage, rounded up to the pico-dollar: what some regions cost more. */
export function surcharged(model: PricedModel, percent: number): PricedModel {
  const version = `${PRICEBOOK_VERSION}+${percent}%`
  return { ...model, version, prices: model.prices.map(prices => raisedPrices(prices, percent)) }
}

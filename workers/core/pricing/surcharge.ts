import { PRICEBOOK_VERSION } from './load-pricebook.ts'
import { COUNTED_UNITS, type DatedPrices, type Rates } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'

// Up, so that nothing is under-charged; by whole numbers, so that 10 % of any price is exact.
function raised(pico: number, percent: number): number {
  return Number((BigInt(pico) * BigInt(100 + percent) + 99n) / 100n)
}

// What is counted beside tokens, such as searches, costs the same everywhere.
const UNRAISED: readonly string[] = COUNTED_UNITS

function raisedRates(rates: Rates, percent: number): Rates {
  const all = Object.entries(rates).map(([unit, pico]) => [
    unit,
    UNRAISED.includes(unit) ? pico : raised(pico, percent),
  ])
  return Object.fromEntries(all)
}

function raisedPrices(prices: DatedPrices, percent: number): DatedPrices {
  const tiers = prices.tiers.map(tier => ({ ...tier, rates: raisedRates(tier.rates, percent) }))
  return { ...prices, base: raisedRates(prices.base, percent), tiers }
}

/**
 * A model with the prices of all its tokens raised by a whole percentage, rounded up to the pico-dollar: what some regions cost
 * more. Its service tiers are dropped: nobody says what they cost there.
 */
export function surcharged(model: PricedModel, percent: number): PricedModel {
  const version = `${PRICEBOOK_VERSION}+${percent}%`
  return { ...model, version, serviceTiers: {}, prices: model.prices.map(prices => raisedPrices(prices, percent)) }
}

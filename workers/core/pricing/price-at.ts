import { dearestPrices } from './dearest-prices.ts'
import type { DatedPrices, PriceList } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'
import { ANY_TIER, STANDARD, serviceTierOf } from './service-tier.ts'

const DAY_MS = 86_400_000

function isWithin(timeMs: number, [startMs, endMs]: [number, number]): boolean {
  if (endMs < startMs) return timeMs >= startMs || timeMs < endMs
  return timeMs >= startMs && timeMs < endMs
}

function holdsAt({ fromMs, dailyMs }: DatedPrices, atMs: number): boolean {
  if (fromMs !== undefined) return atMs >= fromMs
  return dailyMs === undefined || isWithin(((atMs % DAY_MS) + DAY_MS) % DAY_MS, dailyMs)
}

function inForce(dated: readonly DatedPrices[], atMs: number): PriceList | undefined {
  return dated.findLast(prices => holdsAt(prices, atMs)) ?? dated[0]
}

function anyTier({ prices, serviceTiers }: PricedModel, atMs: number): PriceList | undefined {
  // What is asked for now is never served as a batch.
  const served = Object.entries(serviceTiers).filter(([tier]) => tier !== 'batch')
  const lists = [prices, ...served.map(([, dated]) => dated)].map(dated => inForce(dated, atMs))
  return lists[0] && dearestPrices(lists.filter(list => list !== undefined))
}

/**
 * The prices of a model at an instant (UTC epoch milliseconds) and a service tier (a vendor's word for it), or `undefined`
 * where no price is known, which is not the same as free. `auto` is the dearest of the tiers that are known. Throws
 * `RangeError` for what is no instant.
 */
export function priceAt(model: PricedModel, atMs: number, serviceTier?: string): PriceList | undefined {
  if (!Number.isFinite(atMs)) throw new RangeError(`not an instant: ${atMs}`)
  const tier = serviceTierOf(serviceTier)
  if (tier === ANY_TIER) return anyTier(model, atMs)
  if (tier === STANDARD) return inForce(model.prices, atMs)
  return Object.hasOwn(model.serviceTiers, tier) ? inForce(model.serviceTiers[tier] ?? [], atMs) : undefined
}

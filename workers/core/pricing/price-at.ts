import type { DatedPrices, PriceList } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'

const DAY_MS = 86_400_000

function isWithin(timeMs: number, [startMs, endMs]: [number, number]): boolean {
  if (endMs < startMs) return timeMs >= startMs || timeMs < endMs
  return timeMs >= startMs && timeMs < endMs
}

function holdsAt({ fromMs, dailyMs }: DatedPrices, atMs: number): boolean {
  if (fromMs !== undefined) return atMs >= fromMs
  return dailyMs === undefined || isWithin(((atMs % DAY_MS) + DAY_MS) % DAY_MS, dailyMs)
}

/**
 * The prices of a model at an instant (UTC epoch milliseconds), or `undefined` where no price is known, which is not
 * the same as free. Throws `RangeError` for what is no instant.
 */
export function priceAt(model: PricedModel, atMs: number): PriceList | undefined {
  if (!Number.isFinite(atMs)) throw new RangeError(`not an instant: ${atMs}`)
  return model.prices.findLast(prices => holdsAt(prices, atMs)) ?? model.prices[0]
}

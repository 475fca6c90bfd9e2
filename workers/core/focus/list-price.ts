import { DECLARED } from '../pricing/declared-prices.ts'
import { findModel, type PriceUnit, priceAt } from '../pricing/index.ts'
import { ratesFor } from '../pricing/rates-for.ts'
import type { CostDetail, RecordedEvent } from '../usage.ts'

function publicRates({ priced_model, timestamp_ms, input_tokens }: RecordedEvent, tier: string) {
  const [provider = '', ...model] = priced_model.split('/')
  const found = findModel(provider, model.join('/'))
  const prices = found && priceAt(found, timestamp_ms, tier)
  return prices && { rates: ratesFor(prices, input_tokens).rates, base: prices.base }
}

/**
 * The public price of each unit that an event was charged for, in pico-dollars. Where a tenant or a deployment has set its own
 * price, the public one is looked up in the pricebook of today; what has none there is listed at what was charged.
 */
export function listPricesOf(event: RecordedEvent, { source, tier, lines }: CostDetail): number[] {
  const isPublic = source === 'pricebook'
  const known = isPublic || source === DECLARED ? undefined : publicRates(event, tier)
  return lines.map(([unit, , pico]) => known?.rates[unit as PriceUnit] || pico)
}

import type { NanoUsd } from '../core/money/nano-usd.ts'
import {
  type BillableUsage,
  costDetail,
  costOf,
  type PriceList,
  type PriceOrigin,
  priceAt,
  serviceTierOf,
  sourceOf,
} from '../core/pricing/index.ts'
import type { CostDetail } from '../core/usage.ts'
import type { AdmittedCall } from './call.ts'

type Priced = Pick<AdmittedCall, 'route' | 'ask' | 'call'>

// What was served is what is billed. Where the answer does not say, or says what nobody has a price of, it is charged at
// what was asked for and held.
function pricesFor({ route, ask, call }: Priced, told: string | undefined): { prices: PriceList; tier: string } {
  const served = told === undefined ? undefined : priceAt(route.priced, call.startMs, told)
  if (served && told !== undefined && serviceTierOf(told) !== 'auto')
    return { prices: served, tier: serviceTierOf(told) }
  return { prices: route.prices, tier: serviceTierOf(ask.serviceTier) }
}

/** What a usage costs at the tier that served it. */
export function priceUsage(admitted: Priced, usage: BillableUsage): NanoUsd {
  return costOf(pricesFor(admitted, usage.serviceTier).prices, usage)
}

/** What it costs, explained. */
export function explainUsage(admitted: Priced, usage: BillableUsage): CostDetail {
  const { prices, tier } = pricesFor(admitted, usage.serviceTier)
  const origin: PriceOrigin = { tier, source: sourceOf(admitted.route.priced) }
  return costDetail(prices, usage, origin)
}

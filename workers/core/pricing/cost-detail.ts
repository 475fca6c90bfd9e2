import type { CostDetail } from '../usage.ts'
import { explainCost } from './cost.ts'
import { quantitiesOf } from './count-units.ts'
import type { PriceList } from './pricebook.ts'
import type { BillableUsage } from './share-tokens.ts'

/** Whose prices a list has, and of which service tier. */
export type PriceOrigin = { tier: string; source: string }

function unpricedIn({ base }: PriceList, usage: BillableUsage): [string, number][] {
  // Where a request has a price, its searches are in that.
  const isInRequest = (unit: string) => base.requests !== undefined && unit === 'web_searches'
  const unknown = quantitiesOf(usage.units).filter(({ unit }) => base[unit] === undefined && !isInRequest(unit))
  return unknown.map(({ unit, quantity }) => [unit, quantity])
}

/** The charge of `costOf`, to be kept with its event. Throws as `costOf` does. */
export function costDetail(prices: PriceList, usage: BillableUsage, { tier, source }: PriceOrigin): CostDetail {
  const { tierAbove, lines } = explainCost(prices, usage)
  const unpriced = unpricedIn(prices, usage)
  return {
    tier,
    above: tierAbove,
    source,
    lines: lines.map(({ unit, quantity, picoPerUnit }) => [unit, quantity, picoPerUnit]),
    ...(unpriced.length > 0 && { unpriced }),
  }
}

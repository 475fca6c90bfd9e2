import { type NanoUsd, nanoUsd } from '../money/nano-usd.ts'
import { quantitiesOf } from './count-units.ts'
import { nanoFromPico } from './nano-from-pico.ts'
import type { PriceList, UnitCounts } from './pricebook.ts'
import { type FullRates, INPUT_UNITS, OUTPUT_UNITS, reachableRates } from './rates-for.ts'
import { tokenCount } from './token-count.ts'

/**
 * What a request can use at most. `mayWrite1h`: it asks for cache writes that are kept for an hour, which cost more. `units`:
 * what it can use beside the tokens; none of what is absent.
 */
export type CostBound = { inputTokens: number; outputTokens: number; mayWrite1h?: boolean; units?: UnitCounts }

function dearestInput(rates: FullRates, mayWrite1h: boolean): number {
  let dearest = 0
  for (const unit of INPUT_UNITS) {
    if (mayWrite1h || unit !== 'cache_write_1h') dearest = Math.max(dearest, rates[unit])
  }
  return dearest
}

function dearestOutput(rates: FullRates): number {
  return Math.max(...OUTPUT_UNITS.map(unit => rates[unit]))
}

function worstAt(rates: FullRates, bound: CostBound, minimums: UnitCounts | undefined): bigint {
  const input = BigInt(bound.inputTokens) * BigInt(dearestInput(rates, bound.mayWrite1h ?? false))
  const output = BigInt(bound.outputTokens) * BigInt(dearestOutput(rates))
  const counted = quantitiesOf(bound.units, minimums).map(
    ({ unit, quantity }) => BigInt(quantity) * BigInt(rates[unit]),
  )
  return counted.reduce((sum, pico) => sum + pico, input + output + BigInt(rates.requests))
}

/**
 * A sound ceiling: no usage within the bound, however its tokens are broken down, costs more by `costOf`. Throws
 * `RangeError` for counts that are negative or not whole. A unit without a known price counts nothing: see `isPricedFor`.
 */
export function ceilingOf(prices: PriceList, bound: CostBound): NanoUsd {
  const inputTokens = tokenCount(bound.inputTokens)
  const most = { ...bound, inputTokens, outputTokens: tokenCount(bound.outputTokens) }
  // A higher tier may be the cheaper one, so that the worst case is not always the last.
  const worst = reachableRates(prices, inputTokens).map(rates => nanoFromPico(worstAt(rates, most, prices.minimums)))
  return nanoUsd(Math.max(...worst))
}

/** Whether no usage at all could cost anything. */
export function isFree(prices: PriceList): boolean {
  const all = [prices.base, ...prices.tiers.map(tier => tier.rates), ...Object.values(prices.variants ?? {})]
  return all.every(rates => Object.values(rates).every(rate => rate === 0))
}

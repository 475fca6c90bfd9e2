import type { PriceList, PriceUnit, Rates } from './pricebook.ts'
import { type FullRates, ratesFor } from './rates-for.ts'

function named(lists: readonly PriceList[]): Set<string> {
  const all = lists.flatMap(({ base, tiers }) => [base, ...tiers.map(({ rates }) => rates)])
  return new Set(all.flatMap(rates => Object.keys(rates)))
}

// Of units that no list names there is nothing to compare, and a counted unit must stay without a price.
function dearest(all: FullRates[], units: Set<string>): Rates {
  const [first] = all
  if (!first) return {}
  const known = (Object.keys(first) as PriceUnit[]).filter(unit => units.has(unit))
  return Object.fromEntries(known.map(unit => [unit, Math.max(...all.map(rates => rates[unit]))]))
}

/** A list that costs at least as much as each of these for any usage: the prices of what may be served at either. */
export function dearestPrices(lists: readonly PriceList[]): PriceList {
  const [only, ...others] = lists
  if (only && others.length === 0) return only
  const units = named(lists)
  const at = (inputTokens: number) =>
    dearest(
      lists.map(list => ratesFor(list, inputTokens).rates),
      units,
    )
  const starts = lists.flatMap(({ tiers }) => tiers.map(({ above }) => above))
  const tiers = [...new Set(starts)].toSorted((a, b) => a - b).map(above => ({ above, rates: at(above + 1) }))
  const minimums = lists.find(list => list.minimums)?.minimums
  return { base: at(0), tiers, ...(minimums && { minimums }) }
}

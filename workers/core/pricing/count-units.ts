import { COUNTED_UNITS, type CountedUnit, type PriceList, type UnitCounts } from './pricebook.ts'
import { tokenCount } from './token-count.ts'

/** The counts as quantities, those of nothing left out. Throws `RangeError` for one that is negative or not whole. */
export function quantitiesOf(units: UnitCounts = {}): { unit: CountedUnit; quantity: number }[] {
  const all = COUNTED_UNITS.map(unit => ({ unit, quantity: tokenCount(units[unit] ?? 0) }))
  return all.filter(({ quantity }) => quantity > 0)
}

/** Which of these units have no known price. What has none is refused before it is asked for, never passed for nothing. */
export function unpricedUnits({ base }: PriceList, units: UnitCounts): CountedUnit[] {
  const used = quantitiesOf(units).map(({ unit }) => unit)
  return used.filter(unit => base[unit] === undefined)
}

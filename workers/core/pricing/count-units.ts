import { COUNTED_UNITS, type CountedUnit, type PriceList, type PriceUnit, type UnitCounts } from './pricebook.ts'
import { tokenCount } from './token-count.ts'

/**
 * The counts as the quantities that are billed, those of nothing left out. Throws `RangeError` for one that is negative or not
 * whole.
 */
export function quantitiesOf(
  units: UnitCounts = {},
  minimums: UnitCounts = {},
): { unit: CountedUnit; quantity: number }[] {
  const all = COUNTED_UNITS.map(unit => ({ unit, quantity: tokenCount(units[unit] ?? 0) }))
  const used = all.filter(({ quantity }) => quantity > 0)
  return used.map(({ unit, quantity }) => ({ unit, quantity: Math.max(quantity, minimums[unit] ?? 0) }))
}

/** What is billed on top of everything else; other units measure the work itself, and a model has the price of but one. */
const ON_TOP = ['web_searches', 'file_searches']
const BY_TOKENS: PriceUnit[] = ['input', 'output', 'input_audio', 'output_audio', 'input_image', 'output_image']

/**
 * Whether a request that can use so much of these units, and tokens, has a price: what comes on top has its own, and the
 * work is priced by one of its measures. What has none is refused before it is asked for, never passed for nothing.
 */
export function isPricedFor({ base }: PriceList, units: UnitCounts = {}): boolean {
  const used = quantitiesOf(units).map(({ unit }) => unit)
  const isPriced = (unit: PriceUnit) => base[unit] !== undefined
  const extras = used.filter(unit => ON_TOP.includes(unit))
  const measures = [...BY_TOKENS, ...used.filter(unit => !ON_TOP.includes(unit))]
  return extras.every(isPriced) && measures.some(isPriced)
}

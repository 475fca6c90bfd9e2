import { DECLARED } from './declared-prices.ts'
import { OVERRIDE } from './overridden-model.ts'
import type { PricedModel } from './priced-model.ts'

/** Whose prices a model has. */
export function sourceOf({ override, pricedBy }: PricedModel): string {
  if (override !== undefined) return `${OVERRIDE}:${override}`
  return pricedBy === DECLARED ? DECLARED : 'pricebook'
}

import { DECLARED } from './declared-prices.ts'
import { OVERRIDE } from './overridden-model.ts'
import type { PricedModel } from './priced-model.ts'

/** What price lists are called, and with a number the tenant's own. */
export const PRICEBOOK = 'pricebook'

/** Whose prices a model has: an override's, those of a version of the tenant's pricebook, the deployment's own, or the lists'. */
export function sourceOf({ override, pricebookNumber, pricedBy }: PricedModel): string {
  if (override !== undefined) return `${OVERRIDE}:${override}`
  if (pricebookNumber !== undefined) return `${PRICEBOOK}@${pricebookNumber}`
  return pricedBy === DECLARED ? DECLARED : PRICEBOOK
}

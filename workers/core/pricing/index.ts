export { type CostBound, ceilingOf, isFree } from './ceiling.ts'
export { type CostExplanation, type CostLine, costOf, explainCost } from './cost.ts'
export { costDetail, type PriceOrigin } from './cost-detail.ts'
export { isPricedFor } from './count-units.ts'
export { findModel, listModels } from './find-model.ts'
export { PRICEBOOK_VERSION } from './load-pricebook.ts'
export { overriddenModel, tenantPricedModel } from './overridden-model.ts'
export { priceAt } from './price-at.ts'
export { type OverrideFacts, overrideFor, type PriceOverride } from './price-override.ts'
export { sourceOf } from './price-source.ts'
export {
  COUNTED_UNITS,
  type CountedUnit,
  type DatedPrices,
  type PriceList,
  type PriceUnit,
  type Rates,
  type Tier,
  type TokenUnit,
  type UnitCounts,
} from './pricebook.ts'
export type { PricedModel } from './priced-model.ts'
export type { RequestType } from './request-type.ts'
export { serviceTierOf } from './service-tier.ts'
export type { BillableUsage } from './share-tokens.ts'
export { pricebookAt } from './tenant-pricebook.ts'
export { variantPrices } from './variant-prices.ts'

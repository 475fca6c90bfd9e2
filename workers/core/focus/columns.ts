import type { FocusVersion } from '../export/export-kind.ts'

const AMOUNTS = ['BilledCost', 'EffectiveCost', 'ListCost', 'ContractedCost'] as const
const PRICES = ['ListUnitPrice', 'ContractedUnitPrice'] as const
const QUANTITIES = ['PricingQuantity', 'ConsumedQuantity'] as const

/** Columns whose values are numbers: decimals that are exact, which JSON has without quotes. */
export const NUMBER_COLUMNS: ReadonlySet<string> = new Set([...AMOUNTS, ...PRICES, ...QUANTITIES, 'x_AboveInputTokens'])

/** Columns whose values are JSON objects. */
export const OBJECT_COLUMNS: ReadonlySet<string> = new Set(['Tags', 'SkuPriceDetails'])

const SHARED = [
  ...['BillingAccountId', 'BillingAccountName', 'BillingCurrency', 'BillingPeriodStart', 'BillingPeriodEnd'],
  ...['ChargePeriodStart', 'ChargePeriodEnd', 'ChargeCategory', 'ChargeClass', 'ChargeDescription', 'ChargeFrequency'],
  ...AMOUNTS,
  ...['PricingCategory', 'PricingQuantity', 'PricingUnit', ...PRICES, 'ConsumedQuantity', 'ConsumedUnit'],
  ...['ServiceCategory', 'ServiceSubcategory', 'ServiceName', 'InvoiceIssuerName', 'InvoiceId'],
  ...['SkuId', 'SkuMeter', 'SkuPriceId', 'SkuPriceDetails', 'SubAccountId', 'SubAccountName', 'Tags'],
]
// 1.3 replaced who provides and who publishes by who sells and who hosts.
const PARTIES: Record<FocusVersion, string[]> = {
  '1.2': ['ProviderName', 'PublisherName'],
  '1.4': ['ServiceProviderName', 'HostProviderName'],
}
const OWN = [
  ...['x_Provider', 'x_Model', 'x_PricedModel', 'x_ModelDeveloper', 'x_TokenDirection', 'x_TokenCacheAction'],
  ...['x_ServiceTier', 'x_AboveInputTokens', 'x_PriceSource', 'x_PricebookVersion', 'x_ChargeKind'],
]

/** The columns of an export of one version of FOCUS, in their order. Ours begin with `x_`, as the standard asks. */
export function focusColumns(version: FocusVersion): string[] {
  return [...SHARED, ...PARTIES[version], ...OWN]
}

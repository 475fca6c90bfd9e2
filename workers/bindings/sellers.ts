import type { PricedModel } from '../core/pricing/priced-model.ts'
import type { Provider } from '../providers/port.ts'
import { pricedModelsAt } from '../providers/priced-models.ts'
import { VENDORS } from '../providers/vendors.ts'

// An account of a tenant's sells what its vendor does.
type Seller = Pick<Provider, 'pricebook' | 'tariff'>

/** One of the deployment's providers, or a vendor as an account of a tenant's sells for it. */
export function sellerOf(provider: Provider | undefined, vendorName: string): Seller | undefined {
  if (provider) return provider
  const vendor = VENDORS.find(({ name }) => name === vendorName)
  const tariff = vendor?.tariff?.({ name: vendorName, region: undefined, declared: undefined })
  return vendor && { pricebook: vendor.pricebook, ...(tariff && { tariff }) }
}

/** The models whose prices are known, as this provider or vendor sells them. */
export function pricedModelsOf(provider: Provider | undefined, vendorName: string): PricedModel[] {
  const seller = sellerOf(provider, vendorName)
  return seller ? pricedModelsAt(seller) : []
}

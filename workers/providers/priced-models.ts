import { findModel, listModels, type PricedModel } from '../core/pricing/index.ts'
import type { Provider } from './port.ts'

type Seller = Pick<Provider, 'pricebook' | 'tariff'>

/** The model that a name means at a provider, and its prices there; `undefined` where none is known. */
export function pricedModelAt({ pricebook, tariff }: Seller, model: string): PricedModel | undefined {
  return tariff ? tariff.find(model) : findModel(pricebook, model)
}

/** All models that a provider has prices for, in the order of its list. */
export function pricedModelsAt({ pricebook, tariff }: Seller): PricedModel[] {
  return tariff ? tariff.list() : listModels(pricebook)
}

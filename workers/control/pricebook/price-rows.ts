import { usdFromPico } from '../../core/money/pico-usd.ts'
import {
  PRICEBOOK_VERSION,
  type PricedModel,
  type PriceList,
  priceAt,
  type Rates,
  type RequestType,
  sourceOf,
  tenantPricedModel,
} from '../../core/pricing/index.ts'
import type { TenantPricebook } from '../../core/pricing/tenant-pricebook.ts'

/** A model by the name that a request would have for it, and what the lists know of it. */
export type ListedModel = { provider: string; model: string; known: PricedModel | undefined }

/** As of when and for what prices are asked, and the version of the tenant's pricebook that is in force then. */
export type PriceQuestion = { atMs: number; types: readonly RequestType[]; version: TenantPricebook | undefined }

function renderRates(rates: Rates) {
  const entries = Object.entries(rates).map(([unit, pico]) => [
    unit,
    { pico_usd: pico, usd: usdFromPico(BigInt(pico)) },
  ])
  return Object.fromEntries(entries)
}

function renderList({ base, tiers, variants = {} }: PriceList) {
  return {
    prices: renderRates(base),
    tiers: tiers.map(({ above, rates }) => ({ above_input_tokens: above, prices: renderRates(rates) })),
    variants: Object.fromEntries(Object.entries(variants).map(([name, rates]) => [name, renderRates(rates)])),
  }
}

function renderServices(model: PricedModel, atMs: number) {
  const lists = Object.keys(model.serviceTiers).map(tier => [tier, priceAt(model, atMs, tier)] as const)
  return Object.fromEntries(lists.flatMap(([tier, list]) => (list ? [[tier, renderList(list)] as const] : [])))
}

function renderPrice({ provider, model }: ListedModel, priced: PricedModel, { atMs }: PriceQuestion) {
  const list = priceAt(priced, atMs)
  return {
    ...{ provider, model, priced_model: `${priced.pricedBy}/${priced.model}` },
    ...{ source: sourceOf(priced), pricebook_version: priced.version ?? PRICEBOOK_VERSION },
    ...renderList(list ?? { base: {}, tiers: [] }),
    service_tiers: renderServices(priced, atMs),
  }
}

/**
 * What a model costs: a row for all kinds of requests that cost the same, in the order of the kinds. None where no price is known.
 */
export function priceRows(listed: ListedModel, question: PriceQuestion) {
  const { provider, model, known } = listed
  const kinds = new Map<string, { priced: PricedModel; types: RequestType[] }>()
  for (const requestType of question.types) {
    const priced = tenantPricedModel(known, question.version, { provider, model, requestType })
    if (!priced) continue
    const row = renderPrice(listed, priced, question)
    const key = JSON.stringify(row)
    const same = kinds.get(key) ?? { priced, types: [] }
    kinds.set(key, { ...same, types: [...same.types, requestType] })
  }
  return [...kinds.values()].map(({ priced, types }) => ({
    ...renderPrice(listed, priced, question),
    request_types: types,
  }))
}

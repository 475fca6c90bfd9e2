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
import { entryFor, type PricebookEntry, type TenantPricebook } from '../../core/pricing/tenant-pricebook.ts'

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

/** What a model costs for some kinds of requests, of which all cost the same. */
export type PriceRow = { listed: ListedModel; priced: PricedModel; types: readonly RequestType[] }

// By the entry that holds for each kind; without any, there is one row.
function kindsOf(listed: ListedModel, { types, version }: PriceQuestion): (readonly RequestType[])[] {
  const { entries = [] } = version ?? {}
  const kinds = new Map<PricebookEntry | undefined, RequestType[]>()
  for (const requestType of entries.length > 0 ? types : []) {
    const entry = entryFor(entries, { ...listed, requestType })
    kinds.set(entry, [...(kinds.get(entry) ?? []), requestType])
  }
  return entries.length > 0 ? [...kinds.values()] : [types]
}

/** A row for all kinds of requests that cost the same, in the order of the kinds; none where no price is known. */
export function priceRows(listed: ListedModel, question: PriceQuestion): PriceRow[] {
  return kindsOf(listed, question).flatMap(types => {
    const priced = tenantPricedModel(listed.known, question.version, { ...listed, requestType: types[0] })
    return priced ? [{ listed, priced, types }] : []
  })
}

/** A row as it is shown, as of an instant. */
export function renderPrice({ listed, priced, types }: PriceRow, atMs: number) {
  const { provider, model } = listed
  return {
    ...{ provider, model, priced_model: `${priced.pricedBy}/${priced.model}` },
    ...{ source: sourceOf(priced), pricebook_version: priced.version ?? PRICEBOOK_VERSION },
    request_types: types,
    ...renderList(priceAt(priced, atMs) ?? { base: {}, tiers: [] }),
    service_tiers: renderServices(priced, atMs),
  }
}

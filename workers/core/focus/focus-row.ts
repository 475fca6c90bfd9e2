import { decimalText } from '../money/decimal.ts'
import { usdFromPico } from '../money/pico-usd.ts'
import type { ChargeGroup, ChargeKind } from './charge.ts'
import { partiesOf } from './parties.ts'
import { tokenKind, unitNames } from './unit-names.ts'

/** A group with its sums: all that was charged of it in one UTC day, whose first instant is `dayMs`. */
export type GroupSum = { dayMs: number; group: ChargeGroup; quantity: number; amountPico: bigint }

/** Whose account is billed. */
export type BilledAccount = { id: string; name: string }

/** A row by its columns; numbers and objects are texts that `NUMBER_COLUMNS` and `OBJECT_COLUMNS` tell. */
export type FocusValues = Record<string, string | null>

const DAY_MS = 86_400_000

const isoSecond = (ms: number) => new Date(ms).toISOString().replace('.000Z', 'Z')

function periods(dayMs: number): FocusValues {
  const day = new Date(dayMs)
  const [year, month] = [day.getUTCFullYear(), day.getUTCMonth()]
  const start = Date.UTC(year, month)
  return {
    ChargePeriodStart: isoSecond(dayMs),
    ChargePeriodEnd: isoSecond(dayMs + DAY_MS),
    BillingPeriodStart: isoSecond(start),
    BillingPeriodEnd: isoSecond(Date.UTC(year, month + 1)),
    // There is no invoice of ours: the provider's own names its usage, and this one its month.
    InvoiceId: `provisional-${isoSecond(start).slice(0, 7)}`,
  }
}

function skuOf({ priced_model, unit, tier, above, pricebook_version }: ChargeGroup): FocusValues {
  if (unit === null) return { SkuId: null, SkuMeter: null, SkuPriceId: null, SkuPriceDetails: null }
  const SkuId = `${priced_model}/${unit}`
  const step = above === null ? 'base' : `>${above}`
  const details = { x_TokenKind: unit, x_ServiceTier: tier, ...(above !== null && { x_AboveInputTokens: above }) }
  return {
    SkuId,
    SkuMeter: unitNames(unit).meter,
    SkuPriceId: `${SkuId}/${tier}/${step}/${pricebook_version}`,
    SkuPriceDetails: JSON.stringify(details),
  }
}

function pricedUsage({ group, quantity }: GroupSum): FocusValues {
  const { meter, consumed, pricing, perPrice } = unitNames(group.unit ?? '')
  const [listed, charged] = [BigInt(group.list_pico ?? 0), BigInt(group.pico ?? 0)]
  const unitPrice = (pico: bigint) => usdFromPico(pico * BigInt(perPrice))
  const cost = (pico: bigint) => usdFromPico(pico * BigInt(quantity))
  return {
    ...{ ChargeCategory: 'Usage', ChargeFrequency: 'Usage-Based', PricingCategory: 'Standard' },
    ChargeDescription: `${meter} of ${group.model} at ${group.provider}`,
    ...{ BilledCost: cost(charged), EffectiveCost: cost(charged) },
    ...{ ListCost: cost(listed), ContractedCost: cost(charged) },
    ...{ ListUnitPrice: unitPrice(listed), ContractedUnitPrice: unitPrice(charged) },
    ...{ ConsumedQuantity: String(quantity), ConsumedUnit: consumed },
    PricingQuantity: decimalText(BigInt(quantity), perPrice === 1 ? 0 : String(perPrice).length - 1),
    PricingUnit: pricing,
  }
}

const REASONS: Record<Exclude<ChargeKind, 'usage'>, string> = {
  rounding: 'Each request is rounded up to a whole nano-dollar',
  assumed: 'Held for requests whose true usage was lost, and charged in full',
  correction: 'Correction, so that events agree with the budgets that were charged',
  unitemised: 'Charges that were recorded without their reckoning',
}
const NO_PRICE = {
  ...{ PricingCategory: null, PricingQuantity: null, PricingUnit: null, ListUnitPrice: null },
  ...{ ContractedUnitPrice: null, ConsumedQuantity: null, ConsumedUnit: null },
}

function adjustment({ group, amountPico }: GroupSum, kind: Exclude<ChargeKind, 'usage'>): FocusValues {
  const cost = usdFromPico(amountPico)
  return {
    ...{ ChargeCategory: 'Adjustment', ChargeFrequency: 'Usage-Based' },
    ChargeDescription: `${REASONS[kind]}: ${group.model} at ${group.provider}`,
    ...{ BilledCost: cost, EffectiveCost: cost, ListCost: cost, ContractedCost: cost },
    ...NO_PRICE,
  }
}

function partyNames({ provider, model }: ChargeGroup): FocusValues {
  const { seller, developer } = partiesOf(provider, model)
  return {
    ...{ ServiceCategory: 'AI and Machine Learning', ServiceSubcategory: 'Generative AI' },
    ServiceName: `${seller} API`,
    ...{ InvoiceIssuerName: seller, ProviderName: seller, PublisherName: developer ?? seller },
    ...{ ServiceProviderName: seller, HostProviderName: seller, x_ModelDeveloper: developer },
  }
}

function tagsOf({ tags, feature, agent_name }: ChargeGroup): string {
  const own = { ...(feature !== null && { feature }), ...(agent_name !== null && { agent_name }) }
  return JSON.stringify({ ...own, ...JSON.parse(tags) })
}

function ownColumns(group: ChargeGroup): FocusValues {
  const { direction, cache } = tokenKind(group.unit ?? '')
  return {
    ...{ x_Provider: group.provider, x_Model: group.model, x_PricedModel: group.priced_model },
    ...{ x_TokenDirection: direction, x_TokenCacheAction: cache, x_ServiceTier: group.tier },
    x_AboveInputTokens: group.above === null ? null : String(group.above),
    ...{ x_PriceSource: group.source, x_PricebookVersion: group.pricebook_version, x_ChargeKind: group.kind },
  }
}

/** One row of FOCUS. Its costs are exact: unit price times quantity, not a sum of what was rounded. */
export function focusValues(sum: GroupSum, account: BilledAccount): FocusValues {
  const { group } = sum
  return {
    ...{ BillingAccountId: account.id, BillingAccountName: account.name, BillingCurrency: 'USD', ChargeClass: null },
    ...periods(sum.dayMs),
    ...(group.kind === 'usage' ? pricedUsage(sum) : adjustment(sum, group.kind)),
    ...partyNames(group),
    ...skuOf(group),
    ...{ SubAccountId: group.team, SubAccountName: group.team, Tags: tagsOf(group) },
    ...ownColumns(group),
  }
}

/** What a row bills, in pico-dollars. */
export function billedPico({ group, quantity, amountPico }: GroupSum): bigint {
  return group.kind === 'usage' ? BigInt(quantity) * BigInt(group.pico ?? 0) : amountPico
}

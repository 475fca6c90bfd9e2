import type { NanoUsd } from '../../core/money/nano-usd.ts'
import {
  costDetail,
  costOf,
  overriddenModel,
  overrideFor,
  PRICEBOOK_VERSION,
  type PricedModel,
  type PriceOverride,
  priceAt,
  serviceTierOf,
  sourceOf,
} from '../../core/pricing/index.ts'
import { type CostDetail, NO_USAGE } from '../../core/usage.ts'
import type { ControlPorts } from '../ports.ts'
import type { Report } from './read-reports.ts'

/** A charge that was reckoned, and by whose prices. */
export type ReportPrice = { cost: NanoUsd; detail: CostDetail; pricedModel: string; version: string }

/** Where prices come from: the price lists, and what a tenant has made of them for all its keys. */
export type PriceSources = { known: ControlPorts['pricedModel']; overrides: readonly PriceOverride[] }

// A report says neither whose key nor which wire it was: what is overridden for chats of all keys holds.
function pricedFor({ provider, model, atMs }: Report, { known, overrides }: PriceSources): PricedModel | undefined {
  const inForce = overrides.filter(({ sinceMs }) => sinceMs <= atMs)
  const override = overrideFor(inForce, { provider, providerKey: '', model, requestType: 'chat_completion' })
  const listed = known(provider, model)
  return override ? overriddenModel(listed, override, { provider, model }) : listed
}

function usageOf(report: Report) {
  const { inputTokens, outputTokens, reasoning_tokens: reasoningTokens } = report
  const { cached_input_tokens: cachedInputTokens, cache_write_tokens: cacheWriteTokens } = report
  return { ...NO_USAGE, inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens }
}

/** What a reported call cost by the prices of its time; `undefined` where nobody has a price for it. */
export function priceReport(report: Report, sources: PriceSources): ReportPrice | undefined {
  const priced = pricedFor(report, sources)
  const prices = priced && priceAt(priced, report.atMs, report.service_tier)
  if (!priced || !prices) return undefined
  const usage = usageOf(report)
  const origin = { tier: serviceTierOf(report.service_tier), source: sourceOf(priced) }
  return {
    ...{ cost: costOf(prices, usage), detail: costDetail(prices, usage, origin) },
    ...{ pricedModel: `${priced.pricedBy}/${priced.model}`, version: priced.version ?? PRICEBOOK_VERSION },
  }
}

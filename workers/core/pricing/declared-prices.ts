import { createHash } from 'node:crypto'
import type { Rates } from './pricebook.ts'
import type { PricedModel } from './priced-model.ts'

/** What stands for the pricebook's provider where a price is declared: none there is called so. */
export const DECLARED = 'declared'

/** Prices that a deployment declares itself: by the name of a provider, by the name of its model, both in lower case. */
export type DeclaredPrices = ReadonlyMap<string, ReadonlyMap<string, PricedModel>>

/** Names what was declared, as the pricebook's version does: the same text is the same prices. */
export function declaredVersion(text: string): string {
  return `declared@${createHash('sha256').update(text.trim()).digest('hex').slice(0, 12)}`
}

/** What a deployment says of one model: whole pico-dollars per unit, and the model's limits in tokens where they are known. */
export type Declaration = {
  version: string
  rates: Rates
  contextWindow?: number | undefined
  maxOutputTokens?: number | undefined
  acceptsMedia?: boolean | undefined
}

/** A declared model as the price engine has models. */
export function declaredModel(provider: string, model: string, declaration: Declaration): PricedModel {
  const { version, rates, contextWindow, maxOutputTokens, acceptsMedia = true } = declaration
  return {
    provider,
    model,
    pricedBy: DECLARED,
    version,
    contextWindow,
    maxOutputTokens,
    acceptsMedia,
    unmetered: [],
    prices: [{ base: rates, tiers: [] }],
    serviceTiers: {},
  }
}

/** The prices of a provider that has no others: what is not declared is not known, so that nothing passes for free. */
export function declaredTariff(declared: DeclaredPrices | undefined, provider: string) {
  const models = declared?.get(provider.toLowerCase())
  return {
    find: (model: string): PricedModel | undefined => models?.get(model.toLowerCase().trim()),
    list: (): PricedModel[] => [...(models?.values() ?? [])],
  }
}

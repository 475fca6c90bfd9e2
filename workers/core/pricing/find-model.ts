import { type PricebookEntry, providerNamed } from './load-pricebook.ts'
import { matches } from './match-rule.ts'
import { type PricedModel, pricedModel } from './priced-model.ts'

/** Longer names are no model's, and would make every rule slow. */
const MAX_NAME = 256
/** Lookups kept per isolate; the names that callers make up must not grow it for ever. */
const MAX_REMEMBERED = 1000

// Misses too: a bare name is looked for at every provider.
const remembered = new Map<string, PricedModel | undefined>()

function means(entry: PricebookEntry, name: string): boolean {
  if (entry.rule) return matches(entry.rule, name)
  return entry.names ? entry.names.includes(name) : name === entry.id
}

function findIn(provider: string, name: string): PricebookEntry | undefined {
  return providerNamed(provider)?.models.find(entry => means(entry, name))
}

// Its own models, then those of the providers at whose prices it sells (Azure sells OpenAI's).
function findAnywhere(provider: string, name: string): PricedModel | undefined {
  const lenders = [provider, ...(providerNamed(provider)?.fallback ?? [])]
  for (const pricedBy of lenders) {
    const entry = findIn(pricedBy, name)
    if (entry) return pricedModel(entry, { provider, pricedBy, name })
  }
  return undefined
}

function dashed(digits: string): string {
  const date = `${digits.slice(0, 4)}-${digits.slice(4, 6)}-${digits.slice(6)}`
  const ms = Date.parse(date)
  const isDate = !Number.isNaN(ms) && new Date(ms).toISOString().startsWith(date)
  return isDate ? date : digits
}

// `gpt-5-20250807` as `gpt-5-2025-08-07`: some providers write the date of a model without dashes.
function withDashedDate(name: string): string {
  return name.replace(/(?<=-)20\d{6}(?=-|:|$)/g, dashed)
}

function search(provider: string, model: string): PricedModel | undefined {
  const name = model.toLowerCase().trim()
  const dated = withDashedDate(name)
  return findAnywhere(provider, name) ?? (dated === name ? undefined : findAnywhere(provider, dated))
}

function remember(key: string, found: PricedModel | undefined): void {
  const oldest = remembered.keys().next().value
  if (remembered.size >= MAX_REMEMBERED && oldest !== undefined) remembered.delete(oldest)
  remembered.set(key, found)
}

/**
 * The model that `model` names at a provider (genai-prices ids), by the rules of genai-prices, which ignore case and
 * take the first match; never a model of a provider that it does not itself name. `undefined`: not known there.
 */
export function findModel(provider: string, model: string): PricedModel | undefined {
  const id = provider.toLowerCase()
  if (model.length > MAX_NAME || !providerNamed(id)) return undefined
  const key = `${id}\n${model}`
  if (!remembered.has(key)) remember(key, search(id, model))
  return remembered.get(key)
}

/** All models in a provider's own list, in the order they are matched; none for a provider that is not known. */
export function listModels(provider: string): PricedModel[] {
  const id = provider.toLowerCase()
  const models = providerNamed(id)?.models ?? []
  return models.map(entry => pricedModel(entry, { provider: id, pricedBy: id, name: entry.id.toLowerCase() }))
}

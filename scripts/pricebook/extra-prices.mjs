// Prices that genai-prices lacks (data/extra-prices.json): models it does not know, and units of models it knows.
import { ratesOf, schedule } from './convert-prices.mjs'

function withVariants(list, variants) {
  if (!variants) return list
  const rates = Object.entries(variants).map(([name, prices]) => [name, ratesOf(prices)])
  return { ...list, variants: Object.fromEntries(rates) }
}

function limitsLike(models, like) {
  const { context, output, media } = models.find(model => model.id === like) ?? {}
  return { context, output, media }
}

function entryFrom({ id, names, prices, variants, limits, like }, models) {
  const known = like ? limitsLike(models, like) : limits
  const free = { base: { input: 0, output: 0 }, tiers: [] }
  const lists = prices === 'free' ? [free] : schedule(prices).map(list => withVariants(list, variants))
  return { id, ...(names && { names: [id, ...names] }), prices: lists, ...known }
}

/** The models that are added to a provider's; they come first, since each stands for its own names only. */
export function extraEntries({ add }, providerId, models) {
  return (add[providerId] ?? []).map(extra => entryFrom(extra, models))
}

function withRates(entry, rates, minimums) {
  if (entry.prices.length === 0) throw new Error(`${entry.id} has no price to add to`)
  const added = list => ({ ...list, base: { ...list.base, ...rates }, ...(minimums && { minimums }) })
  return { ...entry, prices: entry.prices.map(added) }
}

function isMeant({ models, prefixes = [] }, id) {
  return models?.includes(id) || prefixes.some(prefix => id.startsWith(prefix))
}

/** A provider's own models, with the units that genai-prices has no price of. Throws where it has one by now. */
export function extended({ extend, replace }, providerId, models) {
  const free = replace.filter(({ provider }) => provider === providerId).flatMap(({ models: ids }) => ids)
  const additions = extend.filter(({ provider }) => provider === providerId)
  return models.map(entry => {
    const own = free.includes(entry.id) ? { ...entry, prices: [{ base: { input: 0, output: 0 }, tiers: [] }] } : entry
    const meant = additions.filter(addition => isMeant(addition, entry.id))
    const add = (made, { prices = {}, minimums }) => withRates(made, newRates(made, ratesOf(prices)), minimums)
    return meant.reduce(add, own)
  })
}

function newRates(entry, rates) {
  const known = Object.keys(rates).filter(unit => entry.prices.some(({ base }) => base[unit] !== undefined))
  if (known.length > 0) throw new Error(`${entry.id} has a price of ${known} already: remove it from extra-prices.json`)
  return rates
}

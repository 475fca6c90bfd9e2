// Prices of service tiers (data/service-tiers.json), joined to the models they are of.
import { ratesOf } from './convert-prices.mjs'
import { TOKEN_UNITS } from './price-units.mjs'

// A part of a pico-dollar is charged as a whole one.
function shareOf(rates, percent) {
  const shares = Object.entries(rates).map(([unit, pico]) => [
    unit,
    TOKEN_UNITS.includes(unit) ? Math.ceil((pico * percent) / 100) : pico,
  ])
  return Object.fromEntries(shares)
}

function without(rates, units = []) {
  return Object.fromEntries(Object.entries(rates).filter(([unit]) => !units.includes(unit)))
}

/** A tier's list from the standard one: `percent` of each kind of tokens, then `prices` instead, and `omit` left out. */
function tierList(list, { percent, prices = {}, omit }) {
  const share = rates => without(shareOf(rates, percent), omit)
  return {
    ...list,
    base: { ...share(list.base), ...ratesOf(prices) },
    tiers: list.tiers.map(({ above, rates }) => ({ above, rates: share(rates) })),
  }
}

function isOf({ models }, id) {
  return models === '*' || models.includes(id)
}

function assertKnown(rows, entries) {
  const ids = entries.map(({ id }) => id)
  const unknown = rows.flatMap(({ models }) => (models === '*' ? [] : models.filter(id => !ids.includes(id))))
  if (unknown.length > 0) throw new Error(`service-tiers.json names models that are not there: ${unknown}`)
}

/** The models of a provider with the prices of each service tier that is known. */
export function tieredEntries({ providers }, providerId, entries) {
  const rows = providers[providerId] ?? []
  assertKnown(rows, entries)
  return entries.map(entry => {
    const own = rows.filter(row => isOf(row, entry.id) && entry.prices.length > 0)
    const lists = own.map(row => [row.tier, entry.prices.map(list => tierList(list, row))])
    return lists.length > 0 ? { ...entry, service: Object.fromEntries(lists) } : entry
  })
}

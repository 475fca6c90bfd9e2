// Prices of genai-prices (floats, dollars per million tokens) as Weir's: whole pico-dollars per unit.

import { METERED, meteredKeys, toPico, UNMETERED, unmeteredKeys } from './price-units.mjs'

function tiersOf(prices) {
  const changes = meteredKeys(prices).flatMap(key => {
    const [unit, factor] = METERED[key]
    return (prices[key].tiers ?? []).map(tier => ({ above: tier.start, unit, pico: toPico(tier.price, factor) }))
  })
  const starts = [...new Set(changes.map(change => change.above))].sort((a, b) => a - b)
  return starts.map(above => ({ above, rates: ratesFrom(changes.filter(change => change.above === above)) }))
}

function ratesFrom(changes) {
  return Object.fromEntries(changes.map(({ unit, pico }) => [unit, pico]))
}

/** The rates of prices without tiers. */
export function ratesOf(prices) {
  const all = meteredKeys(prices).map(key => {
    const [unit, factor] = METERED[key]
    return { unit, pico: toPico(prices[key].base ?? prices[key], factor) }
  })
  return ratesFrom(all)
}

function priceList(prices) {
  return { base: ratesOf(prices), tiers: tiersOf(prices) }
}

/** Milliseconds since midnight UTC of `16:30:00Z`; throws on any other zone. */
function timeOfDay(text) {
  const match = /^(\d\d):(\d\d):(\d\d)Z$/.exec(text)
  if (!match) throw new Error(`not a UTC time of day: ${text}`)
  const [hours, minutes, seconds] = match.slice(1).map(Number)
  return ((hours * 60 + minutes) * 60 + seconds) * 1000
}

function holdsWhen(constraint) {
  switch (constraint?.type) {
    case undefined:
      return {}
    case 'start_date':
      return { fromMs: Date.parse(`${constraint.start_date}T00:00:00Z`) }
    case 'time_of_date':
      return { dailyMs: [timeOfDay(constraint.start_time), timeOfDay(constraint.end_time)] }
    default:
      throw new Error(`unknown price constraint: ${constraint.type}`)
  }
}

/** The dated price lists of a model, in the order of genai-prices; none where it has no price that Weir can charge by. */
export function schedule(prices) {
  const dated = Array.isArray(prices) ? prices : [{ prices }]
  const lists = dated.map(entry => ({ ...holdsWhen(entry.constraint), ...priceList(entry.prices) }))
  const priced = lists.filter(list => Object.keys(list.base).length > 0)
  if (priced.length > 0 && priced.length < lists.length) throw new Error('priced at some times only')
  return priced
}

/** What a model is also billed for that a usage does not count, sorted. */
export function unmeteredUnits(prices) {
  const dated = Array.isArray(prices) ? prices : [{ prices }]
  const keys = dated.flatMap(entry => unmeteredKeys(entry.prices))
  return [...new Set(keys.map(key => UNMETERED[key]))].sort()
}

import {
  COUNTED_UNITS,
  type CountedUnit,
  type PriceList,
  type PriceUnit,
  type Rates,
  type Tier,
  type TokenUnit,
} from './pricebook.ts'

/** A price for every unit, in pico-dollars; a counted unit without one has 0, see `isPricedFor`. */
export type FullRates = Record<PriceUnit, number>

/** The kinds of input tokens: each input token of a request is counted as exactly one of them. */
export const INPUT_UNITS = [
  'input',
  'cached_input',
  'cache_write',
  'cache_write_1h',
  'input_audio',
  'cached_input_audio',
  'input_image',
  'cached_input_image',
  'input_video',
] as const satisfies TokenUnit[]
/** The kinds of output tokens: each output token of a request is counted as exactly one of them. */
export const OUTPUT_UNITS = [
  'output',
  'reasoning',
  'output_audio',
  'output_image',
  'output_video',
] as const satisfies TokenUnit[]

// What is cached of a medium is a kind of two units. Where only one of them has a price it is priced as that one.
function cachedRate(medium: number | undefined, cached: number | undefined, input: number): number {
  if (medium === undefined || cached === undefined) return medium ?? cached ?? input
  return Math.max(medium, cached)
}

function inputRates(rates: Rates) {
  const input = rates.input ?? 0
  const cache_write = rates.cache_write ?? input
  const { cached_input: cached, input_audio: audio, input_image: image } = rates
  return {
    input,
    cache_write,
    cached_input: cached ?? input,
    cache_write_1h: rates.cache_write_1h ?? cache_write,
    input_audio: audio ?? input,
    cached_input_audio: rates.cached_input_audio ?? cachedRate(audio, cached, input),
    input_image: image ?? input,
    cached_input_image: rates.cached_input_image ?? cachedRate(image, cached, input),
    input_video: rates.input_video ?? input,
  }
}

function outputRates(rates: Rates) {
  const output = rates.output ?? 0
  return {
    output,
    reasoning: rates.reasoning ?? output,
    output_audio: rates.output_audio ?? output,
    output_image: rates.output_image ?? output,
    output_video: rates.output_video ?? output,
  }
}

// A cast of what the entries are: one for each counted unit.
function countedRates(rates: Rates): Record<CountedUnit, number> {
  return Object.fromEntries(COUNTED_UNITS.map(unit => [unit, rates[unit] ?? 0])) as Record<CountedUnit, number>
}

function fullRates(rates: Rates): FullRates {
  return { ...inputRates(rates), ...outputRates(rates), ...countedRates(rates), requests: rates.requests ?? 0 }
}

// Price lists are never changed once they are made, so that what they come to is reckoned once.
const remembered = new WeakMap<Rates, FullRates>()

function baseRates(base: Rates): FullRates {
  const known = remembered.get(base) ?? fullRates(base)
  remembered.set(base, known)
  return known
}

function overlaid(base: Rates, tiers: Tier[]): FullRates {
  if (tiers.length === 0) return baseRates(base)
  return fullRates(Object.assign({}, base, ...tiers.map(tier => tier.rates)))
}

function passedTiers(prices: PriceList, inputTokens: number): Tier[] {
  return prices.tiers.filter(tier => inputTokens > tier.above)
}

/** The rates of a request with so many input tokens in total, and the tier that set them, if any. */
export function ratesFor(prices: PriceList, inputTokens: number): { rates: FullRates; tierAbove: number | null } {
  const passed = passedTiers(prices, inputTokens)
  return { rates: overlaid(prices.base, passed), tierAbove: passed.at(-1)?.above ?? null }
}

/** The rates of every tier, the base included, that a request with at most so many input tokens can fall in. */
export function reachableRates(prices: PriceList, maxInputTokens: number): FullRates[] {
  const passed = passedTiers(prices, maxInputTokens)
  return [prices.base, ...passed].map((_, count) => overlaid(prices.base, passed.slice(0, count)))
}

import type { PriceList, PriceUnit, Rates, Tier } from './pricebook.ts'

/** A price for every unit, in pico-dollars. */
export type FullRates = Record<PriceUnit, number>

/** The kinds of input tokens: each input token of a request is counted as exactly one of them. */
export const INPUT_UNITS = [
  'input',
  'cached_input',
  'cache_write',
  'cache_write_1h',
  'input_audio',
  'cached_input_audio',
] as const
/** The kinds of output tokens: each output token of a request is counted as exactly one of them. */
export const OUTPUT_UNITS = ['output', 'reasoning', 'output_audio'] as const

// Cached audio is a kind of two units. Where only one of them has a price of its own it is priced as that one.
function cachedAudioRate({ input_audio: audio, cached_input: cached }: Rates, input: number): number {
  if (audio === undefined || cached === undefined) return audio ?? cached ?? input
  return Math.max(audio, cached)
}

function inputRates(rates: Rates) {
  const input = rates.input ?? 0
  const cache_write = rates.cache_write ?? input
  return {
    input,
    cache_write,
    cached_input: rates.cached_input ?? input,
    cache_write_1h: rates.cache_write_1h ?? cache_write,
    input_audio: rates.input_audio ?? input,
    cached_input_audio: rates.cached_input_audio ?? cachedAudioRate(rates, input),
  }
}

function fullRates(rates: Rates): FullRates {
  const output = rates.output ?? 0
  return {
    ...inputRates(rates),
    output,
    reasoning: rates.reasoning ?? output,
    output_audio: rates.output_audio ?? output,
    requests: rates.requests ?? 0,
  }
}

function overlaid(base: Rates, tiers: Tier[]): FullRates {
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

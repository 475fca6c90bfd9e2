/** What a price is per. All token units are per single token; `requests` is per request. */
export type PriceUnit =
  | 'input'
  | 'cached_input'
  | 'cache_write'
  | 'cache_write_1h'
  | 'output'
  | 'reasoning'
  | 'input_audio'
  | 'cached_input_audio'
  | 'output_audio'
  | 'requests'

/** Pico-dollars (1e-12 USD, whole) per unit. A unit that is absent is priced as the one it is a kind of. */
export type Rates = Partial<Record<PriceUnit, number>>

/** Rates that hold for the whole request once its total input tokens pass `above`. Units it does not name keep theirs. */
export type Tier = { above: number; rates: Rates }

/** The prices of a model at one instant. `tiers` ascend by `above`. */
export type PriceList = { base: Rates; tiers: Tier[] }

/**
 * A price list and when it holds: from `fromMs` (UTC epoch milliseconds) on, or daily within `dailyMs` (half-open,
 * milliseconds since midnight UTC; an end before the start passes midnight). Without either it always holds.
 */
export type DatedPrices = PriceList & { fromMs?: number; dailyMs?: [startMs: number, endMs: number] }

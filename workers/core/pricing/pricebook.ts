/** Kinds of tokens. Each token of a request is counted as exactly one of them; prices are per single token. */
export type TokenUnit =
  | 'input'
  | 'cached_input'
  | 'cache_write'
  | 'cache_write_1h'
  | 'input_audio'
  | 'cached_input_audio'
  | 'input_image'
  | 'cached_input_image'
  | 'input_video'
  | 'output'
  | 'reasoning'
  | 'output_audio'
  | 'output_image'
  | 'output_video'

/**
 * What is billed by its number beside the tokens. `search_units` are Cohere's of reranking; `images` are generated ones;
 * `characters` are of text to be spoken; `audio_seconds` are of sound to be written down, begun ones counted whole.
 */
export const COUNTED_UNITS = [
  'web_searches',
  'file_searches',
  'search_units',
  'images',
  'characters',
  'audio_seconds',
  'pages',
  'annotated_pages',
] as const

/** One of `COUNTED_UNITS`. */
export type CountedUnit = (typeof COUNTED_UNITS)[number]

/** So many of each counted unit; none of those that are absent. */
export type UnitCounts = Partial<Record<CountedUnit, number>>

/** What a price is per; `requests` is per request. */
export type PriceUnit = TokenUnit | CountedUnit | 'requests'

/**
 * Pico-dollars (1e-12 USD, whole) per unit. A kind of tokens that is absent is priced as the one it is a kind of; a counted
 * unit that is absent has no known price.
 */
export type Rates = Partial<Record<PriceUnit, number>>

/** Rates that hold for the whole request once its total input tokens pass `above`. Units it does not name keep theirs. */
export type Tier = { above: number; rates: Rates }

/**
 * The prices of a model at one instant. `tiers` ascend by `above`. `variants` replace rates of the base by what is asked
 * for, such as an image's size and quality (`1024x1024/hd`). `minimums`: the least that is billed of what is used at all.
 */
export type PriceList = { base: Rates; tiers: Tier[]; variants?: Record<string, Rates>; minimums?: UnitCounts }

/**
 * A price list and when it holds: from `fromMs` (UTC epoch milliseconds) on, or daily within `dailyMs` (half-open,
 * milliseconds since midnight UTC; an end before the start passes midnight). Without either it always holds.
 */
export type DatedPrices = PriceList & { fromMs?: number; dailyMs?: [startMs: number, endMs: number] }

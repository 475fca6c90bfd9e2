// What prices are per, and the price keys of genai-prices and of data/*.json as units of Weir's.

/** Units that Weir counts: the price key, and the factor from its dollars to pico-dollars per unit. */
export const METERED = {
  input_mtok: ['input', 1e6],
  cache_read_mtok: ['cached_input', 1e6],
  cache_write_mtok: ['cache_write', 1e6],
  cache_write_1h_mtok: ['cache_write_1h', 1e6],
  input_audio_mtok: ['input_audio', 1e6],
  cache_audio_read_mtok: ['cached_input_audio', 1e6],
  input_image_mtok: ['input_image', 1e6],
  cache_image_read_mtok: ['cached_input_image', 1e6],
  input_video_mtok: ['input_video', 1e6],
  output_mtok: ['output', 1e6],
  output_reasoning_mtok: ['reasoning', 1e6],
  output_audio_mtok: ['output_audio', 1e6],
  output_image_mtok: ['output_image', 1e6],
  output_video_mtok: ['output_video', 1e6],
  web_searches_kcount: ['web_searches', 1e9],
  storage_searches_kcount: ['file_searches', 1e9],
  search_units_kcount: ['search_units', 1e9],
  images_count: ['images', 1e12],
  characters_mcount: ['characters', 1e6],
  input_audio_hours: ['audio_seconds', 1e12 / 3600],
  input_document_kpages: ['pages', 1e9],
  input_annotated_document_kpages: ['annotated_pages', 1e9],
  requests_kcount: ['requests', 1e9],
}

/** Units that a usage does not count, by the name of their price key. A new one stops the build: somebody has to look. */
export const UNMETERED = {
  audio_hours: 'audio_hours',
  input_text_messages_kcount: 'text_messages',
  output_citation_mtok: 'output_citation',
}

/** The kinds of tokens: what a service tier's percentage is of. */
export const TOKEN_UNITS = Object.entries(METERED).flatMap(([key, [unit]]) => (key.endsWith('_mtok') ? [unit] : []))

/** A decimal that went on for ever before a double cut it: `0.08333333333333334`. */
const REPEATING = /\.\d*([1-9])\1{7,}\d?$/

/** Whole pico-dollars of one price; throws unless that is exact. A repeating decimal is rounded up, and so is an hour's price. */
export function toPico(price, factor) {
  const pico = Math.round(price * factor)
  // Off by the last bit of a double it is still that decimal: `0.18000000000000002` is $0.18.
  if (pico >= 0 && Math.abs(pico / factor - price) <= Number.EPSILON * price) return pico
  const isSplit = !Number.isInteger(factor) || REPEATING.test(String(price))
  if (price > 0 && isSplit) return Math.ceil(price * factor)
  throw new Error(`not a whole number of pico-dollars: ${price}`)
}

/** The price keys of a list that Weir charges by; throws on a key that nobody has looked at. */
export function meteredKeys(prices) {
  for (const key of Object.keys(prices)) {
    if (!(key in METERED || key in UNMETERED)) throw new Error(`unknown price key: ${key}`)
  }
  return Object.keys(METERED).filter(key => prices[key] !== undefined)
}

/** What a list also bills that a usage does not count. An hour of sound is counted where it is of input. */
export function unmeteredKeys(prices) {
  const isCounted = key => key === 'audio_hours' && prices.input_audio_hours !== undefined
  return Object.keys(prices).filter(key => key in UNMETERED && !isCounted(key))
}

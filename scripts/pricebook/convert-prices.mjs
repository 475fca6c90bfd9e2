// Prices of genai-prices (floats, dollars per million tokens) as Weir's: whole pico-dollars per unit.

/** Units that Weir counts: the price key of genai-prices, and the factor to pico-dollars per token or request. */
const METERED = {
  input_mtok: ['input', 1e6],
  cache_read_mtok: ['cached_input', 1e6],
  cache_write_mtok: ['cache_write', 1e6],
  cache_write_1h_mtok: ['cache_write_1h', 1e6],
  output_mtok: ['output', 1e6],
  output_reasoning_mtok: ['reasoning', 1e6],
  input_audio_mtok: ['input_audio', 1e6],
  cache_audio_read_mtok: ['cached_input_audio', 1e6],
  output_audio_mtok: ['output_audio', 1e6],
  requests_kcount: ['requests', 1e9],
}

/** Units that a usage cannot tell apart, by the name of their price key. A new one stops the build: somebody has to look. */
const UNMETERED = {
  audio_hours: 'audio_hours',
  cache_image_read_mtok: 'cached_input_image',
  input_annotated_document_kpages: 'annotated_document_pages',
  input_audio_hours: 'input_audio_hours',
  input_document_kpages: 'document_pages',
  input_image_mtok: 'input_image',
  input_text_messages_kcount: 'text_messages',
  input_video_mtok: 'input_video',
  output_citation_mtok: 'output_citation',
  output_image_mtok: 'output_image',
  output_video_mtok: 'output_video',
  storage_searches_kcount: 'storage_searches',
  web_searches_kcount: 'web_searches',
}

/** A decimal that went on for ever before a double cut it: `0.08333333333333334`. */
const REPEATING = /\.\d*([1-9])\1{7,}\d?$/

/** Whole pico-dollars of one price; throws unless that is exact. A repeating decimal is rounded up. */
export function toPico(price, factor) {
  const pico = Math.round(price * factor)
  // Off by the last bit of a double it is still that decimal: `0.18000000000000002` is $0.18.
  if (pico >= 0 && Math.abs(pico / factor - price) <= Number.EPSILON * price) return pico
  if (price > 0 && REPEATING.test(String(price))) return Math.ceil(price * factor)
  throw new Error(`not a whole number of pico-dollars: ${price}`)
}

function meteredOf(prices) {
  for (const key of Object.keys(prices)) {
    if (!(key in METERED || key in UNMETERED)) throw new Error(`unknown price key: ${key}`)
  }
  return Object.entries(METERED).filter(([key]) => prices[key] !== undefined)
}

function tiersOf(prices, metered) {
  const changes = metered.flatMap(([key, [unit, factor]]) =>
    (prices[key].tiers ?? []).map(tier => ({ above: tier.start, unit, pico: toPico(tier.price, factor) })),
  )
  const starts = [...new Set(changes.map(change => change.above))].sort((a, b) => a - b)
  return starts.map(above => ({ above, rates: ratesFrom(changes.filter(change => change.above === above)) }))
}

function ratesFrom(changes) {
  return Object.fromEntries(changes.map(({ unit, pico }) => [unit, pico]))
}

function priceList(prices) {
  const metered = meteredOf(prices)
  const base = metered.map(([key, [unit, factor]]) => ({ unit, pico: toPico(prices[key].base ?? prices[key], factor) }))
  return { base: ratesFrom(base), tiers: tiersOf(prices, metered) }
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
  const keys = dated.flatMap(entry => Object.keys(entry.prices)).filter(key => key in UNMETERED)
  return [...new Set(keys.map(key => UNMETERED[key]))].sort()
}

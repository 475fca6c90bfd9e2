/** How a unit is told: what its meter is called, what is counted, and of how many its price is. */
export type UnitNames = { meter: string; consumed: string; pricing: string; perPrice: number }

const TOKENS = { consumed: 'Tokens', pricing: '1000000 Tokens', perPrice: 1_000_000 }
const METERS: Record<string, string> = {
  input: 'Input Tokens',
  cached_input: 'Cached Input Tokens',
  cache_write: 'Cache Write Tokens',
  cache_write_1h: 'Cache Write Tokens, 1 Hour',
  input_audio: 'Audio Input Tokens',
  cached_input_audio: 'Cached Audio Input Tokens',
  input_image: 'Image Input Tokens',
  cached_input_image: 'Cached Image Input Tokens',
  input_video: 'Video Input Tokens',
  output: 'Output Tokens',
  reasoning: 'Reasoning Tokens',
  output_audio: 'Audio Output Tokens',
  output_image: 'Image Output Tokens',
  output_video: 'Video Output Tokens',
}
const COUNTED: Record<string, string> = {
  web_searches: 'Searches',
  file_searches: 'Searches',
  search_units: 'Units',
  images: 'Images',
  characters: 'Characters',
  audio_seconds: 'Seconds',
  pages: 'Pages',
  annotated_pages: 'Pages',
  requests: 'Requests',
}
const COUNTED_METERS: Record<string, string> = {
  web_searches: 'Web Searches',
  file_searches: 'File Searches',
  search_units: 'Search Units',
  images: 'Generated Images',
  characters: 'Spoken Characters',
  audio_seconds: 'Transcribed Seconds',
  pages: 'Pages',
  annotated_pages: 'Annotated Pages',
  requests: 'Requests',
}

/** The names of a unit of a charge. Prices of tokens are told per million, all others per one. */
export function unitNames(unit: string): UnitNames {
  const meter = METERS[unit]
  if (meter) return { meter, ...TOKENS }
  const consumed = COUNTED[unit] ?? 'Units'
  return { meter: COUNTED_METERS[unit] ?? unit, consumed, pricing: consumed, perPrice: 1 }
}

/** What FOCUS's working draft calls a kind of tokens: where they go, and what the cache had to do with them. */
export function tokenKind(unit: string): { direction: string | null; cache: string | null } {
  if (!METERS[unit]) return { direction: null, cache: null }
  const direction = /^(output|reasoning)/.test(unit) ? 'Output' : 'Input'
  if (unit.startsWith('cached')) return { direction, cache: 'Read' }
  return { direction, cache: unit.startsWith('cache_write') ? 'Write' : 'Uncached' }
}

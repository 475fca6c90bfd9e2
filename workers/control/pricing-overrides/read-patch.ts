import { picoFromUsd } from '../../core/money/pico-usd.ts'
import type { PricePatch, RatesPatch } from '../../core/pricing/price-override.ts'
import type { PriceUnit } from '../../core/pricing/pricebook.ts'
import { GatewayError } from '../../errors/gateway-error.ts'

/** What each field of Bifrost's is the price of. Of two that mean one unit, the later goes before the earlier. */
const UNITS: Record<string, PriceUnit[]> = {
  input_cost_per_token: ['input'],
  output_cost_per_token: ['output'],
  cache_read_input_token_cost: ['cached_input'],
  cache_creation_input_token_cost: ['cache_write'],
  cache_creation_input_token_cost_above_1hr: ['cache_write_1h'],
  input_cost_per_audio_token: ['input_audio'],
  output_cost_per_audio_token: ['output_audio'],
  input_cost_per_image_token: ['input_image'],
  output_cost_per_image_token: ['output_image'],
  cache_read_input_image_token_cost: ['cached_input_image'],
  input_cost_per_character: ['characters'],
  input_cost_per_second: ['audio_seconds'],
  input_cost_per_audio_per_second: ['audio_seconds'],
  output_cost_per_image: ['images'],
  search_context_cost_per_query: ['web_searches', 'search_units'],
  ocr_cost_per_page: ['pages'],
  annotation_cost_per_page: ['annotated_pages'],
}

/** Those of which there are prices above a number of input tokens, and in other service tiers. */
const GRADED = new Set([
  'input_cost_per_token',
  'output_cost_per_token',
  'cache_read_input_token_cost',
  'cache_creation_input_token_cost',
  'cache_creation_input_token_cost_above_1hr',
])
const SERVICE: Record<string, string> = { priority: 'priority', flex: 'flex', batches: 'batch' }
const FORM = /^(?<stem>.+?)(?:_above_(?<above>128|200|272)k_tokens)?(?:_(?<service>priority|flex|batches))?$/

/** Where a field's price belongs. */
type Place = { units: PriceUnit[]; above: number | null; service: string | undefined }

function invalidPatch(field: string, rule: string): GatewayError {
  return new GatewayError('request_invalid', `Invalid patch: ${field} ${rule}`, { param: `patch.${field}` })
}

function placeOf(field: string): Place {
  const { stem = '', above, service } = FORM.exec(field)?.groups ?? {}
  const units = Object.hasOwn(UNITS, stem) ? UNITS[stem] : undefined
  const isGraded = above !== undefined || service !== undefined
  if (!units || (isGraded && !GRADED.has(stem)))
    throw invalidPatch(field, 'is the price of nothing that is billed here')
  return { units, above: above === undefined ? null : Number(above) * 1000, service: SERVICE[service ?? ''] }
}

function picoOf(field: string, usd: number): number {
  if (usd < 0) throw invalidPatch(field, 'cannot be negative')
  const pico = picoFromUsd(usd)
  if (pico === undefined) throw invalidPatch(field, 'must be whole pico-dollars (1e-12), and at most 9000 dollars')
  return pico
}

function ratesAt({ base, tiers }: RatesPatch, above: number | null): RatesPatch['base'] {
  if (above === null) return base
  const known = tiers.find(tier => tier.above === above)
  if (known) return known.rates
  const tier = { above, rates: {} }
  tiers.push(tier)
  tiers.sort((a, b) => a.above - b.above)
  return tier.rates
}

function put(patch: PricePatch, { units, above, service }: Place, pico: number): void {
  if (service !== undefined) patch.serviceTiers[service] ??= { base: {}, tiers: [] }
  const part = service === undefined ? patch : patch.serviceTiers[service]
  for (const unit of units) if (part) ratesAt(part, above)[unit] = pico
}

function inOrder([a]: [string, unknown], [b]: [string, unknown]): number {
  const fields = Object.keys(UNITS)
  return fields.indexOf(a) - fields.indexOf(b)
}

/**
 * What the dollars of a patch are in whole pico-dollars per unit. Throws `request_invalid`, naming the field, for one that is the
 * price of nothing here, since a price that silently does nothing is a wrong bill.
 */
export function readPatch(asked: Record<string, number>): PricePatch {
  const patch: PricePatch = { base: {}, tiers: [], serviceTiers: {} }
  for (const [field, usd] of Object.entries(asked).sort(inOrder)) put(patch, placeOf(field), picoOf(field, usd))
  return patch
}

import type { Usage } from '../usage.ts'
import type { PriceUnit, UnitCounts } from './pricebook.ts'
import type { FullRates } from './rates-for.ts'

/**
 * A usage with what only its price depends on. The token counts are inside `inputTokens` and `outputTokens`, and the cached
 * ones inside both kinds they are of; `cacheWrite1hTokens` are the cache writes that are kept for an hour.
 */
export type BillableUsage = Usage & {
  cacheWrite1hTokens?: number
  cachedInputAudioTokens?: number
  inputImageTokens?: number
  cachedInputImageTokens?: number
  inputVideoTokens?: number
  outputImageTokens?: number
  outputVideoTokens?: number
  /** What is billed beside the tokens. */
  units?: UnitCounts
  /** The tier that the provider says it served, in its own word; what it was asked for is not told here. */
  serviceTier?: string
}

/** So many tokens, requests or other units. */
export type Quantity = { unit: PriceUnit; quantity: number }

function sum(quantities: Quantity[]): number {
  return quantities.reduce((total, { quantity }) => total + quantity, 0)
}

function dearestFirst(total: number, claims: Quantity[], rates: FullRates): Quantity[] {
  let left = total
  const ordered = claims.toSorted((a, b) => rates[b.unit] - rates[a.unit])
  return ordered.map(({ unit, quantity }) => {
    const taken = Math.min(quantity, left)
    left -= taken
    return { unit, quantity: taken }
  })
}

// Claims of more tokens than there are cannot all be true, so none of them earns its discount: each is read as "at most
// so many", and the dearest reading is charged. The total is never exceeded.
function share(all: Quantity, claims: Quantity[], rates: FullRates): Quantity[] {
  const rest = all.quantity - sum(claims)
  if (rest >= 0) return [{ unit: all.unit, quantity: rest }, ...claims]
  return dearestFirst(all.quantity, [all, ...claims], rates)
}

type Overlap = { audio: number; image: number }

// Where a usage does not say how much of the sound or pictures was cached, and kinds together pass the total, so many must be
// both; any more is not assumed, since that would be the cheaper reading. Of two media nobody knows which it was.
function inferred(usage: BillableUsage): Overlap {
  const { inputTokens, inputAudioTokens: audio, cachedInputTokens: cached, cacheWriteTokens } = usage
  const { inputImageTokens: image = 0, inputVideoTokens: video = 0 } = usage
  const overlap = audio + image + video + cached + cacheWriteTokens - inputTokens
  const isOne = overlap > 0 && video === 0 && (audio === 0 || image === 0)
  const both = isOne && overlap <= Math.min(audio + image, cached) ? overlap : 0
  return audio > 0 ? { audio: both, image: 0 } : { audio: 0, image: both }
}

function cachedMedia(usage: BillableUsage): Overlap {
  const { cachedInputAudioTokens, cachedInputImageTokens } = usage
  if (cachedInputAudioTokens === undefined && cachedInputImageTokens === undefined) return inferred(usage)
  const audio = Math.min(cachedInputAudioTokens ?? 0, usage.inputAudioTokens, usage.cachedInputTokens)
  const left = usage.cachedInputTokens - audio
  return { audio, image: Math.min(cachedInputImageTokens ?? 0, usage.inputImageTokens ?? 0, left) }
}

function inputClaims(usage: BillableUsage): Quantity[] {
  const cached = cachedMedia(usage)
  const hourly = usage.cacheWrite1hTokens ?? 0
  return [
    { unit: 'cached_input', quantity: usage.cachedInputTokens - cached.audio - cached.image },
    { unit: 'cache_write', quantity: Math.max(0, usage.cacheWriteTokens - hourly) },
    { unit: 'cache_write_1h', quantity: hourly },
    { unit: 'input_audio', quantity: usage.inputAudioTokens - cached.audio },
    { unit: 'cached_input_audio', quantity: cached.audio },
    { unit: 'input_image', quantity: (usage.inputImageTokens ?? 0) - cached.image },
    { unit: 'cached_input_image', quantity: cached.image },
    { unit: 'input_video', quantity: usage.inputVideoTokens ?? 0 },
  ]
}

function outputClaims(usage: BillableUsage): Quantity[] {
  return [
    { unit: 'reasoning', quantity: usage.reasoningTokens },
    { unit: 'output_audio', quantity: usage.outputAudioTokens },
    { unit: 'output_image', quantity: usage.outputImageTokens ?? 0 },
    { unit: 'output_video', quantity: usage.outputVideoTokens ?? 0 },
  ]
}

/** The tokens of a usage, each as one kind: the quantities of input and of output sum to their totals, whatever was claimed. */
export function shareTokens(usage: BillableUsage, rates: FullRates): Quantity[] {
  return [
    ...share({ unit: 'input', quantity: usage.inputTokens }, inputClaims(usage), rates),
    ...share({ unit: 'output', quantity: usage.outputTokens }, outputClaims(usage), rates),
  ]
}

import type { Usage } from '../usage.ts'
import type { PriceUnit } from './pricebook.ts'
import type { FullRates } from './rates-for.ts'

/** A usage that also says which of its cache writes are kept for an hour, where the provider bills those apart. */
export type BillableUsage = Usage & { cacheWrite1hTokens?: number }

/** So many tokens, or requests, of one unit. */
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

// A usage does not say how much of the audio was cached. Where audio, cached and written tokens together pass the total,
// so many must be both; any more is not assumed, since that would be the cheaper reading.
function cachedAudio(usage: Usage): number {
  const { inputTokens, inputAudioTokens, cachedInputTokens, cacheWriteTokens } = usage
  const overlap = inputAudioTokens + cachedInputTokens + cacheWriteTokens - inputTokens
  return overlap > 0 && overlap <= Math.min(inputAudioTokens, cachedInputTokens) ? overlap : 0
}

function inputClaims(usage: BillableUsage): Quantity[] {
  const both = cachedAudio(usage)
  const hourly = usage.cacheWrite1hTokens ?? 0
  return [
    { unit: 'cached_input', quantity: usage.cachedInputTokens - both },
    { unit: 'cache_write', quantity: Math.max(0, usage.cacheWriteTokens - hourly) },
    { unit: 'cache_write_1h', quantity: hourly },
    { unit: 'input_audio', quantity: usage.inputAudioTokens - both },
    { unit: 'cached_input_audio', quantity: both },
  ]
}

function outputClaims(usage: Usage): Quantity[] {
  return [
    { unit: 'reasoning', quantity: usage.reasoningTokens },
    { unit: 'output_audio', quantity: usage.outputAudioTokens },
  ]
}

/** The tokens of a usage, each as one kind: the quantities of input and of output sum to their totals, whatever was claimed. */
export function shareTokens(usage: BillableUsage, rates: FullRates): Quantity[] {
  return [
    ...share({ unit: 'input', quantity: usage.inputTokens }, inputClaims(usage), rates),
    ...share({ unit: 'output', quantity: usage.outputTokens }, outputClaims(usage), rates),
  ]
}

import type { NanoUsd } from '../money/nano-usd.ts'
import { quantitiesOf } from './count-units.ts'
import { nanoFromPico } from './nano-from-pico.ts'
import type { PriceList } from './pricebook.ts'
import { type FullRates, ratesFor } from './rates-for.ts'
import { type BillableUsage, type Quantity, shareTokens } from './share-tokens.ts'
import { tokenCount } from './token-count.ts'

/** One line of a charge. `picoTotal` is whole pico-dollars as a decimal string, since it can pass what a double holds. */
export type CostLine = Quantity & { picoPerUnit: number; picoTotal: string }

/** A charge with its reckoning: the lines sum to `picoTotal`, and `nanoTotal` is that, rounded up once. */
export type CostExplanation = {
  /** The total input tokens above which these rates hold, or null for the base rates. */
  tierAbove: number | null
  lines: CostLine[]
  picoTotal: string
  nanoTotal: NanoUsd
}

type PricedQuantity = Quantity & { picoPerUnit: number; pico: bigint }

const OPTIONAL = [
  'cacheWrite1hTokens',
  'cachedInputAudioTokens',
  'inputImageTokens',
  'cachedInputImageTokens',
  'inputVideoTokens',
  'outputImageTokens',
  'outputVideoTokens',
] as const

function optionalCounts(usage: BillableUsage): Partial<BillableUsage> {
  const given = OPTIONAL.filter(name => usage[name] !== undefined)
  return Object.fromEntries(given.map(name => [name, tokenCount(usage[name] ?? 0)]))
}

function counted(usage: BillableUsage): BillableUsage {
  return {
    inputTokens: tokenCount(usage.inputTokens),
    outputTokens: tokenCount(usage.outputTokens),
    cachedInputTokens: tokenCount(usage.cachedInputTokens),
    cacheWriteTokens: tokenCount(usage.cacheWriteTokens),
    reasoningTokens: tokenCount(usage.reasoningTokens),
    inputAudioTokens: tokenCount(usage.inputAudioTokens),
    outputAudioTokens: tokenCount(usage.outputAudioTokens),
    ...optionalCounts(usage),
  }
}

function priced({ unit, quantity }: Quantity, rates: FullRates): PricedQuantity {
  const picoPerUnit = rates[unit]
  return { unit, quantity, picoPerUnit, pico: BigInt(quantity) * BigInt(picoPerUnit) }
}

// The one reckoning: a charge and its explanation are both made of this.
function reckon(prices: PriceList, reported: BillableUsage) {
  const usage = counted(reported)
  const { rates, tierAbove } = ratesFor(prices, usage.inputTokens)
  const beside = [...quantitiesOf(reported.units, prices.minimums), { unit: 'requests', quantity: 1 } as const]
  const quantities: Quantity[] = [...shareTokens(usage, rates), ...beside]
  const lines = quantities.filter(({ quantity }) => quantity > 0).map(quantity => priced(quantity, rates))
  return { tierAbove, lines, pico: lines.reduce((total, line) => total + line.pico, 0n) }
}

/**
 * What a usage costs, rounded up once to the nano-dollar. Throws `RangeError` for counts that are negative or not
 * whole; a breakdown that cannot be (more cached than input) is charged at its dearest reading.
 */
export function costOf(prices: PriceList, usage: BillableUsage): NanoUsd {
  return nanoFromPico(reckon(prices, usage).pico)
}

/** The charge of `costOf`, line by line; lines that come to nothing are left out. Throws as `costOf` does. */
export function explainCost(prices: PriceList, usage: BillableUsage): CostExplanation {
  const { tierAbove, lines, pico } = reckon(prices, usage)
  const shown = lines
    .filter(line => line.pico > 0n)
    .map(({ pico, ...line }) => ({ ...line, picoTotal: pico.toString() }))
  return { tierAbove, lines: shown, picoTotal: pico.toString(), nanoTotal: nanoFromPico(pico) }
}

import { type BillableUsage, costDetail, costOf, type PriceList, type UnitCounts } from '../../core/pricing/index.ts'
import { type CostDetail, NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { parseEvent } from '../../providers/parse-event.ts'

/** How the usage of one answer is read, and what it costs. */
export type OutputRule = { readUsage(body: unknown): BillableUsage | undefined; prices: PriceList; source: string }

/** What the answers of a batch used together, and what they cost; explained where one price holds for all of them. */
export type BatchUsage = { usage: BillableUsage; costNano: number; costDetail: CostDetail | null }

const TOTALS = [
  'inputTokens',
  'outputTokens',
  'cachedInputTokens',
  'cacheWriteTokens',
  'reasoningTokens',
  'inputAudioTokens',
  'outputAudioTokens',
] as const

function unitsOf(a: UnitCounts = {}, b: UnitCounts = {}): UnitCounts {
  const names = Object.keys({ ...a, ...b }) as (keyof UnitCounts)[]
  return Object.fromEntries(names.map(name => [name, (a[name] ?? 0) + (b[name] ?? 0)]))
}

function plus(a: BillableUsage, b: BillableUsage): BillableUsage {
  const sums = TOTALS.map(name => [name, a[name] + b[name]])
  return { ...a, ...Object.fromEntries(sums), units: unitsOf(a.units, b.units) }
}

// Else the price of an answer depends on its own length, or on there being one.
function hasOnePrice({ base, tiers }: PriceList): boolean {
  return tiers.length === 0 && base.requests === undefined
}

async function* linesOf(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = ''
  for await (const text of body.pipeThrough(new TextDecoderStream() as ReadableWritablePair<string, Uint8Array>)) {
    const lines = (rest + text).split('\n')
    rest = lines.pop() ?? ''
    yield* lines
  }
  if (rest !== '') yield rest
}

/** Reads the output file of a batch, an answer a line, however long it is. */
export async function readOutput(body: ReadableStream<Uint8Array>, rule: OutputRule): Promise<BatchUsage> {
  let usage: BillableUsage = NO_USAGE
  let costNano = 0
  for await (const line of linesOf(body)) {
    const told = rule.readUsage(asRecord(parseEvent(line).response).body)
    if (!told) continue
    usage = plus(usage, told)
    costNano += costOf(rule.prices, told)
  }
  if (!hasOnePrice(rule.prices)) return { usage, costNano, costDetail: null }
  const detail = costDetail(rule.prices, usage, { tier: 'batch', source: rule.source })
  return { usage, costNano: costOf(rule.prices, usage), costDetail: detail }
}

import { calcPrice, type ModelInfo, waitForUpdate } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  type BillableUsage,
  type CountedUnit,
  costOf,
  findModel,
  type PriceList,
  priceAt,
} from '../../workers/core/pricing/index.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

type Priced = { provider: string; model: ModelInfo; prices: PriceList }

/** Every model of genai-prices that both have a price of, by its own id. */
async function everyModel(): Promise<Priced[]> {
  const providers = (await waitForUpdate()) ?? []
  return providers.flatMap(({ id: provider, models }) =>
    models.flatMap(model => {
      const found = findModel(provider, model.id)
      const prices = found && priceAt(found, NOW)
      // A rule may mean another model before it: then that one's price is asked of both.
      return prices && found.model === model.id ? [{ provider, model, prices }] : []
    }),
  )
}

/** Where ours is dearer than genai-prices, on purpose; by how many nano-dollars at most for a usage. */
const EXCEPTIONS: Record<string, (usage: BillableUsage) => number> = {
  // Its price of a request has the search in it that every request makes.
  'openai/gpt-4o-search-preview': () => 25_000_000,
}

// Prices that are no whole number of pico-dollars are rounded up to one: by at most that for each unit.
function roundedUp({ model }: Priced, usage: BillableUsage): number {
  const seconds = Math.max(10, usage.units?.audio_seconds ?? 0)
  const isRepeating = JSON.stringify(model.prices).includes('0.08333333333333334')
  return (seconds + (isRepeating ? usage.cacheWriteTokens : 0)) / 1000
}

/** The units of genai-prices that are counted beside tokens, by the key of their price, and what is reported of them. */
const THEIR_UNITS: [unit: CountedUnit, priceKey: string, reported: string][] = [
  ['web_searches', 'web_searches_kcount', 'web_searches'],
  ['file_searches', 'storage_searches_kcount', 'storage_searches'],
  ['audio_seconds', 'input_audio_hours', 'audio_seconds'],
  ['pages', 'input_document_kpages', 'input_document_pages'],
  ['annotated_pages', 'input_annotated_document_kpages', 'input_annotated_document_pages'],
]

// Of a unit that only we have a price of (Gemini's searches) there is nothing to compare.
function pricedUnits({ model }: Priced) {
  const text = JSON.stringify(model.prices)
  return THEIR_UNITS.filter(([, priceKey]) => text.includes(`"${priceKey}"`))
}

function comparable(priced: Priced, usage: BillableUsage): BillableUsage {
  const units = pricedUnits(priced).map(([unit]) => [unit, usage.units?.[unit] ?? 0])
  return { ...usage, units: Object.fromEntries(units) }
}

function theirUnits(priced: Priced, { units }: BillableUsage): Record<string, number> {
  const told = Object.fromEntries(pricedUnits(priced).map(([unit, , reported]) => [reported, units?.[unit] ?? 0]))
  // Theirs has annotated pages inside the pages; ours stand beside each other.
  const { input_annotated_document_pages: annotated = 0, input_document_pages: pages } = told
  return pages === undefined ? told : { ...told, input_document_pages: pages + annotated }
}

function theirs(priced: Priced, usage: BillableUsage): number {
  const { provider, model } = priced
  const asked = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cache_write_1h_tokens: usage.cacheWrite1hTokens ?? 0,
    output_reasoning_tokens: usage.reasoningTokens,
    input_audio_tokens: usage.inputAudioTokens,
    output_audio_tokens: usage.outputAudioTokens,
    input_image_tokens: usage.inputImageTokens ?? 0,
    input_video_tokens: usage.inputVideoTokens ?? 0,
    output_image_tokens: usage.outputImageTokens ?? 0,
    output_video_tokens: usage.outputVideoTokens ?? 0,
    cache_audio_read_tokens: usage.cachedInputAudioTokens ?? 0,
    cache_image_read_tokens: usage.cachedInputImageTokens ?? 0,
    ...theirUnits(priced, usage),
  }
  const price = calcPrice(asked, model.id, { providerId: provider, timestamp: new Date(NOW) })
  return (price?.total_price ?? Number.NaN) * 1e9
}

/** How far ours is from theirs, in nano-dollars, past what is on purpose; 0 where it is within one. */
function distance(priced: Priced, sampled: BillableUsage): number {
  const usage = comparable(priced, sampled)
  const over = costOf(priced.prices, usage) - theirs(priced, usage)
  const allowed = 1 + roundedUp(priced, usage) + (EXCEPTIONS[`${priced.provider}/${priced.model.id}`]?.(usage) ?? 0)
  // Theirs are doubles, of which the last bits are noise.
  const noise = 0.001 + Math.abs(over) * 1e-9 + theirs(priced, usage) * 1e-12
  return over >= -noise && over <= allowed + noise ? 0 : over
}

const shareArb = fc.integer({ min: 0, max: 100 })
const totalArb = fc.oneof(fc.nat({ max: 50 }), fc.nat({ max: 3_000_000 }))

// Each kind takes a share of what the kinds before it left, so that the breakdown can be.
function split<K extends string>(total: number, shares: Record<K, number>): Record<K, number> {
  let left = total
  const taken = Object.entries<number>(shares).map(([kind, share]) => {
    const tokens = Math.floor((left * share) / 100)
    left -= tokens
    return [kind, tokens]
  })
  return Object.fromEntries(taken)
}

// The kinds of input lie side by side, and the cached ones of a medium are inside both it and what was cached.
const inputArb = fc
  .record({
    total: totalArb,
    text: fc.record({ cached: shareArb, written: shareArb, hourly: shareArb }),
    media: fc.record({
      audio: shareArb,
      cachedAudio: shareArb,
      image: shareArb,
      cachedImage: shareArb,
      video: shareArb,
    }),
    hasMedia: fc.boolean(),
  })
  .map(({ total, text, media, hasMedia }) => {
    const none = { audio: 0, cachedAudio: 0, image: 0, cachedImage: 0, video: 0 }
    const parts = split(total, { ...(hasMedia ? media : none), ...text })
    return {
      inputTokens: total,
      cachedInputTokens: parts.cached + parts.cachedAudio + parts.cachedImage,
      cacheWriteTokens: parts.written + parts.hourly,
      cacheWrite1hTokens: parts.hourly,
      inputAudioTokens: parts.audio + parts.cachedAudio,
      cachedInputAudioTokens: parts.cachedAudio,
      inputImageTokens: parts.image + parts.cachedImage,
      cachedInputImageTokens: parts.cachedImage,
      inputVideoTokens: parts.video,
    }
  })

const outputArb = fc
  .record({ total: totalArb, reasoning: shareArb, audio: shareArb, image: shareArb, video: shareArb })
  .map(({ total, ...shares }) => {
    const parts = split(total, shares)
    return {
      outputTokens: total,
      reasoningTokens: parts.reasoning,
      outputAudioTokens: parts.audio,
      outputImageTokens: parts.image,
      outputVideoTokens: parts.video,
    }
  })

const unitsArb = fc.record({
  web_searches: fc.nat({ max: 40 }),
  file_searches: fc.nat({ max: 40 }),
  audio_seconds: fc.nat({ max: 20_000 }),
  pages: fc.nat({ max: 900 }),
  annotated_pages: fc.nat({ max: 900 }),
})

const usageArb: fc.Arbitrary<BillableUsage> = fc
  .tuple(inputArb, outputArb, unitsArb)
  .map(([input, output, units]) => ({ ...NO_USAGE, ...input, ...output, units }))

function nameOf({ provider, model }: Priced): string {
  return `${provider}/${model.id}`
}

describe('our engine and that of genai-prices', () => {
  it('come to the same within a nano-dollar for every model both know, at any usage of any kind', async ({
    expect,
  }) => {
    const models = await everyModel()
    expect(models.length).toBeGreaterThan(1400)
    const wrong = models.flatMap(priced => {
      const result = fc.check(
        fc.property(usageArb, usage => distance(priced, usage) === 0),
        { numRuns: 15 },
      )
      return result.failed ? [`${nameOf(priced)}: ${JSON.stringify(result.counterexample)}`] : []
    })
    expect(wrong).toEqual([])
  }, 120_000)
})

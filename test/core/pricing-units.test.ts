import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  type BillableUsage,
  COUNTED_UNITS,
  ceilingOf,
  costDetail,
  costOf,
  explainCost,
  findModel,
  isFree,
  isPricedFor,
  listModels,
  type PriceList,
  priceAt,
  serviceTierOf,
  variantPrices,
} from '../../workers/core/pricing/index.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')

function pricesOf(provider: string, model: string, tier?: string): PriceList {
  const found = findModel(provider, model)
  const prices = found && priceAt(found, NOW, tier)
  if (!prices) throw new Error(`no price: ${provider}/${model} ${tier}`)
  return prices
}

function usageOf(part: Partial<BillableUsage>): BillableUsage {
  return { ...NO_USAGE, ...part }
}

describe('units beyond text tokens', () => {
  // Hand-reckoned from the vendors' published prices, which are named in data/extra-prices.json or come with genai-prices.
  it.for([
    ['openai', 'tts-1', { units: { characters: 4096 } }, 61_440_000],
    ['openai', 'tts-1-hd', { units: { characters: 1 } }, 30_000],
    ['openai', 'whisper-1', { units: { audio_seconds: 90 } }, 9_000_000],
    // $0.111 an hour is no whole number of pico-dollars a second, and is rounded up to one.
    ['groq', 'whisper-large-v3', { units: { audio_seconds: 3600 } }, 111_000_003],
    ['groq', 'whisper-large-v3-turbo', { units: { audio_seconds: 10 } }, 111_112],
    ['groq', 'whisper-large-v3-turbo', { units: { audio_seconds: 1 } }, 111_112],
    ['groq', 'whisper-large-v3-turbo', {}, 0],
    ['mistral', 'mistral-ocr-4-0', { units: { pages: 3, annotated_pages: 2 } }, 22_000_000],
    ['cohere', 'rerank-v3.5', { units: { search_units: 2 } }, 4_000_000],
    ['cohere', 'embed-multilingual-v3.0', { inputTokens: 1000 }, 100_000],
    ['openai', 'omni-moderation-latest', { inputTokens: 1000 }, 0],
    ['openai', 'gpt-image-1', { inputTokens: 110, inputImageTokens: 100, outputTokens: 1056 }, 43_290_000],
    [
      'openai',
      'gpt-image-1.5',
      { inputTokens: 1000, inputImageTokens: 600, outputTokens: 1200, outputImageTokens: 1000 },
      40_800_000,
    ],
    [
      'openai',
      'gpt-realtime',
      {
        inputTokens: 300,
        cachedInputTokens: 200,
        inputImageTokens: 150,
        cachedInputImageTokens: 100,
        cachedInputAudioTokens: 50,
        inputAudioTokens: 50,
      },
      // 50 text at 4, 50 cached text at 0.4, 50 pictures at 5, 100 cached at 0.5, 50 cached sound at 0.4 dollars a million
      540_000,
    ],
    ['google', 'gemini-2.5-flash-image', { inputTokens: 10, outputTokens: 1310, outputImageTokens: 1290 }, 38_753_000],
    ['anthropic', 'claude-sonnet-4-5', { inputTokens: 1000, outputTokens: 10, units: { web_searches: 3 } }, 33_150_000],
    ['openai', 'gpt-5', { inputTokens: 1000, units: { web_searches: 2, file_searches: 4 } }, 31_250_000],
    ['google', 'gemini-2.5-flash', { inputTokens: 1000, units: { web_searches: 1 } }, 35_300_000],
    ['google', 'gemini-3-flash-preview', { inputTokens: 1000, units: { web_searches: 3 } }, 42_500_000],
    ['openai', 'gpt-4o-search-preview', { inputTokens: 1000 }, 27_500_000],
    ['openai', 'gpt-4o-mini-search-preview', { inputTokens: 1000, cachedInputTokens: 1000 }, 25_150_000],
    ['openai', 'gpt-5-search-api', { inputTokens: 1000 }, 11_250_000],
  ] as const)('%s %s %o costs %i nano-dollars', ([provider, model, usage, nano], { expect }) => {
    expect(costOf(pricesOf(provider, model), usageOf(usage))).toBe(nano)
  })

  it('shows each counted unit as a line of its own', ({ expect }) => {
    const usage = usageOf({ inputTokens: 10, units: { web_searches: 2 } })
    expect(explainCost(pricesOf('anthropic', 'claude-sonnet-4-5'), usage).lines).toEqual([
      { unit: 'input', quantity: 10, picoPerUnit: 3_000_000, picoTotal: '30000000' },
      { unit: 'web_searches', quantity: 2, picoPerUnit: 10_000_000_000, picoTotal: '20000000000' },
    ])
  })

  it('throws RangeError for a count of any unit or kind that is negative or not whole', ({ expect }) => {
    const prices = pricesOf('mock', 'echo')
    const kinds = ['inputImageTokens', 'inputVideoTokens', 'outputImageTokens', 'cachedInputAudioTokens']
    for (const bad of [-1, 0.5, Number.NaN]) {
      for (const kind of kinds) expect(() => costOf(prices, usageOf({ [kind]: bad }))).toThrow(RangeError)
      for (const unit of COUNTED_UNITS) {
        expect(() => costOf(prices, usageOf({ units: { [unit]: bad } }))).toThrow(RangeError)
        expect(() => ceilingOf(prices, { inputTokens: 0, outputTokens: 0, units: { [unit]: bad } })).toThrow(RangeError)
      }
    }
  })

  it('has a ceiling that is reached by the dearest of each kind', ({ expect }) => {
    const prices = pricesOf('openai', 'gpt-image-1.5')
    const dearest = usageOf({ inputTokens: 10, inputImageTokens: 10, outputTokens: 7, outputImageTokens: 7 })
    expect(ceilingOf(prices, { inputTokens: 10, outputTokens: 7 })).toBe(costOf(prices, dearest))
    const search = { inputTokens: 0, outputTokens: 0, units: { web_searches: 5 } }
    expect(ceilingOf(pricesOf('openai', 'gpt-5'), search)).toBe(50_000_000)
  })
})

describe('costDetail', () => {
  const origin = { tier: 'standard', source: 'pricebook' }
  const detail = (provider: string, model: string, usage: Partial<BillableUsage>) => {
    return costDetail(pricesOf(provider, model), usageOf(usage), origin)
  }

  it('has the rates of the charge, and names what was used and has no price', ({ expect }) => {
    expect(detail('groq', 'llama-3.1-8b-instant', { inputTokens: 3, units: { web_searches: 2 } })).toEqual({
      ...{ ...origin, above: null, lines: [['input', 3, 50_000]], unpriced: [['web_searches', 2]] },
    })
    expect(detail('google', 'gemini-2.5-pro', { inputTokens: 200_001 })).toMatchObject({ above: 200_000 })
  })

  it('does not miss the price of searches that are in that of the request', ({ expect }) => {
    const { lines, unpriced } = detail('perplexity', 'sonar', { units: { web_searches: 3 } })
    expect({ lines, unpriced }).toEqual({ lines: [['requests', 1, 12_000_000_000]], unpriced: undefined })
  })
})

describe('isPricedFor', () => {
  it('is true only where all that is asked for has a price', ({ expect }) => {
    expect(isPricedFor(pricesOf('openai', 'gpt-5'), {})).toBe(true)
    expect(isPricedFor(pricesOf('openai', 'gpt-5'), { web_searches: 1 })).toBe(true)
    expect(isPricedFor(pricesOf('groq', 'llama-3.1-8b-instant'), { web_searches: 1 })).toBe(false)
    expect(isPricedFor(pricesOf('openai', 'tts-1'), { characters: 1 })).toBe(true)
    expect(isPricedFor(pricesOf('openai', 'gpt-4o-mini-tts'), { characters: 1 })).toBe(true)
    expect(isPricedFor(pricesOf('openai', 'whisper-1'), { audio_seconds: 1 })).toBe(true)
  })

  it('is false for words at a model that is sold by other measures: its tokens would go for nothing', ({ expect }) => {
    for (const model of ['tts-1', 'whisper-1', 'dall-e-3'])
      expect(isPricedFor(pricesOf('openai', model), {})).toBe(false)
    expect(isPricedFor(pricesOf('cohere', 'rerank-v3.5'), {})).toBe(false)
    expect(isPricedFor(pricesOf('openai', 'tts-1'), { audio_seconds: 1 })).toBe(false)
    expect(isPricedFor(pricesOf('openai', 'omni-moderation-latest'), {})).toBe(true)
  })
})

describe('variantPrices', () => {
  it('has the price of the variant, none for one that is not known, and the only one where there are none', ({
    expect,
  }) => {
    const image = usageOf({ units: { images: 2 } })
    const cost = (model: string, variant: string) => {
      const prices = variantPrices(pricesOf('openai', model), variant)
      return prices && costOf(prices, image)
    }
    expect(cost('dall-e-3', '1024x1024/standard')).toBe(80_000_000)
    expect(cost('dall-e-3', '1792x1024/hd')).toBe(240_000_000)
    expect(cost('dall-e-2', '256x256/standard')).toBe(32_000_000)
    expect(cost('dall-e-3', '4096x4096/hd')).toBeUndefined()
    expect(cost('dall-e-3', 'constructor')).toBeUndefined()
    expect(variantPrices(pricesOf('openai', 'gpt-5'), '1024x1024/hd')).toBe(pricesOf('openai', 'gpt-5'))
  })

  it('costs, where nobody chose one, as much as the dearest', ({ expect }) => {
    const prices = pricesOf('openai', 'dall-e-3')
    const all = Object.keys(prices.variants ?? {}).map(variant => variantPrices(prices, variant)?.base.images)
    expect(prices.base.images).toBe(Math.max(...all.map(Number)))
    expect(isFree(prices)).toBe(false)
  })
})

describe('service tiers', () => {
  // As https://openai.com/api-priority-processing/ and https://developers.openai.com/api/docs/pricing have them.
  it.for([
    ['openai', 'gpt-4o', 'priority', 4_250_000, 2_125_000, 17_000_000],
    ['openai', 'gpt-4o-mini', 'priority', 250_000, 125_000, 1_000_000],
    ['openai', 'gpt-4.1', 'priority', 3_500_000, 875_000, 14_000_000],
    ['openai', 'gpt-5-mini', 'priority', 450_000, 45_000, 3_600_000],
    ['openai', 'gpt-5.5', 'priority', 12_500_000, 1_250_000, 75_000_000],
    ['openai', 'o4-mini', 'priority', 2_000_000, 500_000, 8_000_000],
    ['openai', 'o4-mini', 'flex', 550_000, 138_000, 2_200_000],
    ['openai', 'gpt-5.4', 'flex', 1_250_000, 130_000, 7_500_000],
    ['openai', 'gpt-4o', 'batch', 1_250_000, undefined, 5_000_000],
    ['anthropic', 'claude-sonnet-4-5', 'batch', 1_500_000, 150_000, 7_500_000],
    ['google', 'gemini-2.5-flash', 'flex', 150_000, 15_000, 1_250_000],
    ['groq', 'llama-3.1-8b-instant', 'flex', 50_000, undefined, 80_000],
  ] as const)('%s %s at %s has its own prices', ([provider, model, tier, input, cached, output], { expect }) => {
    expect(pricesOf(provider, model, tier).base).toMatchObject({ input, output })
    expect(pricesOf(provider, model, tier).base.cached_input).toBe(cached)
  })

  it('has no price for a tier that nobody gave one, never the standard one', ({ expect }) => {
    const priceOf = (provider: string, model: string, tier: string) => {
      const found = findModel(provider, model)
      return found && priceAt(found, NOW, tier)
    }
    expect(priceOf('openai', 'gpt-5-nano', 'priority')).toBeUndefined()
    expect(priceOf('openai', 'gpt-4o', 'flex')).toBeUndefined()
    expect(priceOf('openai', 'gpt-5', 'toString')).toBeUndefined()
    expect(priceOf('google', 'gemini-2.5-flash', 'priority')).toBeUndefined()
    expect(priceOf('groq', 'llama-3.1-8b-instant', 'performance')).toBeUndefined()
    expect(priceOf('azure', 'gpt-4o', 'priority')).toBeUndefined()
    expect(priceOf('azure', 'gpt-4o', 'default')).toBeDefined()
  })

  it('reads every vendor’s word for the standard tier as one', ({ expect }) => {
    const words = [
      undefined,
      '',
      'default',
      'standard',
      'standard_only',
      'on_demand',
      'SERVICE_TIER_STANDARD',
      'unspecified',
    ]
    for (const word of words) expect(serviceTierOf(word), String(word)).toBe('standard')
    expect(serviceTierOf('SERVICE_TIER_FLEX')).toBe('flex')
    expect(serviceTierOf('Priority')).toBe('priority')
    expect(serviceTierOf('auto')).toBe('auto')
  })

  it('costs at "auto" at least what any tier that may serve it would, for any usage', ({ expect }) => {
    const models = ['openai', 'anthropic', 'google', 'groq', 'mock'].flatMap(listModels)
    const tiered = models.filter(({ serviceTiers }) => Object.keys(serviceTiers).some(tier => tier !== 'batch'))
    const countArb = fc.nat({ max: 400_000 })
    const usageArb = fc.record({
      inputTokens: countArb,
      outputTokens: countArb,
      cachedInputTokens: countArb,
      cacheWriteTokens: countArb,
      reasoningTokens: countArb,
      inputAudioTokens: countArb,
      outputAudioTokens: countArb,
      units: fc.record({ web_searches: fc.nat({ max: 5 }) }),
    })
    fc.assert(
      fc.property(fc.constantFrom(...tiered), usageArb, (model, usage) => {
        const auto = priceAt(model, NOW, 'auto')
        const tiers = Object.keys(model.serviceTiers).filter(tier => tier !== 'batch')
        for (const tier of [...tiers, 'standard']) {
          const prices = priceAt(model, NOW, tier)
          if (!auto || !prices) throw new Error(`${model.model} ${tier}`)
          // What passes the total is read as dearly as its prices make it, so that only breakdowns that can be compare.
          const possible = { ...usage, cachedInputTokens: 0, cacheWriteTokens: 0, inputAudioTokens: 0 }
          for (const one of [possible, { ...possible, reasoningTokens: 0, outputAudioTokens: 0 }]) {
            expect(costOf(auto, one)).toBeGreaterThanOrEqual(costOf(prices, one))
          }
          const bound = { inputTokens: usage.inputTokens, outputTokens: usage.outputTokens, units: usage.units }
          expect(ceilingOf(auto, bound)).toBeGreaterThanOrEqual(costOf(prices, usage))
        }
      }),
      { numRuns: 500 },
    )
    expect(tiered.length).toBeGreaterThan(50)
  })

  it('is the standard list itself where nothing but that is known', ({ expect }) => {
    expect(pricesOf('mock', 'reasoning', 'auto')).toBe(pricesOf('mock', 'reasoning'))
  })
})

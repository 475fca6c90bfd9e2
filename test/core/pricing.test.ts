import { calcPrice, type MatchLogic, type ModelInfo, waitForUpdate } from '@pydantic/genai-prices'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  type BillableUsage,
  COUNTED_UNITS,
  ceilingOf,
  costOf,
  explainCost,
  findModel,
  isFree,
  listModels,
  PRICEBOOK_VERSION,
  type PricedModel,
  type PriceList,
  type PriceUnit,
  priceAt,
  type UnitCounts,
} from '../../workers/core/pricing/index.ts'
import pricebook from '../../workers/core/pricing/pricebook.json' with { type: 'json' }
import { NO_USAGE } from '../../workers/core/usage.ts'

const NOW = Date.parse('2026-11-21T12:00:00Z')
const UNITS: PriceUnit[] = [
  'input',
  'cached_input',
  'cache_write',
  'cache_write_1h',
  'output',
  'reasoning',
  'input_audio',
  'cached_input_audio',
  'output_audio',
  'input_image',
  'cached_input_image',
  'output_image',
  'input_video',
  'output_video',
  'requests',
  ...COUNTED_UNITS,
]

function modelOf(provider: string, model: string): PricedModel {
  const found = findModel(provider, model)
  if (!found) throw new Error(`no such model: ${provider}/${model}`)
  return found
}

function pricesOf(provider: string, model: string, atMs = NOW): PriceList {
  const prices = priceAt(modelOf(provider, model), atMs)
  if (!prices) throw new Error(`no price: ${provider}/${model}`)
  return prices
}

function usageOf(part: Partial<BillableUsage>): BillableUsage {
  return { ...NO_USAGE, ...part }
}

const countArb = fc.oneof(fc.nat({ max: 20 }), fc.nat({ max: 2_000_000 }), fc.maxSafeNat())

const MEDIA_COUNTS = [
  'cachedInputAudioTokens',
  'inputImageTokens',
  'cachedInputImageTokens',
  'inputVideoTokens',
  'outputImageTokens',
  'outputVideoTokens',
]

// Any breakdown, possible or not. A cast, as the names of the optional counts are made into members here.
const usageArb = fc.record({
  inputTokens: countArb,
  outputTokens: countArb,
  cachedInputTokens: countArb,
  cacheWriteTokens: countArb,
  cacheWrite1hTokens: countArb,
  reasoningTokens: countArb,
  inputAudioTokens: countArb,
  outputAudioTokens: countArb,
  ...Object.fromEntries(MEDIA_COUNTS.map(name => [name, fc.option(countArb, { nil: undefined })])),
  units: fc.dictionary(fc.constantFrom(...COUNTED_UNITS), countArb),
}) as fc.Arbitrary<BillableUsage>

const ratesArb = fc.dictionary(fc.constantFrom(...UNITS), fc.nat({ max: 200_000_000 }))

const pricesArb: fc.Arbitrary<PriceList> = fc.record({
  base: ratesArb,
  tiers: fc
    .uniqueArray(fc.record({ above: fc.nat({ max: 400_000 }), rates: ratesArb }), {
      selector: tier => tier.above,
      maxLength: 3,
    })
    .map(tiers => tiers.toSorted((a, b) => a.above - b.above)),
  minimums: fc.dictionary(fc.constantFrom(...COUNTED_UNITS), fc.nat({ max: 60 })),
})

describe('the published sample costs', () => {
  it.for([
    ['openai', 'gpt-4o', { inputTokens: 1000, outputTokens: 500 }, 7_500_000],
    ['openai', 'gpt-4o-mini', { inputTokens: 12_000, cachedInputTokens: 8000, outputTokens: 300 }, 1_380_000],
    ['openai', 'gpt-5', { inputTokens: 50_000, outputTokens: 2000, reasoningTokens: 1500 }, 82_500_000],
    ['openai', 'gpt-5.4', { inputTokens: 271_999, outputTokens: 2000 }, 709_997_500],
    ['openai', 'gpt-5.4', { inputTokens: 272_000, outputTokens: 2000 }, 1_405_000_000],
    ['openai', 'gpt-5.4', { inputTokens: 300_000, outputTokens: 2000 }, 1_545_000_000],
    [
      'anthropic',
      'claude-sonnet-4-5',
      { inputTokens: 250_000, cachedInputTokens: 100_000, cacheWriteTokens: 50_000, outputTokens: 1000 },
      1_057_500_000,
    ],
    [
      'anthropic',
      'claude-sonnet-4-5',
      { inputTokens: 10_000, cacheWriteTokens: 9000, cacheWrite1hTokens: 9000, outputTokens: 10 },
      57_150_000,
    ],
    ['google', 'gemini-2.5-pro', { inputTokens: 200_000, outputTokens: 1000 }, 260_000_000],
    ['google', 'gemini-2.5-pro', { inputTokens: 200_001, outputTokens: 1000 }, 515_002_500],
    ['aws', 'anthropic.claude-sonnet-4-5-20250929-v1:0', { inputTokens: 1000, outputTokens: 1000 }, 19_800_000],
    ['cloudflare', '@cf/meta/llama-3.1-8b-instruct', { inputTokens: 1000, outputTokens: 1000 }, 1_109_000],
    ['mock', 'echo', { inputTokens: 1000, cachedInputTokens: 400, outputTokens: 100 }, 840_000],
    ['mock', 'reasoning', { inputTokens: 10, outputTokens: 100, reasoningTokens: 90 }, 410_000],
    ['mock', 'tiered', { inputTokens: 1000, outputTokens: 10 }, 1_020_000],
    ['mock', 'tiered', { inputTokens: 1001, outputTokens: 10 }, 2_042_000],
    ['mock', 'free', { inputTokens: 1_000_000, outputTokens: 1_000_000 }, 0],
  ] as const)('%s %s %o costs %i nano-dollars', ([provider, model, usage, nano], { expect }) => {
    expect(costOf(pricesOf(provider, model), usageOf(usage))).toBe(nano)
  })
})

// Names that a rule means, as a caller might write them.
function namesOf(rule: MatchLogic): string[] {
  if ('or' in rule) return rule.or.flatMap(namesOf)
  if ('equals' in rule) return [rule.equals, ` ${rule.equals.toUpperCase()} `]
  if ('starts_with' in rule) return [rule.starts_with, `${rule.starts_with}-20260101`]
  if ('ends_with' in rule) return [`eu.${rule.ends_with}`]
  if ('contains' in rule) return [rule.contains, `us.${rule.contains}-v2:0`]
  return []
}

async function everyName(): Promise<[provider: string, name: string][]> {
  const providers = (await waitForUpdate()) ?? []
  return providers.flatMap(({ id, models }) =>
    models.flatMap((model: ModelInfo) =>
      [model.id, ...namesOf(model.match)].map((name): [string, string] => [id, name]),
    ),
  )
}

// Beside every date and time of day at which a price changes.
const INSTANTS = [
  '2025-06-09',
  '2026-03-13',
  '2026-08-17T02:00Z',
  '2026-11-21T05:00Z',
  '2026-11-21T20:00Z',
  '2027-01-01',
]

const EDGES = [128_000, 199_999, 200_000, 271_999, 272_000, 512_000].flatMap(edge => [edge, edge + 1])

const PARITY_USAGES: BillableUsage[] = [
  usageOf({}),
  usageOf({ inputTokens: 1, outputTokens: 1 }),
  usageOf({ inputTokens: 123_457, outputTokens: 7919, reasoningTokens: 1234 }),
  usageOf({
    inputTokens: 9001,
    cachedInputTokens: 8000,
    cacheWriteTokens: 700,
    cacheWrite1hTokens: 300,
    outputTokens: 11,
  }),
  usageOf({ inputTokens: 5000, inputAudioTokens: 4000, outputTokens: 3000, outputAudioTokens: 2500 }),
  ...EDGES.map(inputTokens => usageOf({ inputTokens, cachedInputTokens: 77_777, outputTokens: 1001 })),
]

type Case = { provider: string; name: string; atMs: number; usage: BillableUsage }

function theirs({ provider, name, atMs, usage }: Case) {
  const reported = {
    input_tokens: usage.inputTokens,
    output_tokens: usage.outputTokens,
    cache_read_tokens: usage.cachedInputTokens,
    cache_write_tokens: usage.cacheWriteTokens,
    cache_write_1h_tokens: usage.cacheWrite1hTokens ?? 0,
    output_reasoning_tokens: usage.reasoningTokens,
    input_audio_tokens: usage.inputAudioTokens,
    output_audio_tokens: usage.outputAudioTokens,
  }
  return calcPrice(reported, name, { providerId: provider, timestamp: new Date(atMs) })
}

// Where ours is not theirs, on purpose. (1) Ours has no price rather than $0 where genai-prices does not know it, and
// where the price is by the hour of a conversation, which a usage does not count.
const UNPRICED = new Set([
  'cerebras/qwen-3-coder-480b',
  'google/gemma-3',
  'google/gemma-3n',
  'huggingface_together/ServiceNow-AI/Apriel-1.6-15b-Thinker',
  'openrouter/gemini-2.5-pro-exp-03-25',
  'openrouter/google/gemini-flash-1.5-8b-exp',
  'openrouter/google/lyria-3-clip-preview',
  'openrouter/google/lyria-3-pro-preview',
  'x-ai/grok-voice-latest',
  'x-ai/grok-voice-think-fast-1.0',
  'x-ai/grok-voice-think-fast-2.0',
])

// (2) A price of genai-prices that is a repeating decimal ($0.08333.../M, all of them for cache writes) is the next
// whole pico-dollar in ours.
function roundedUp(model: ModelInfo, usage: BillableUsage): number {
  return JSON.stringify(model.prices).includes('0.08333333333333334') ? usage.cacheWriteTokens / 1000 : 0
}

// (3) Models that search once for every request: the search is in our price of a request, and theirs has none; nor does
// OpenAI sell their input any cheaper for having been cached. Their prices are pinned in pricing-units.test.ts.
const SEARCHES_ALWAYS = new Set(['openai/gpt-4o-search-preview', 'openai/gpt-4o-mini-search-preview'])

function disagreement(asked: Case): string[] {
  const where = `${asked.provider}/${asked.name} at ${asked.atMs} ${JSON.stringify(asked.usage)}`
  const found = modelOf(asked.provider, asked.name)
  const reference = theirs(asked)
  const prices = priceAt(found, asked.atMs)
  if (!prices || !reference) return UNPRICED.has(`${found.pricedBy}/${found.model}`) ? [] : [`${where}: no price`]
  if (SEARCHES_ALWAYS.has(`${found.pricedBy}/${found.model}`)) return []
  const over = costOf(prices, asked.usage) - reference.total_price * 1e9
  const isSame = over > -0.001 && over < 1.001 + roundedUp(reference.model, asked.usage)
  return isSame ? [] : [`${where}: ${over} nano-dollars above genai-prices`]
}

function allCases(provider: string, name: string): Case[] {
  const found = findModel(provider, name)
  if (!found) return []
  const instants = found.prices.length > 1 ? INSTANTS.map(at => Date.parse(at)) : [NOW]
  return instants.flatMap(atMs => PARITY_USAGES.map(usage => ({ provider, name, atMs, usage })))
}

describe('parity with genai-prices', () => {
  it('finds the same model for every name that its rules mean', async ({ expect }) => {
    const names = await everyName()
    const wrong = names.filter(([provider, name]) => {
      const reference = theirs({ provider, name, atMs: NOW, usage: NO_USAGE })
      // An entry of ours, for the price of its searches; genai-prices has it among `gpt-4o-mini`.
      if (name.trim().toLowerCase().startsWith('gpt-4o-mini-search-preview') && provider === 'openai') return false
      return findModel(provider, name)?.model !== reference?.model.id
    })
    expect(wrong).toEqual([])
    expect(names.length).toBeGreaterThan(3000)
  })

  it('charges the same, rounded up to the nano-dollar, for every model, at every date and beside every tier', async ({
    expect,
  }) => {
    const names = await everyName()
    const oneNameEach = new Map(
      names.map(([provider, name]) => [`${provider}/${findModel(provider, name)?.model}`, [provider, name] as const]),
    )
    const cases = [...oneNameEach.values()].flatMap(([provider, name]) => allCases(provider, name))
    expect(cases.flatMap(disagreement)).toEqual([])
    expect(cases.length).toBeGreaterThan(20_000)
  }, 60_000)

  it('has no price exactly where genai-prices has none that a usage counts', ({ expect }) => {
    const providers = Object.keys(pricebook.providers)
    const unpriced = providers.flatMap(listModels).filter(model => model.prices.length === 0)
    expect(new Set(unpriced.map(model => `${model.provider}/${model.model}`))).toEqual(UNPRICED)
  })

  it('agrees with genai-prices on names known by pattern, through another provider, or with the date written otherwise', ({
    expect,
  }) => {
    const names = [
      ['azure', 'gpt-4o'],
      ['azure', 'claude-sonnet-4-5'],
      ['google', 'claude-sonnet-4-5'],
      ['openai', 'gpt-5-20250807'],
      ['openai', 'gpt-5-20250832'],
      ['openai', 'claude-sonnet-4-5'],
      ['groq', 'gpt-4o'],
      ['openai', 'gpt-5.6-luna-2026-05-05'],
      ['openai', 'GPT-5.6-LUNA-20260505'],
      ['openai', 'gpt-5.6-luna-20260532'],
      ['openai', 'gpt-5.6-luna-preview'],
      ['anthropic', 'claude-opus-5-20260101'],
      ['x-ai', 'grok-4.3-20260101'],
      ['google', 'gemini-3.5-flash-001'],
      ['google', 'gemini-2.5-pro-preview-tts'],
      ['cursor', 'composer-2.5[fast=true]'],
      ['github-copilot', 'gpt-5-mini-2025-08-07'],
    ] as const
    for (const [provider, name] of names) {
      const reference = theirs({ provider, name, atMs: NOW, usage: NO_USAGE })
      expect(findModel(provider, name)?.model, `${provider}/${name}`).toBe(reference?.model.id)
    }
  })
})

describe('findModel', () => {
  it('answers undefined for a model, a provider and a name that no pricebook has', ({ expect }) => {
    expect(findModel('openai', 'no-such-model')).toBeUndefined()
    expect(findModel('no-such-provider', 'gpt-4o')).toBeUndefined()
    expect(findModel('constructor', 'gpt-4o')).toBeUndefined()
    expect(findModel('__proto__', '__proto__')).toBeUndefined()
    expect(findModel('openai', '')).toBeUndefined()
    expect(findModel('openai', `gpt-5-nano-${'x'.repeat(100_000)}`)).toBeUndefined()
  })

  it('never gives a model of another provider, unless the one asked sells it at that price', ({ expect }) => {
    expect(findModel('openai', 'claude-sonnet-4-5')).toBeUndefined()
    expect(modelOf('azure', 'gpt-4o')).toMatchObject({ provider: 'azure', model: 'gpt-4o', pricedBy: 'openai' })
    expect(modelOf('openai', 'gpt-4o')).toMatchObject({ provider: 'openai', pricedBy: 'openai' })
  })

  it('gives the canonical model for an alias, in any case', ({ expect }) => {
    expect(modelOf('OpenAI', 'GPT-4O-2024-11-20').model).toBe('gpt-4o')
  })

  it('gives a name its own limits where they are not those of its entry', ({ expect }) => {
    expect(modelOf('openai', 'gpt-5.1')).toMatchObject({ contextWindow: 400_000, maxOutputTokens: 128_000 })
    expect(modelOf('openai', 'gpt-5.1-chat-latest')).toMatchObject({
      model: 'gpt-5.1',
      contextWindow: 128_000,
      maxOutputTokens: 16_384,
    })
  })

  it('gives the larger context window where the sources differ', ({ expect }) => {
    expect(modelOf('openai', 'gpt-4.1').contextWindow).toBe(1_047_576)
  })

  it('says which models take media, and takes an unknown one to', ({ expect }) => {
    expect(modelOf('openai', 'gpt-4o').acceptsMedia).toBe(true)
    expect(modelOf('openai', 'gpt-4').acceptsMedia).toBe(false)
    expect(modelOf('mock', 'echo').acceptsMedia).toBe(false)
    expect(modelOf('avian', 'meta-llama-3.1-8b-instruct').acceptsMedia).toBe(true)
  })

  it('says what a model is billed for that a usage does not count', ({ expect }) => {
    expect(modelOf('perplexity', 'sonar-deep-research').unmetered).toEqual(['output_citation'])
    expect(modelOf('google', 'gemini-2.5-flash-image').unmetered).toEqual([])
    expect(modelOf('mock', 'echo').unmetered).toEqual([])
  })

  it('answers the same however many names were asked in between', ({ expect }) => {
    const before = findModel('openai', 'gpt-5-nano')
    for (let i = 0; i < 2500; i++) findModel('openai', `gpt-5-nano-${i}`)
    expect(findModel('openai', 'gpt-5-nano')).toEqual(before)
  })
})

describe('listModels', () => {
  it('lists the models of the mock provider with their limits, and nothing for an unknown provider', ({ expect }) => {
    const names = listModels('mock').map(model => model.model)
    expect(names).toEqual(
      'drop echo embed error-400 error-401 error-404 error-429 error-500 error-503 free reasoning slow tiered tools'.split(
        ' ',
      ),
    )
    for (const model of listModels('mock'))
      expect(model).toMatchObject({ contextWindow: 128_000, maxOutputTokens: 4096 })
    expect(listModels('no-such-provider')).toEqual([])
  })
})

describe('priceAt', () => {
  it('takes the new price from the first millisecond of its date, and the old one before', ({ expect }) => {
    const startMs = Date.parse('2025-06-10T00:00:00Z')
    expect(pricesOf('openai', 'o3', startMs - 1).base.input).toBe(10_000_000)
    expect(pricesOf('openai', 'o3', startMs).base.input).toBe(2_000_000)
  })

  it('takes the price of the time of day, from its first millisecond to before its last', ({ expect }) => {
    const at = (time: string) => pricesOf('deepseek', 'deepseek-chat', Date.parse(`2026-11-21T${time}Z`)).base.input
    expect([at('00:29:59.999'), at('00:30:00'), at('16:29:59.999'), at('16:30:00')]).toEqual([
      135_000, 270_000, 270_000, 135_000,
    ])
  })

  it('passes midnight where a window ends before it starts', ({ expect }) => {
    const night = { base: { input: 1 }, tiers: [], dailyMs: [82_800_000, 3_600_000] as [number, number] }
    const model = { ...modelOf('mock', 'echo'), prices: [{ base: { input: 2 }, tiers: [] }, night] }
    const at = (time: string) => priceAt(model, Date.parse(`1969-11-21T${time}Z`))?.base.input
    expect([at('22:59:59.999'), at('23:00:00'), at('00:59:59.999'), at('01:00:00')]).toEqual([2, 1, 1, 2])
  })

  it('takes the first price, as genai-prices does, where none holds yet', ({ expect }) => {
    const dated = [NOW + 1, NOW + 2].map(fromMs => ({ base: { input: fromMs }, tiers: [], fromMs }))
    expect(priceAt({ ...modelOf('mock', 'echo'), prices: dated }, NOW)?.base.input).toBe(NOW + 1)
  })

  it('is undefined, never free, where the price is not known or not by what a usage counts', ({ expect }) => {
    expect(priceAt(modelOf('cerebras', 'qwen-3-coder-480b'), NOW)).toBeUndefined()
    expect(priceAt(modelOf('x-ai', 'grok-voice-latest'), NOW)).toBeUndefined()
  })

  it('refuses what is no instant', ({ expect }) => {
    expect(() => priceAt(modelOf('mock', 'echo'), Number.NaN)).toThrow(RangeError)
  })
})

describe('costOf', () => {
  it('is never negative, never throws and never passes the safe integers, whatever whole counts a provider sends', ({
    expect,
  }) => {
    const wild = fc.record(
      Object.fromEntries(Object.keys(NO_USAGE).map(key => [key, fc.oneof(countArb, fc.constant(Number.MAX_VALUE))])),
    )
    fc.assert(
      fc.property(pricesArb, wild, (prices, usage) => {
        const cost = costOf(prices, usageOf(usage))
        expect(Number.isSafeInteger(cost) && cost >= 0).toBe(true)
      }),
    )
  })

  it('throws RangeError for counts that are negative or not whole', ({ expect }) => {
    for (const key of Object.keys(NO_USAGE)) {
      for (const bad of [-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
        expect(() => costOf(pricesOf('mock', 'echo'), usageOf({ [key]: bad })), `${key} ${bad}`).toThrow(RangeError)
      }
    }
  })

  it('does not fall when tokens of any kind are added, within a tier', ({ expect }) => {
    const kindArb = fc.constantFrom(
      'none',
      'cachedInputTokens',
      'cacheWriteTokens',
      'inputAudioTokens',
      'reasoningTokens',
      'outputAudioTokens',
    )
    const partsArb = fc.record({ kind: kindArb, isInput: fc.boolean(), tokens: fc.nat({ max: 100_000 }) })
    fc.assert(
      fc.property(ratesArb, fc.array(partsArb, { minLength: 1, maxLength: 8 }), (base, parts) => {
        const costs = parts.map((_, count) => costOf({ base, tiers: [] }, sumOf(parts.slice(0, count + 1))))
        expect(costs).toEqual(costs.toSorted((a, b) => a - b))
      }),
    )
  })

  it('gives no discount for a breakdown that cannot be', ({ expect }) => {
    const prices = {
      base: { input: 1_000_000, cached_input: 100_000, output: 2_000_000, reasoning: 500_000 },
      tiers: [],
    }
    expect(costOf(prices, usageOf({ inputTokens: 10, cachedInputTokens: 11 }))).toBe(10_000)
    expect(costOf(prices, usageOf({ inputTokens: 10, cachedInputTokens: 10 }))).toBe(1000)
    expect(costOf(prices, usageOf({ outputTokens: 10, reasoningTokens: 11 }))).toBe(20_000)
  })

  it('counts audio that must have been cached as cached audio', ({ expect }) => {
    const usage = usageOf({ inputTokens: 1000, inputAudioTokens: 900, cachedInputTokens: 800 })
    const { base } = pricesOf('openai', 'gpt-realtime')
    const pico = 200 * (base.input_audio ?? 0) + 700 * (base.cached_input_audio ?? 0) + 100 * (base.cached_input ?? 0)
    expect(costOf(pricesOf('openai', 'gpt-realtime'), usage)).toBe(pico / 1000)
  })

  it('prices cached audio as the one kind that has a price, or the dearer where both have', ({ expect }) => {
    const usage = usageOf({ inputTokens: 1, inputAudioTokens: 1, cachedInputTokens: 1 })
    const cost = (base: PriceList['base']) => costOf({ base: { input: 1000, ...base }, tiers: [] }, usage)
    expect(cost({ cached_input: 2000 })).toBe(2)
    expect(cost({ input_audio: 3000 })).toBe(3)
    expect(cost({ cached_input: 2000, input_audio: 3000 })).toBe(3)
    expect(cost({ cached_input: 2000, input_audio: 3000, cached_input_audio: 0 })).toBe(0)
  })

  it('keeps the base price of a unit that its tier does not name', ({ expect }) => {
    const prices = { base: { input: 4000, cached_input: 1000 }, tiers: [{ above: 10, rates: { input: 8000 } }] }
    expect(costOf(prices, usageOf({ inputTokens: 11, cachedInputTokens: 10 }))).toBe(18)
  })

  it('charges a price per request even where no token was used', ({ expect }) => {
    expect(costOf(pricesOf('perplexity', 'sonar'), NO_USAGE)).toBe(12_000_000)
  })

  it('rounds once, up: a pico-dollar is charged as a nano-dollar', ({ expect }) => {
    expect(costOf({ base: { input: 1, output: 1 }, tiers: [] }, usageOf({ inputTokens: 1, outputTokens: 1 }))).toBe(1)
    expect(costOf({ base: { input: 1, output: 1 }, tiers: [] }, usageOf({ inputTokens: 1000, outputTokens: 1 }))).toBe(
      2,
    )
  })
})

type Part = { kind: string; isInput: boolean; tokens: number }

// A breakdown that can be: tokens of a kind are also part of the total they are in.
function sumOf(parts: Part[]): BillableUsage {
  const usage: Record<string, number> = { ...NO_USAGE }
  for (const { kind, isInput, tokens } of parts) {
    const isOfInput = kind === 'none' ? isInput : !['reasoningTokens', 'outputAudioTokens'].includes(kind)
    const total = isOfInput ? 'inputTokens' : 'outputTokens'
    usage[total] = (usage[total] ?? 0) + tokens
    if (kind !== 'none') usage[kind] = (usage[kind] ?? 0) + tokens
  }
  return usageOf(usage)
}

const moreArb = fc.record({ input: countArb, output: countArb, unit: fc.nat({ max: 3 }) })

function moreUnits(units: UnitCounts = {}, more: number): UnitCounts {
  return Object.fromEntries(Object.entries(units).map(([unit, count]) => [unit, count + more]))
}

describe('ceilingOf', () => {
  it('is never below the cost of a usage within the bound, whatever its breakdown and whatever the prices', ({
    expect,
  }) => {
    fc.assert(
      fc.property(pricesArb, usageArb, moreArb, (prices, usage, more) => {
        const bound = {
          inputTokens: usage.inputTokens + more.input,
          outputTokens: usage.outputTokens + more.output,
          units: moreUnits(usage.units, more.unit),
        }
        expect(ceilingOf(prices, { ...bound, mayWrite1h: true })).toBeGreaterThanOrEqual(costOf(prices, usage))
        const plain = { ...usage, cacheWrite1hTokens: 0 }
        expect(ceilingOf(prices, bound)).toBeGreaterThanOrEqual(costOf(prices, plain))
      }),
      { numRuns: 1000 },
    )
  })

  it('is reached: some usage within the bound costs exactly that', ({ expect }) => {
    const prices = pricesOf('anthropic', 'claude-sonnet-4-5')
    const dearest = usageOf({ inputTokens: 1000, cacheWriteTokens: 1000, outputTokens: 500 })
    expect(ceilingOf(prices, { inputTokens: 1000, outputTokens: 500 })).toBe(costOf(prices, dearest))
    const hourly = { ...dearest, cacheWrite1hTokens: 1000 }
    expect(ceilingOf(prices, { inputTokens: 1000, outputTokens: 500, mayWrite1h: true })).toBe(costOf(prices, hourly))
  })

  it('holds where a higher tier is the cheaper one', ({ expect }) => {
    const prices = {
      base: { input: 9000, output: 1000 },
      tiers: [{ above: 100, rates: { input: 1000, output: 2000 } }],
    }
    const bound = { inputTokens: 101, outputTokens: 10 }
    expect(ceilingOf(prices, bound)).toBeGreaterThanOrEqual(
      costOf(prices, usageOf({ inputTokens: 100, outputTokens: 10 })),
    )
  })

  it('throws RangeError for counts that are negative or not whole', ({ expect }) => {
    expect(() => ceilingOf(pricesOf('mock', 'echo'), { inputTokens: -1, outputTokens: 0 })).toThrow(RangeError)
    expect(() => ceilingOf(pricesOf('mock', 'echo'), { inputTokens: 0, outputTokens: Number.NaN })).toThrow(RangeError)
  })
})

describe('isFree', () => {
  it('is true exactly where no usage costs anything', ({ expect }) => {
    expect(isFree(pricesOf('mock', 'free'))).toBe(true)
    expect(isFree(pricesOf('openrouter', 'deepseek/deepseek-r1:free'))).toBe(true)
    expect(isFree(pricesOf('mock', 'echo'))).toBe(false)
    expect(isFree({ base: {}, tiers: [{ above: 1, rates: { output: 1 } }] })).toBe(false)
    fc.assert(
      fc.property(pricesArb, usageArb, (prices, usage) => {
        if (isFree(prices)) expect(costOf(prices, usage)).toBe(0)
      }),
    )
  })
})

describe('explainCost', () => {
  it('has lines that sum to the charge, for any usage', ({ expect }) => {
    fc.assert(
      fc.property(pricesArb, usageArb, (prices, usage) => {
        const { lines, picoTotal, nanoTotal } = explainCost(prices, usage)
        const sum = lines.reduce((total, line) => total + BigInt(line.picoTotal), 0n)
        expect(sum.toString()).toBe(picoTotal)
        expect(nanoTotal).toBe(costOf(prices, usage))
        for (const line of lines) expect(BigInt(line.quantity) * BigInt(line.picoPerUnit)).toBe(BigInt(line.picoTotal))
      }),
    )
  })

  it('counts every token exactly once, whatever the breakdown; counts above 2^50 as 2^50', ({ expect }) => {
    const prices = { base: { input: 1, output: 1 }, tiers: [] }
    fc.assert(
      fc.property(usageArb, usage => {
        const tokens = Math.min(usage.inputTokens, 2 ** 50) + Math.min(usage.outputTokens, 2 ** 50)
        expect(explainCost(prices, usage).picoTotal).toBe(tokens.toString())
      }),
    )
  })

  it('shows each unit at its price, and the tier that set it', ({ expect }) => {
    expect(explainCost(pricesOf('mock', 'tiered'), usageOf({ inputTokens: 1001, outputTokens: 10 }))).toEqual({
      tierAbove: 1000,
      lines: [
        { unit: 'input', quantity: 1001, picoPerUnit: 2_000_000, picoTotal: '2002000000' },
        { unit: 'output', quantity: 10, picoPerUnit: 4_000_000, picoTotal: '40000000' },
      ],
      picoTotal: '2042000000',
      nanoTotal: 2_042_000,
    })
    expect(explainCost(pricesOf('mock', 'tiered'), usageOf({ inputTokens: 1000 })).tierAbove).toBeNull()
  })
})

describe('the pricebook', () => {
  it('has a version that names its content', async ({ expect }) => {
    const content = new TextEncoder().encode(JSON.stringify(pricebook.providers))
    const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', content))
    const hex = [...digest].map(byte => byte.toString(16).padStart(2, '0')).join('')
    expect(PRICEBOOK_VERSION).toBe(`genai-prices@0.1.8+${hex.slice(0, 12)}`)
  })

  it('has whole pico-dollars, known units and ascending tiers in every model of every provider', ({ expect }) => {
    const providers = Object.keys(pricebook.providers)
    expect(providers).toHaveLength(44)
    const lists = providers.flatMap(listModels).flatMap(model => model.prices)
    const services = providers.flatMap(listModels).flatMap(model => Object.values(model.serviceTiers).flat())
    expect(services.length).toBeGreaterThan(100)
    for (const { base, tiers } of [...lists, ...services]) {
      for (const [unit, rate] of [base, ...tiers.map(tier => tier.rates)].flatMap(rates => Object.entries(rates))) {
        expect(UNITS).toContain(unit)
        expect(Number.isSafeInteger(rate) && rate >= 0).toBe(true)
      }
      expect(tiers).toEqual(tiers.toSorted((a, b) => a.above - b.above))
    }
  })
})

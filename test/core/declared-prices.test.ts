import fc from 'fast-check'
import { describe, it } from 'vitest'
import { readDeclaredPrices } from '../../workers/contracts/declared-prices.ts'
import { ceilingOf, costOf, findModel, isFree, PRICEBOOK_VERSION, priceAt } from '../../workers/core/pricing/index.ts'
import { surcharged } from '../../workers/core/pricing/surcharge.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { pricedModelAt, pricedModelsAt } from '../../workers/providers/priced-models.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { PRICED_VENDORS } from '../../workers/providers/vendors.ts'

const NOW = Date.UTC(2026, 10, 25)

const read = (value: unknown) => readDeclaredPrices(JSON.stringify(value), PRICED_VENDORS)
const paid = (over: Record<string, unknown> = {}) => ({ input_usd_per_mtok: 1, output_usd_per_mtok: 2, ...over })
const ratesOf = (model: unknown) =>
  read({ vllm: { m: model } })
    .get('vllm')
    ?.get('m')?.prices[0]?.base

function ollama(prices: unknown) {
  const secrets = { OLLAMA_BASE_URL: 'http://127.0.0.1:1/v1' }
  const fetch = () => Promise.reject(new Error('no network'))
  const provider = configuredProviders({ mock: false, secrets, declared: read(prices) }, fetch).get('ollama')
  if (!provider) throw new Error('no ollama')
  return provider
}

describe('declared prices', () => {
  it('are none where nothing is declared', ({ expect }) => {
    for (const text of [undefined, '', '  \n', '{}']) expect(readDeclaredPrices(text, PRICED_VENDORS).size).toBe(0)
  })

  it('are whole pico-dollars a token, by the digits that were written', ({ expect }) => {
    expect(ratesOf(paid({ input_usd_per_mtok: 0.000001, output_usd_per_mtok: '1.10' }))).toEqual({
      input: 1,
      output: 1_100_000,
    })
    expect(ratesOf(paid({ cached_input_usd_per_mtok: 0.29, usd_per_request: '0.000000000001' }))).toEqual({
      input: 1_000_000,
      output: 2_000_000,
      cached_input: 290_000,
      requests: 1,
    })
  })

  it('are exactly what was written, for any price of six decimals', ({ expect }) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 999_999_999_999 }), pico => {
        const text = `${Math.floor(pico / 1e6)}.${String(pico % 1e6).padStart(6, '0')}`
        expect(ratesOf(paid({ input_usd_per_mtok: text }))?.input).toBe(pico)
      }),
    )
  })

  it.for([-1, '-0.1', 0.0000001, '0.1234567', '1e3', '1,5', '', ' 1', 'free', 1_000_001, 1e300, null, true, [], {}])(
    'refuse %j, and name the entry',
    (price, { expect }) => {
      expect(() => ratesOf(paid({ input_usd_per_mtok: price }))).toThrow(/^CUSTOM_PRICES: vllm\.m\b/)
    },
  )

  it.for([
    'not json',
    '[]',
    '1',
    '"x"',
    '{"vllm":1}',
    '{"vllm":{"m":{}}}',
    '{"vllm":{"m":{"free":false}}}',
    '{"vllm":{"m":{"free":true,"input_usd_per_mtok":1}}}',
    '{"vllm":{"m":{"input_usd_per_mtok":1}}}',
    '{"vllm":{"m":{"input_usd_per_mtok":1,"output_usd_per_mtok":1,"outptu":1}}}',
    '{"vllm":{"m":{"free":true,"context_window":0}}}',
    '{"vllm":{"m":{"free":true,"context_window":1.5}}}',
    '{"":{"m":{"free":true}}}',
    '{"vllm":{"":{"free":true}}}',
  ])('refuse %s as a whole', (text, { expect }) => {
    expect(() => readDeclaredPrices(text, PRICED_VENDORS)).toThrow(/^CUSTOM_PRICES/)
  })

  it('are not for a provider whose prices are known', ({ expect }) => {
    for (const provider of ['openai', 'Azure', 'vertex', 'workers-ai', 'mock'])
      expect(() => read({ [provider]: { 'gpt-4o': { free: true } } })).toThrow('in the pricebook')
    expect(read({ 'my-own-account': { m: { free: true } } }).size).toBe(1)
  })

  it('price what they name, in any case, and nothing else', ({ expect }) => {
    const provider = ollama({ OLLAMA: { 'Llama3:8B': paid({ context_window: 8192, max_output_tokens: 1024 }) } })
    const model = pricedModelAt(provider, 'llama3:8b')
    expect(model?.version).toMatch(/^declared@[0-9a-f]{12}$/)
    expect(model).toMatchObject({ pricedBy: 'declared', contextWindow: 8192, maxOutputTokens: 1024 })
    expect(pricedModelAt(provider, 'LLAMA3:8b ')).toBe(model)
    expect(pricedModelAt(provider, 'llama3')).toBeUndefined()
    expect(pricedModelAt(provider, 'gpt-4o')).toBeUndefined()
    expect(pricedModelAt(provider, '__proto__')).toBeUndefined()
    expect(pricedModelsAt(provider)).toEqual([model])
    const prices = model && priceAt(model, NOW)
    if (!prices) throw new Error('no price')
    expect(costOf(prices, { ...NO_USAGE, inputTokens: 1000, outputTokens: 10 })).toBe(1_020_000)
    expect(ceilingOf(prices, { inputTokens: 1000, outputTokens: 10 })).toBe(1_020_000)
  })

  it('are free only where that is said', ({ expect }) => {
    const model = pricedModelAt(ollama({ ollama: { m: { free: true } } }), 'm')
    const prices = model && priceAt(model, NOW)
    expect(prices && isFree(prices)).toBe(true)
  })
})

describe('a surcharge', () => {
  it('raises every rate of every tier and date by its percentage, rounded up', ({ expect }) => {
    const model = findModel('google', 'gemini-3.1-pro-preview')
    if (!model) throw new Error('no model')
    const [prices] = surcharged(model, 10).prices
    expect(surcharged(model, 10).version).toBe(`${PRICEBOOK_VERSION}+10%`)
    expect(prices).toMatchObject({
      base: { input: 2_200_000, cached_input: 220_000, output: 13_200_000 },
      tiers: [{ above: 200_000, rates: { input: 4_400_000, cached_input: 440_000, output: 19_800_000 } }],
    })
    const tiers = { priority: model.prices }
    expect(surcharged({ ...model, serviceTiers: tiers }, 10).serviceTiers).toEqual({})
    const odd = { ...model, prices: [{ base: { input: 1, output: 15, web_searches: 10_000 }, tiers: [] }] }
    expect(surcharged(odd, 10).prices[0]?.base).toEqual({ input: 2, output: 17, web_searches: 10_000 })
    expect(findModel('google', 'gemini-3.1-pro-preview')?.prices[0]?.base.input).toBe(2_000_000)
  })
})

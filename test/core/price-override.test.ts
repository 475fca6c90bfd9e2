import fc from 'fast-check'
import { describe, it } from 'vitest'
import { readPatch } from '../../workers/control/pricing-overrides/read-patch.ts'
import { picoFromUsd, usdFromPico } from '../../workers/core/money/pico-usd.ts'
import { costOf, overriddenModel, overrideFor, type PricedModel, priceAt } from '../../workers/core/pricing/index.ts'
import { OVERRIDE_SCOPES, type PriceOverride } from '../../workers/core/pricing/price-override.ts'
import { entryFor, type PricebookEntry, pricebookAt } from '../../workers/core/pricing/tenant-pricebook.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'

const FACTS = {
  ...{ provider: 'openai', providerKey: 'pk', model: 'gpt-4o-mini' },
  requestType: 'chat_completion',
} as const
let made = 0

function override(over: Partial<PriceOverride> & { patch?: Record<string, number> } = {}): PriceOverride {
  const { patch = { input_cost_per_token: 1e-6 }, ...rest } = over
  return {
    ...{ id: `o${++made}`, version: 1, scopeKind: 'global', providerId: null, providerKeyId: null },
    ...{ matchType: 'exact', pattern: 'gpt-4o-mini', requestTypes: ['chat_completion'], sinceMs: 0 },
    rates: readPatch(patch),
    ...rest,
  }
}

const chosen = (...overrides: PriceOverride[]) => overrideFor(overrides, FACTS)

function model(over: Partial<PricedModel> = {}): PricedModel {
  return {
    ...{ provider: 'openai', model: 'gpt-4o-mini', pricedBy: 'openai', contextWindow: 1000, maxOutputTokens: 100 },
    ...{ acceptsMedia: true, unmetered: [] },
    prices: [
      { base: { input: 150, output: 600, cached_input: 75 }, tiers: [{ above: 200_000, rates: { input: 300 } }] },
    ],
    serviceTiers: { batch: [{ base: { input: 75, output: 300 }, tiers: [] }] },
    ...over,
  }
}

const AT = { provider: 'openai', model: 'gpt-4o-mini' }

describe('which override holds', () => {
  it('is the one of the narrowest scope, whatever was made first', ({ expect }) => {
    const ids = { providerId: 'openai', providerKeyId: 'pk' }
    const all = OVERRIDE_SCOPES.map(scopeKind => override({ scopeKind, ...ids, matchType: 'wildcard', pattern: '*' }))
    fc.assert(
      fc.property(fc.shuffledSubarray(all, { minLength: 1 }), some => {
        const first = all.find(one => some.includes(one))
        expect(overrideFor(some, FACTS)).toBe(first)
      }),
    )
  })

  it('is exact before wildcard, then the longer wildcard, then the older one', ({ expect }) => {
    const [any, short, long] = ['*', 'gpt-*', 'gpt-4o*'].map(pattern => override({ matchType: 'wildcard', pattern }))
    const [exact, twin] = [override(), override()]
    if (!any || !short || !long) throw new Error('three were made')
    expect(chosen(any, short, long)).toBe(long)
    expect(chosen(any, short, exact, long, twin)).toBe(exact)
    expect(chosen(twin, exact)).toBe(twin)
    // A narrower scope goes before a better match.
    const provider = override({ scopeKind: 'provider', providerId: 'openai', matchType: 'wildcard', pattern: '*' })
    expect(chosen(exact, provider)).toBe(provider)
  })

  it.for<[string, Partial<PriceOverride>]>([
    ['another model', { pattern: 'gpt-4o' }],
    ['the model in another case', { pattern: 'GPT-4o-mini' }],
    ['the model with its provider', { pattern: 'openai/gpt-4o-mini' }],
    ['another beginning', { matchType: 'wildcard', pattern: 'claude*' }],
    ['another type of request', { requestTypes: ['embedding', 'responses'] }],
    ['another provider', { scopeKind: 'provider', providerId: 'azure' }],
    ['another key', { scopeKind: 'provider_key', providerKeyId: 'other' }],
  ])('is none of %s', ([, over], { expect }) => {
    expect(chosen(override(over))).toBeUndefined()
  })
})

describe('the prices of an override', () => {
  const priced = (patch: Record<string, number>, over?: Partial<PricedModel>) =>
    overriddenModel(model(over), override({ patch }), AT)

  it('are what it names, and nothing else changes', ({ expect }) => {
    const before = structuredClone(model())
    const after = priced({ input_cost_per_token: 1e-9, output_cost_per_token_above_128k_tokens: 2e-9 })
    expect(after.prices).toEqual([
      {
        base: { input: 1000, output: 600, cached_input: 75 },
        tiers: [
          { above: 128_000, rates: { output: 2000 } },
          { above: 200_000, rates: { input: 300 } },
        ],
      },
    ])
    expect(after.serviceTiers).toEqual(before.serviceTiers)
    expect(after).toMatchObject({ override: expect.any(String), version: expect.stringContaining('+override:') })
  })

  it('can be zero, which is a price', ({ expect }) => {
    const free = priced({ input_cost_per_token: 0, output_cost_per_token: 0, cache_read_input_token_cost: 0 })
    const prices = priceAt(free, 0)
    expect(prices && costOf(prices, { ...NO_USAGE, inputTokens: 1000, outputTokens: 1000 })).toBe(0)
  })

  it('of a service tier are of that tier alone, also where the lists know none', ({ expect }) => {
    const after = priced({ input_cost_per_token_batches: 1e-9, output_cost_per_token_priority: 5e-9 })
    expect(after.prices).toEqual(model().prices)
    expect(after.serviceTiers.batch?.[0]?.base).toEqual({ input: 1000, output: 300 })
    expect(after.serviceTiers.priority?.[0]?.base).toEqual({ input: 150, output: 5000, cached_input: 75 })
  })

  it('hold at every date, and one price of pictures takes the place of those by size', ({ expect }) => {
    const dated = [
      { base: { images: 5 }, tiers: [], variants: { '1024x1024/hd': { images: 9 } } },
      { base: { images: 6 }, tiers: [], fromMs: 100 },
    ]
    const after = priced({ output_cost_per_image: 1e-9 }, { prices: dated })
    expect(after.prices).toEqual([
      { base: { images: 1000 }, tiers: [] },
      { base: { images: 1000 }, tiers: [], fromMs: 100 },
    ])
  })

  it('are all there is of a model that no list has', ({ expect }) => {
    const patch = { input_cost_per_token: 1e-9, output_cost_per_token: 2e-9 }
    const after = overriddenModel(undefined, override({ patch }), { provider: 'own', model: 'mine' })
    const prices = priceAt(after, 0)
    expect(after).toMatchObject({ provider: 'own', model: 'mine', pricedBy: 'override' })
    expect(prices && costOf(prices, { ...NO_USAGE, inputTokens: 3, outputTokens: 2 })).toBe(7)
  })
})

describe('a patch in dollars', () => {
  it('is read to the exact pico-dollar, or not at all', ({ expect }) => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e15 }), pico => {
        const usd = Number(usdFromPico(BigInt(pico)))
        expect(picoFromUsd(usd)).toBe(pico)
      }),
    )
    expect([1e-12, 1.5e-12, 1e-13, 0, 1e4, -1, Number.NaN].map(picoFromUsd)).toEqual([
      1,
      undefined,
      undefined,
      0,
      undefined,
      undefined,
      undefined,
    ])
  })

  it('is read as it was meant where a program has worked it out in doubles', ({ expect }) => {
    expect(5 * 1e-6).not.toBe(5e-6)
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e6 }), perMillion => {
        expect(picoFromUsd(perMillion * 1e-6)).toBe(perMillion * 1e6)
        expect(picoFromUsd((perMillion / 1000) * 1e-6)).toBe(perMillion * 1000)
        expect(picoFromUsd((perMillion * 0.001) / 1e6)).toBe(perMillion * 1000)
      }),
    )
  })

  it.for([
    'input_cost_per_pixel',
    'output_cost_per_image_high_quality',
    'input_cost_per_character_priority',
    'output_cost_per_image_above_200k_tokens',
    'cache_creation_input_audio_token_cost',
    'input_cost_per_tokn',
    '__proto__x',
    'constructor',
  ])('is refused by the name of a field that is the price of nothing: %s', (field, { expect }) => {
    expect(() => readPatch({ [field]: 1 })).toThrow(`Invalid patch: ${field}`)
  })

  it('takes the price of a second of sound before that of a second', ({ expect }) => {
    const patch = { input_cost_per_audio_per_second: 2e-9, input_cost_per_second: 1e-9 }
    expect(readPatch(patch).base).toEqual({ audio_seconds: 2000 })
  })
})

describe('a tenant’s pricebook', () => {
  it('is at each instant the version that began last, of those that began together the one made last', ({ expect }) => {
    const version = fc.record({ fromMs: fc.nat({ max: 5 }), entries: fc.constant<PricebookEntry[]>([]) })
    fc.assert(
      fc.property(fc.array(version, { maxLength: 6 }), fc.integer({ min: -1, max: 6 }), (made, atMs) => {
        const versions = made.map((one, n) => ({ ...one, number: n + 1 }))
        const begun = versions.filter(({ fromMs }) => fromMs <= atMs)
        const latest = Math.max(...begun.map(({ fromMs }) => fromMs))
        expect(pricebookAt(versions, atMs)).toBe(begun.findLast(({ fromMs }) => fromMs === latest))
      }),
    )
  })

  it('says what a model costs by its best entry alone: exact, then the longer wildcard, then of the provider', ({
    expect,
  }) => {
    const entry = (over: Partial<PricebookEntry>): PricebookEntry => ({
      ...{ provider: null, matchType: 'wildcard', pattern: 'gpt-*', requestTypes: null, rates: readPatch({}) },
      ...over,
    })
    const [any, long] = [entry({}), entry({ pattern: 'gpt-4o*' })]
    const [own, exact] = [entry({ provider: 'openai' }), entry({ matchType: 'exact', pattern: 'gpt-4o-mini' })]
    const chat = entry({ matchType: 'exact', pattern: 'gpt-4o-mini', requestTypes: ['embedding'] })
    expect(entryFor([any, own], FACTS)).toBe(own)
    expect(entryFor([own, any, long], FACTS)).toBe(long)
    expect(entryFor([chat, own, long, exact], FACTS)).toBe(exact)
    expect(entryFor([chat], FACTS)).toBeUndefined()
    expect(entryFor([own], { ...FACTS, provider: 'azure' })).toBeUndefined()
  })
})

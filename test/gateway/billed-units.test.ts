import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type BillableUsage, costOf } from '../../workers/core/pricing/index.ts'
import { DEFAULT_HANDLING, type KeySnapshot } from '../../workers/core/snapshot.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { toGatewayError } from '../../workers/errors/gateway-error.ts'
import type { FormatName } from '../../workers/formats/format-name.ts'
import type { Ask } from '../../workers/gateway/ask.ts'
import type { Call } from '../../workers/gateway/call.ts'
import { explainUsage, priceUsage } from '../../workers/gateway/price-usage.ts'
import { sizeHold } from '../../workers/gateway/size-hold.ts'
import { anthropicMessagesWire } from '../../workers/gateway/wires/anthropic-messages.ts'
import { geminiWire } from '../../workers/gateway/wires/gemini.ts'
import { openaiChatWire } from '../../workers/gateway/wires/openai-chat.ts'
import { openaiResponsesWire } from '../../workers/gateway/wires/openai-responses.ts'
import type { Wire } from '../../workers/gateway/wires/wire.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { firstRoute } from '../support/routes-of.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const secrets = {
  OPENAI_API_KEY: 'x',
  ANTHROPIC_API_KEY: 'x',
  GEMINI_API_KEY: 'x',
  GROQ_API_KEY: 'x',
  XAI_API_KEY: 'x',
}
const providers = configuredProviders({ mock: true, secrets }, () => Promise.reject(new Error('no network')))
const grants = [...providers.keys()].map(provider => ({
  provider,
  weight: null,
  allowedModels: ['*'],
  blacklistedModels: [],
}))
const snapshot: KeySnapshot = {
  ...{ version: 1, tenantId: 't', keyId: 'k', name: 'k', keyHash: 'h', isActive: true, isDeleted: false },
  ...{ expiresMs: null, teamId: null, customerId: null, providers: grants, limits: [] },
}
const call: Call = { id: 'c', requestId: 'r', startMs: NOW, request: new Request('https://weir.test/') }

function read(wire: Wire, body: Record<string, unknown>, model?: string): Ask {
  const bytes = JSON.stringify(body).length
  return wire.read({ raw: body, bytes, path: model === undefined ? {} : { model } })
}

function planned(ask: Ask) {
  const { format, model: requested, serviceTier, units } = ask
  const route = firstRoute({ requested, format, snapshot, providers, nowMs: NOW, serviceTier, units })
  const hold = sizeHold(ask, route, { handling: DEFAULT_HANDLING })
  return { ask, route, hold, call }
}

/** The code, field and words of what a function throws. */
function refusalOf(work: () => unknown) {
  try {
    work()
  } catch (thrown) {
    const { code, extras, detail } = toGatewayError(thrown)
    return { code, param: extras.param, detail }
  }
  return undefined
}

function usageOf(part: Partial<BillableUsage>): BillableUsage {
  return { ...NO_USAGE, ...part }
}

const chat = (over: object) => ({ model: 'openai/gpt-4o', messages: [{ role: 'user', content: 'hi' }], ...over })
const messages = (over: object) => ({
  ...{ model: 'anthropic/claude-sonnet-4-5', max_tokens: 100, messages: [{ role: 'user', content: 'hi' }] },
  ...over,
})
const response = (over: object) => ({ model: 'openai/gpt-5', input: 'hi', max_output_tokens: 100, ...over })
const generate = (over: object) => ({ contents: [{ parts: [{ text: 'hi' }] }], ...over })

describe('a service tier', () => {
  it('is held at what it costs, and passes where that is known', ({ expect }) => {
    const need = (service_tier?: string) => {
      const raw = chat({ service_tier, max_tokens: 100 })
      return planned(openaiChatWire.read({ raw, bytes: 100, path: {} })).hold.need.nano_usd
    }
    expect(need('default')).toBe(need())
    expect(need('priority') / need()).toBeCloseTo(1.7, 3)
    expect(need('auto')).toBe(need('priority'))
  })

  it('is refused by name where nobody has told its price, on every wire', ({ expect }) => {
    const asks = [
      read(openaiChatWire, chat({ service_tier: 'flex' })),
      read(openaiChatWire, chat({ model: 'groq/llama-3.1-8b-instant', service_tier: 'performance' })),
      read(openaiResponsesWire, response({ model: 'openai/gpt-5-nano', service_tier: 'priority' })),
      read(geminiWire, generate({ serviceTier: 'priority' }), 'google/gemini-2.5-flash'),
      read(geminiWire, generate({ service_tier: 'SERVICE_TIER_PRIORITY' }), 'google/gemini-2.5-flash'),
    ]
    for (const ask of asks) {
      expect(refusalOf(() => planned(ask))).toMatchObject({ code: 'price_unknown', param: 'service_tier' })
    }
  })

  it('is charged as it was served: cheaper than asked for, or dearer, and as asked for where nobody says', ({
    expect,
  }) => {
    const usage = usageOf({ inputTokens: 1000, outputTokens: 100 })
    const asked = (service_tier: string) => planned(read(openaiChatWire, chat({ service_tier })))
    const cost = (service_tier: string, serviceTier?: string) =>
      priceUsage(asked(service_tier), serviceTier === undefined ? usage : { ...usage, serviceTier })
    expect(cost('priority')).toBe(5_950_000)
    expect(cost('priority', 'priority')).toBe(5_950_000)
    expect(cost('priority', 'default')).toBe(3_500_000)
    expect(cost('default', 'priority')).toBe(5_950_000)
    expect(cost('default', 'auto')).toBe(3_500_000)
    expect(cost('default', 'no-such-tier')).toBe(3_500_000)
  })

  it('is named in the explanation, whose prices are those of the charge', ({ expect }) => {
    const usage = usageOf({ inputTokens: 1000, outputTokens: 100, serviceTier: 'priority' })
    expect(explainUsage(planned(read(openaiChatWire, chat({}))), usage)).toEqual({
      tier: 'priority',
      above: null,
      source: 'pricebook',
      lines: [
        ['input', 1000, 4_250_000],
        ['output', 100, 17_000_000],
      ],
    })
  })
})

describe('tools that the provider runs', () => {
  const search = { type: 'web_search_20250305', name: 'web_search' }
  const fetch = { type: 'web_fetch_20250910', name: 'web_fetch' }

  it('are refused where nothing says how often they may be used, by the field to set', ({ expect }) => {
    const unbounded = { code: 'price_unknown', param: 'max_uses' }
    for (const tool of [search, fetch]) {
      const refused = refusalOf(() => read(anthropicMessagesWire, messages({ tools: [tool] })))
      expect(refused).toMatchObject(unbounded)
      expect(refused?.detail).toContain('max_uses')
    }
    for (const type of ['web_search', 'file_search', 'mcp']) {
      const refused = refusalOf(() => read(openaiResponsesWire, response({ tools: [{ type }] })))
      expect(refused).toMatchObject({ code: 'price_unknown', param: 'max_tool_calls' })
    }
    const gemini = read.bind(undefined, geminiWire, generate({ tools: [{ googleSearch: {} }] }))
    expect(refusalOf(() => gemini('google/gemini-3-flash-preview'))).toMatchObject({ code: 'price_unknown' })
  })

  it('are refused where they are billed by what nothing tells', ({ expect }) => {
    const refused = [
      () => read(anthropicMessagesWire, messages({ tools: [{ type: 'code_execution_20250825' }] })),
      () => read(openaiResponsesWire, response({ tools: [{ type: 'code_interpreter' }], max_tool_calls: 1 })),
      () => read(openaiResponsesWire, response({ tools: [{ type: 'web_search_preview' }], max_tool_calls: 1 })),
      () => read(geminiWire, generate({ tools: [{ googleMaps: {} }] }), 'google/gemini-2.5-flash'),
      () => read(openaiChatWire, chat({ web_search_options: {} })),
      () => read(openaiChatWire, chat({ model: 'xai/grok-4', search_parameters: { mode: 'on' } })),
    ]
    for (const work of refused) expect(refusalOf(work)?.code).toBe('price_unknown')
  })

  it('are refused with a model whose searches have no price', ({ expect }) => {
    const body = response({ model: 'mock/echo', tools: [{ type: 'web_search' }], max_tool_calls: 1 })
    expect(refusalOf(() => planned(read(openaiResponsesWire, body)))).toMatchObject({
      code: 'price_unknown',
      param: 'tools',
    })
  })

  it('do not make a caller’s own tools dearer', ({ expect }) => {
    const own = { tools: [{ type: 'function', function: { name: 'f' } }] }
    expect(read(openaiChatWire, chat(own)).units).toBeUndefined()
    expect(read(anthropicMessagesWire, messages({ tools: [{ name: 'f', input_schema: {} }] })).rounds).toBeUndefined()
    expect(read(openaiResponsesWire, response({ tools: [{ type: 'function', name: 'f' }] })).rounds).toBeUndefined()
  })

  const usesArb = fc.integer({ min: 1, max: 20 })
  const askArb: fc.Arbitrary<Ask> = fc.oneof(
    usesArb.map(max_uses => read(anthropicMessagesWire, messages({ tools: [{ ...search, max_uses }, { name: 'f' }] }))),
    usesArb.map(max_uses =>
      read(
        anthropicMessagesWire,
        messages({
          tools: [
            { ...search, max_uses },
            { ...fetch, max_uses: 2 },
          ],
        }),
      ),
    ),
    usesArb.map(max_tool_calls =>
      read(openaiResponsesWire, response({ tools: [{ type: 'web_search' }, { type: 'file_search' }], max_tool_calls })),
    ),
    fc.constant(read(geminiWire, generate({ tools: [{ googleSearch: {} }] }), 'google/gemini-2.5-flash')),
    fc.constant(read(openaiChatWire, chat({ model: 'openai/gpt-4o-search-preview', web_search_options: {} }))),
  )

  it('are held at all that they can come to: the searches, and reading everything again after each', ({ expect }) => {
    fc.assert(
      fc.property(askArb, fc.integer({ min: 0, max: 100 }), (ask, share) => {
        const { hold, route } = planned(ask)
        const part = (most: number) => Math.floor((most * share) / 100)
        const units = Object.fromEntries(Object.entries(ask.units ?? {}).map(([unit, most]) => [unit, part(most)]))
        const window = route.priced.contextWindow ?? 0
        const inputTokens = part(window * (1 + (ask.rounds ?? 0)))
        const usage = usageOf({ inputTokens, outputTokens: part(hold.bound.outputTokens), units })
        expect(costOf(route.prices, usage)).toBeLessThanOrEqual(hold.need.nano_usd)
        expect(hold.bound.inputTokens).toBeGreaterThanOrEqual(inputTokens)
      }),
    )
  })

  it('are held one for one: each further search raises the hold by its price and one more reading', ({ expect }) => {
    const hold = (max_uses: number) => {
      return planned(read(anthropicMessagesWire, messages({ tools: [{ ...search, max_uses }] }))).hold
    }
    const more = hold(3).bound.inputTokens - hold(2).bound.inputTokens
    expect(more).toBe(planned(read(anthropicMessagesWire, messages({}))).route.priced.contextWindow)
    expect(hold(3).need.nano_usd - hold(2).need.nano_usd).toBeGreaterThan(10_000_000)
  })
})

describe('a model that is sold by another measure than tokens', () => {
  it.for([
    ['openai-chat', openaiChatWire, chat({ model: 'openai/tts-1' })],
    ['openai-chat', openaiChatWire, chat({ model: 'openai/whisper-1' })],
    ['openai-responses', openaiResponsesWire, response({ model: 'openai/dall-e-3' })],
  ] as [FormatName, Wire, Record<string, unknown>][])(
    'is refused on a wire of words: %s',
    ([, wire, body], { expect }) => {
      expect(refusalOf(() => planned(read(wire, body)))).toMatchObject({ code: 'price_unknown', param: 'model' })
    },
  )
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { ChatRequest } from '../../workers/contracts/chat-request.ts'
import { readDeclaredPrices } from '../../workers/contracts/declared-prices.ts'
import { readBody } from '../../workers/contracts/read-body.ts'
import { ceilingOf, costOf, findModel, priceAt } from '../../workers/core/pricing/index.ts'
import type { Standing } from '../../workers/core/quota/admit.ts'
import type { Limit, OnExceed } from '../../workers/core/quota/limit.ts'
import { DEFAULT_HANDLING, type KeySnapshot, type ProviderGrant } from '../../workers/core/snapshot.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import type { ErrorCode } from '../../workers/errors/catalogue.ts'
import { GatewayError, toGatewayError } from '../../workers/errors/gateway-error.ts'
import { renderOpenAI } from '../../workers/errors/render.ts'
import { attribute, requestIdOf } from '../../workers/gateway/attribute.ts'
import { assertUsable, authenticate, presentedText } from '../../workers/gateway/authenticate.ts'
import { keptReference } from '../../workers/gateway/kept-reference.ts'
import { adjust, type Refused, UNADJUSTED } from '../../workers/gateway/on-exceed.ts'
import { parseBody, readFields } from '../../workers/gateway/parse-body.ts'
import type { GatewayPorts } from '../../workers/gateway/ports.ts'
import { refusal } from '../../workers/gateway/refusal.ts'
import type { Route } from '../../workers/gateway/routing/route-to.ts'
import { sizeHold } from '../../workers/gateway/size-hold.ts'
import { openaiChatWire } from '../../workers/gateway/wires/openai-chat.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { firstRoute } from '../support/routes-of.ts'

const NOW = Date.UTC(2026, 10, 21, 12)
const STRICT = { handling: DEFAULT_HANDLING }
const settings = { mock: true, secrets: { OPENAI_API_KEY: 'sk-x' } }
const providers = configuredProviders(settings, () => Promise.reject(new Error('no network')))

const grant = (provider: string, over: Partial<ProviderGrant> = {}): ProviderGrant => {
  return { provider, weight: null, allowedModels: ['*'], blacklistedModels: [], ...over }
}

function snapshotOf(grants: ProviderGrant[], over: Partial<KeySnapshot> = {}): KeySnapshot {
  const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: null }
  return {
    version: 1,
    tenantId: 't',
    keyId: 'k',
    name: 'k',
    keyHash: 'h',
    ...status,
    providers: grants,
    limits: [],
    ...over,
  }
}

function route(requested: string, grants: ProviderGrant[]): Route {
  return firstRoute({ requested, snapshot: snapshotOf(grants), providers, nowMs: NOW })
}

/** The code of what a function throws. */
function codeOf(work: () => unknown): ErrorCode | undefined {
  try {
    work()
    return undefined
  } catch (thrown) {
    return toGatewayError(thrown).code
  }
}

const chat = (over: Record<string, unknown> = {}) =>
  JSON.stringify({ model: 'mock/echo', messages: [{ role: 'user', content: 'hi' }], ...over })
const parse = (text: string) => {
  const bytes = new TextEncoder().encode(text).length
  return openaiChatWire.read({ raw: parseBody(text), bytes, path: {} })
}

describe('the route of a model name', () => {
  it('is its provider by prefix, or the one provider that has a bare name', ({ expect }) => {
    const both = [grant('mock'), grant('openai')]
    expect(route('openai/gpt-4o-mini', both)).toMatchObject({ model: 'gpt-4o-mini', provider: { name: 'openai' } })
    expect(route('OpenAI/gpt-4o-mini', both).provider.name).toBe('openai')
    expect(route('gpt-4o-mini', both).provider.name).toBe('openai')
    expect(route('echo', both).provider.name).toBe('mock')
  })

  it('is denied by default: no grant, an empty list and a blacklist all refuse', ({ expect }) => {
    expect(codeOf(() => route('openai/gpt-4o-mini', []))).toBe('provider_blocked')
    expect(codeOf(() => route('gpt-4o-mini', [grant('mock')]))).toBe('provider_blocked')
    expect(codeOf(() => route('openai/gpt-4o-mini', [grant('openai', { allowedModels: [] })]))).toBe('model_blocked')
    expect(codeOf(() => route('openai/gpt-4o-mini', [grant('openai', { allowedModels: ['gpt-4o'] })]))).toBe(
      'model_blocked',
    )
    expect(codeOf(() => route('openai/gpt-4o-mini', [grant('openai', { blacklistedModels: ['GPT-4o-Mini'] })]))).toBe(
      'model_blocked',
    )
    expect(route('openai/gpt-4o-mini', [grant('openai', { allowedModels: ['GPT-4O-MINI'] })]).model).toBe('gpt-4o-mini')
  })

  it('is refused where nobody has the model, and where its price is not known or not whole', ({ expect }) => {
    const both = [grant('mock'), grant('openai')]
    for (const name of ['nope', 'mock/nope', 'openai/no-such-model', '/', 'openai/', 'x/y/z', '__proto__']) {
      expect([name, codeOf(() => route(name, both))]).toEqual([name, 'model_not_found'])
    }
    expect(codeOf(() => route('openai/whisper-1', both))).toBe('price_unknown')
    expect(codeOf(() => route('openai/tts-1', both))).toBe('price_unknown')
  })

  it('of a server of its own is priced as declared, and refused where nothing is', ({ expect }) => {
    const secrets = { OLLAMA_BASE_URL: 'http://127.0.0.1:1/v1' }
    const declared = readDeclaredPrices('{"ollama":{"llama3":{"free":true}}}', [])
    const own = configuredProviders({ mock: true, secrets, declared }, () => Promise.reject(new Error('no network')))
    const routed = (requested: string) => {
      const snapshot = snapshotOf([grant('mock'), grant('ollama')])
      return firstRoute({ requested, snapshot, providers: own, nowMs: NOW })
    }
    expect(routed('ollama/Llama3').priced).toMatchObject({ model: 'llama3', pricedBy: 'declared' })
    expect(routed('llama3').provider.name).toBe('ollama')
    expect(codeOf(() => routed('ollama/other'))).toBe('price_unknown')
    expect(codeOf(() => routed('other'))).toBe('model_not_found')
  })
})

describe('what a request names that a vendor keeps', () => {
  it.for([
    [{ previous_response_id: 'resp_1' }, 'previous_response_id'],
    [{ previous_response_id: null }, undefined],
    [{ conversation: { id: 'conv_1' } }, 'conversation'],
    [{ input: [{ type: 'item_reference', id: 'msg_1' }] }, 'item_reference'],
    [{ input: [{ role: 'user', content: [{ type: 'input_file', file_id: 'file-1' }] }] }, 'file_id'],
    [{ tools: [{ type: 'file_search', vector_store_ids: ['vs_1'] }] }, 'vector_store_ids'],
    [{ messages: [{ content: [{ type: 'document', source: { type: 'file', file_id: 'file_1' } }] }] }, 'file_id'],
    [{ container: 'container_1' }, 'container'],
    [{ cachedContent: 'cachedContents/1' }, 'cachedContent'],
    [{ contents: [{ parts: [{ fileData: { fileUri: 'files/1' } }] }] }, 'fileUri'],
    [{ contents: [{ parts: [{ fileData: { fileUri: 'https://youtu.be/1' } }] }] }, undefined],
    [{ tools: [{ function: { parameters: { properties: { file_id: { type: 'string' } } } } }] }, undefined],
    [{ messages: [{ content: [{ type: 'tool_use', input: { file_id: 'mine' } }] }] }, undefined],
    [{ messages: [{ content: '"file_id": "file-1"' }] }, undefined],
  ] as const)('is found where its wire has it, and nowhere else: %j', ([raw, name], { expect }) => {
    expect(keptReference(raw)).toBe(name)
  })

  it('is refused in an account that tenants share, and passes to one of their own', ({ expect }) => {
    const asked = {
      requested: 'openai/gpt-4o-mini',
      snapshot: snapshotOf([grant('openai')]),
      nowMs: NOW,
      reference: 'file_id',
    }
    expect(codeOf(() => firstRoute({ ...asked, providers }))).toBe('reference_refused')
    const shared = providers.get('openai')
    const [key] = shared?.keys ?? []
    if (!shared || !key) throw new Error('openai is not configured')
    const own = new Map([['openai', { ...shared, keys: [{ ...key, id: crypto.randomUUID() }] }]])
    expect(firstRoute({ ...asked, providers: own }).provider.name).toBe('openai')
  })
})

describe('the hold of a request', () => {
  const models = ['mock/echo', 'mock/tiered', 'mock/reasoning', 'mock/free', 'openai/gpt-4o-mini', 'openai/gpt-5']
  const request = fc.record({
    model: fc.constantFrom(...models),
    content: fc.string({ unit: 'binary', maxLength: 400 }),
    max_tokens: fc.option(fc.integer({ min: 1, max: 300_000 }), { nil: undefined }),
    n: fc.option(fc.integer({ min: 1, max: 4 }), { nil: undefined }),
  })

  it('is never below what any usage within its bounds costs', ({ expect }) => {
    fc.assert(
      fc.property(request, fc.nat(100), fc.nat(100), ({ model, content, max_tokens, n }, inShare, outShare) => {
        const parsed = parse(JSON.stringify({ model, messages: [{ role: 'user', content }], max_tokens, n }))
        const chosen = route(model, [grant('mock'), grant('openai')])
        const { need, bound } = sizeHold(parsed, chosen, STRICT)
        const inputTokens = Math.floor((bound.inputTokens * inShare) / 100)
        const outputTokens = Math.floor((bound.outputTokens * outShare) / 100)
        const usage = { ...NO_USAGE, inputTokens, outputTokens, reasoningTokens: outputTokens }
        expect(costOf(chosen.prices, usage)).toBeLessThanOrEqual(need.nano_usd)
      }),
    )
  })

  const held = (over: Record<string, unknown>, model = 'mock/echo') =>
    sizeHold(parse(chat({ model, ...over })), route(model, [grant('mock'), grant('openai')]), STRICT)

  it('counts a token for every byte sent and the output cap for every choice', ({ expect }) => {
    const bytes = new TextEncoder().encode(chat({ model: 'mock/echo', max_tokens: 10, n: 3 })).length
    expect(held({ max_tokens: 10, n: 3 }).bound).toEqual({ inputTokens: bytes, outputTokens: 30 })
  })

  it('sends the cap it was sized by, and never one above what the model can do', ({ expect }) => {
    expect(held({}).maxOutputTokens).toBe(4096)
    expect(held({ max_tokens: 7 }).maxOutputTokens).toBe(7)
    expect(held({ max_completion_tokens: 5, max_tokens: 7 }).maxOutputTokens).toBe(5)
    expect(held({ max_tokens: 1_000_000 }).maxOutputTokens).toBe(4096)
  })

  it('counts media as the whole context window', ({ expect }) => {
    const part = { type: 'image_url', image_url: { url: 'https://example.com/a.png' } }
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'what is this' }, part] }]
    expect(held({ messages }).bound.inputTokens).toBe(findModel('mock', 'echo')?.contextWindow)
  })

  it('counts a predicted output once more, for tokens that are billed though they are rejected', ({ expect }) => {
    const plain = held({ max_tokens: 10 }).bound.outputTokens
    expect(
      held({ max_tokens: 10, prediction: { type: 'content', content: 'x'.repeat(50) } }).bound.outputTokens,
    ).toBeGreaterThan(plain + 50)
  })

  it('is an estimate where the key says so, leaves the cap to the caller, and never passes the ceiling', ({
    expect,
  }) => {
    const expected = (over: Record<string, unknown>, expectedOutputTokens: number | null) => {
      const handling = { ...DEFAULT_HANDLING, admission: 'expected' as const, expectedOutputTokens }
      return sizeHold(parse(chat(over)), route('mock/echo', [grant('mock')]), { handling })
    }
    const bytes = new TextEncoder().encode(chat({})).length
    const { bound, ceiling, maxOutputTokens } = expected({}, 100)
    expect(bound).toEqual({ inputTokens: Math.ceil(bytes / 3), outputTokens: 100 })
    expect(ceiling).toEqual(held({}).bound)
    expect(maxOutputTokens).toBeUndefined()
    expect(expected({ max_tokens: 7, n: 2 }, 100).bound.outputTokens).toBe(14)
    expect(expected({}, null).bound.outputTokens).toBe(512)
  })

  it('is nothing for a model that is free', ({ expect }) => {
    expect(held({}, 'mock/free').need.nano_usd).toBe(0)
    const free = findModel('mock', 'free')
    const prices = free && priceAt(free, NOW)
    expect(prices && ceilingOf(prices, { inputTokens: 1e6, outputTokens: 1e6 })).toBe(0)
  })
})

describe('a request that a limit refused', () => {
  const limitOf = (onExceed: OnExceed): Limit => {
    const window = { duration: '1d', isAligned: true, anchorMs: 0 }
    return { id: 'l', scope: 'virtual_key:k', unit: 'nano_usd', max: 1e9, window, onExceed }
  }

  function refusedWith(onExceed: OnExceed, remaining: number, over: Partial<Refused> = {}): Refused {
    const snapshot = snapshotOf([grant('mock')], { limits: [limitOf(onExceed)] })
    const ask = over.ask ?? parse(chat({ max_tokens: 1000 }))
    const chosen = over.route ?? route('mock/echo', [grant('mock')])
    const hold = over.hold ?? sizeHold(ask, chosen, STRICT)
    const standing: Standing = {
      ...{ limitId: 'l', scope: 'virtual_key:k', unit: 'nano_usd', max: 1e9, duration: '1d', settled: 0, held: 0 },
      ...{ remaining, startsAtMs: 0, resetsAtMs: 1, isLeased: false },
    }
    const answer = { kind: 'refused' as const, standing, needed: hold.need.nano_usd }
    return { ask, snapshot, route: chosen, hold, adjustment: UNADJUSTED, answer, ...over }
  }

  const needAt = (cap: number) => {
    const rule = { ...STRICT, maxOutputTokens: cap }
    return sizeHold(parse(chat({ max_tokens: 1000 })), route('mock/echo', [grant('mock')]), rule).need.nano_usd
  }

  it('is clamped to the largest output that fits what is left, and to nothing below the floor', ({ expect }) => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1200 }), fc.integer({ min: 1, max: 400 }), (fitting, floor) => {
        const remaining = needAt(fitting)
        const adjusted = adjust(refusedWith({ kind: 'clamp', minOutputTokens: floor }, remaining))
        if (fitting < floor || floor >= 1000) {
          expect(adjusted).toBeUndefined()
          return
        }
        const cap = adjusted?.maxOutputTokens ?? 0
        expect(needAt(cap)).toBeLessThanOrEqual(remaining)
        if (cap < 999) expect(needAt(cap + 1)).toBeGreaterThan(remaining)
        expect(cap).toBeGreaterThanOrEqual(floor)
      }),
    )
  })

  it('is asked with the least that may be sent after a few clamps, so that the last refusal is exact', ({ expect }) => {
    const clamps = { ...UNADJUSTED, clamps: 3, maxOutputTokens: 500 }
    const on = refusedWith({ kind: 'clamp', minOutputTokens: 8 }, needAt(400), { adjustment: clamps })
    expect(adjust(on)?.maxOutputTokens).toBe(8)
  })

  it('goes to the model that the limit names, and never round in a circle', ({ expect }) => {
    const down = refusedWith({ kind: 'downgrade', model: 'mock/free' }, 0)
    const once = adjust(down)
    expect(once).toMatchObject({ model: 'mock/free', downgradedFrom: ['mock/echo'] })
    expect(adjust({ ...down, adjustment: once ?? UNADJUSTED })).toBeUndefined()
  })

  it('is refused where the limit says nothing else', ({ expect }) => {
    expect(adjust(refusedWith({ kind: 'refuse' }, 1e6))).toBeUndefined()
    expect(adjust(refusedWith({ kind: 'warn' }, 1e6))).toBeUndefined()
  })
})

describe('a bad request', () => {
  it('is refused by the name of what is wrong with it', ({ expect }) => {
    const cases: [string, ErrorCode, string | undefined][] = [
      ['{', 'json_malformed', undefined],
      ['[]', 'request_invalid', undefined],
      ['null', 'request_invalid', undefined],
      [chat({ model: undefined }), 'request_invalid', 'model'],
      [chat({ model: 7 }), 'request_invalid', 'model'],
      [chat({ messages: [] }), 'request_invalid', 'messages'],
      [chat({ messages: 'hi' }), 'request_invalid', 'messages'],
      [chat({ messages: [7] }), 'request_invalid', 'messages.0'],
      [
        chat({ messages: Array.from({ length: 10_000 }, () => ({ role: 'user', content: 'x' })) }),
        'request_invalid',
        'messages',
      ],
      [chat({ max_tokens: 1e308 }), 'request_invalid', 'max_tokens'],
      [chat({ max_tokens: -1 }), 'request_invalid', 'max_tokens'],
      [chat({ max_tokens: 0.5 }), 'request_invalid', 'max_tokens'],
      [chat({ max_completion_tokens: '5' }), 'request_invalid', 'max_completion_tokens'],
      [
        '{"model":"mock/echo","messages":[{"role":"user"}],"max_tokens":99999999999999999999}',
        'request_invalid',
        'max_tokens',
      ],
      [chat({ n: 0 }), 'request_invalid', 'n'],
      [chat({ n: 1000 }), 'request_invalid', 'n'],
      [chat({ stream: 'yes' }), 'request_invalid', 'stream'],
      [chat({ web_search_options: {} }), 'price_unknown', 'web_search_options'],
      [chat({ service_tier: 7 }), 'request_invalid', 'service_tier'],
      [chat({ search_parameters: {} }), 'price_unknown', 'search_parameters'],
      [chat({ tools: [{ type: 'browser_search' }] }), 'price_unknown', 'tools'],
    ]
    for (const [text, code, param] of cases) {
      const thrown = (() => {
        try {
          return parse(text)
        } catch (error) {
          return error
        }
      })()
      expect(thrown).toBeInstanceOf(GatewayError)
      if (thrown instanceof GatewayError)
        expect([text.slice(0, 60), thrown.code, thrown.extras.param || undefined]).toEqual([
          text.slice(0, 60),
          code,
          param,
        ])
    }
  })

  it('may write its whole numbers as JSON allows', ({ expect }) => {
    const text = '{"model":"mock/echo","messages":[{"role":"user"}],"max_tokens":1e3,"n":2.0}'
    expect(readFields(ChatRequest, parse(text).raw)).toMatchObject({ max_tokens: 1000, n: 2 })
  })

  it('keeps fields we do not govern, whatever they are', ({ expect }) => {
    const text = chat({ seed: 7, new_field: { deep: [1, null] }, metadata: { a: 'b' } })
    expect(JSON.parse(JSON.stringify(parse(text).raw))).toEqual(JSON.parse(text))
  })

  it('is read no further than the limit, with or without a length', async ({ expect }) => {
    const post = (body: BodyInit) => new Request('http://w/', { method: 'POST', body })
    await expect(readBody(post('x'.repeat(11)), 10)).rejects.toMatchObject({ code: 'body_too_large' })
    const endless = new ReadableStream({ pull: controller => controller.enqueue(new Uint8Array(1000)) })
    await expect(readBody(post(endless), 10_000)).rejects.toMatchObject({ code: 'body_too_large' })
    await expect(readBody(post(new Uint8Array([0x7b, 0xff, 0xfe])), 10)).rejects.toMatchObject({
      code: 'body_not_utf8',
    })
    expect(await readBody(post('{"ü":1}'), 10)).toEqual({ text: '{"ü":1}', bytes: 8 })
  })
})

describe('the caller', () => {
  it('may present a key in any of the headers that clients use', ({ expect }) => {
    const headers: [string, string][] = [
      ['authorization', 'Bearer K'],
      ['authorization', 'bearer  K'],
      ['x-api-key', 'K'],
      ['x-goog-api-key', 'K'],
      ['api-key', 'K'],
      ['x-bf-vk', 'K'],
    ]
    for (const [name, value] of headers) expect(presentedText(new Headers({ [name]: value }))).toBe('K')
    expect(presentedText(new Headers({ 'x-bf-vk': 'A', authorization: 'Bearer B' }))).toBe('A')
  })

  it('is refused with a forged key before any object is asked', ({ expect }) => {
    const meter = () => {
      throw new Error('an object was asked')
    }
    const ports = { readKey: () => undefined, meter } as unknown as GatewayPorts
    expect(codeOf(() => authenticate(new Headers({ authorization: 'Bearer sk-bf-forged' }), ports))).toBe('key_invalid')
    expect(codeOf(() => authenticate(new Headers(), ports))).toBe('key_missing')
  })

  it('is refused by a key that is unknown, deleted, rotated, inactive or expired', ({ expect }) => {
    const key = { ref: { tenantId: 't', id: 'k', jurisdiction: 'none' as const }, hash: 'h' }
    const use = (snapshot: KeySnapshot | null) => codeOf(() => assertUsable(snapshot, key, NOW))
    expect(use(null)).toBe('key_invalid')
    expect(use(snapshotOf([], { isDeleted: true }))).toBe('key_invalid')
    expect(use(snapshotOf([], { keyHash: 'other' }))).toBe('key_invalid')
    expect(use(snapshotOf([], { isActive: false, expiresMs: NOW - 1 }))).toBe('key_blocked')
    expect(use(snapshotOf([], { expiresMs: NOW }))).toBe('key_blocked')
    expect(use(snapshotOf([], { expiresMs: NOW + 1 }))).toBeUndefined()
  })

  it('says whom a request is for, in headers that are checked', ({ expect }) => {
    const headers = new Headers({ 'x-feature': 'search', 'x-user-id': 'u1', 'x-weir-tags': '{"env":"prod","n":3}' })
    expect(attribute(headers)).toMatchObject({
      feature: 'search',
      user_id: 'u1',
      team: null,
      tags: { env: 'prod', n: '3' },
    })
    for (const tags of ['x', '[]', '"a"', '{"a":{}}', `{"a":"${'x'.repeat(300)}"}`]) {
      expect(codeOf(() => attribute(new Headers({ 'x-weir-tags': tags })))).toBe('header_invalid')
    }
    expect(codeOf(() => attribute(new Headers({ 'x-team': 'x'.repeat(300) })))).toBe('header_invalid')
  })

  it('gets its request id back where it is printable, and ours where it is not', ({ expect }) => {
    expect(requestIdOf(new Headers({ 'x-request-id': 'abc-1' }), 'ours')).toBe('abc-1')
    expect(requestIdOf(new Headers({ 'x-request-id': 'x'.repeat(201) }), 'ours')).toBe('ours')
    expect(requestIdOf(new Headers(), 'ours')).toBe('ours')
  })
})

describe('a refusal', () => {
  const standing = {
    ...{
      limitId: 'b',
      scope: 'virtual_key:k',
      unit: 'nano_usd' as const,
      max: 1e9,
      duration: '1d',
      settled: 4e8,
      held: 5e8,
    },
    ...{ isLeased: false, remaining: 1e8, startsAtMs: NOW - 1, resetsAtMs: NOW + 3_600_000 },
  }

  it('names the level, the limit, what was spent and held, what was needed and when it resets', async ({ expect }) => {
    const answer = renderOpenAI(refusal(standing, 2e8, { nowMs: NOW }), 'r1')
    expect([answer.status, answer.headers.get('retry-after'), answer.headers.get('x-should-retry')]).toEqual([
      429,
      '3600',
      'false',
    ])
    const body = await answer.json<{ error: { message: string; type: string }; type: string }>()
    expect(body).toMatchObject({
      type: 'budget_exceeded',
      status_code: 429,
      is_bifrost_error: false,
      error: { type: 'budget_exceeded' },
    })
    for (const part of [
      'virtual_key:k',
      '$1 per 1d',
      '$0.4 spent',
      '$0.5 held',
      '$0.1 left',
      '$0.2',
      '2026-11-21T13:00:00.000Z',
    ]) {
      expect(body.error.message).toContain(part)
    }
  })

  it('is worth retrying where a rate limit resets soon and the request can ever fit', ({ expect }) => {
    const soon = { ...standing, unit: 'requests' as const, max: 5, resetsAtMs: NOW + 5000 }
    expect(refusal(soon, 1, { nowMs: NOW }).canRetry).toBe(true)
    expect(refusal(soon, 6, { nowMs: NOW }).canRetry).toBe(false)
    expect(refusal({ ...soon, resetsAtMs: NOW + 120_000 }, 1, { nowMs: NOW }).canRetry).toBe(false)
  })
})

describe('an unknown failure', () => {
  it('says nothing of itself to the caller', async ({ expect }) => {
    const answer = renderOpenAI(toGatewayError(new Error('SELECT secret FROM d1')), 'r1')
    expect(answer.status).toBe(500)
    expect(await answer.text()).not.toContain('SELECT')
  })
})

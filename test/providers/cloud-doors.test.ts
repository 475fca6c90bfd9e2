import fc from 'fast-check'
import { exportPKCS8, generateKeyPair, jwtVerify } from 'jose'
import { describe, it, vi } from 'vitest'
import { costOf, priceAt } from '../../workers/core/pricing/index.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import type { FormatName } from '../../workers/formats/format-name.ts'
import { azureDoor } from '../../workers/providers/http/doors/azure.ts'
import { type AccessToken, TokenCache } from '../../workers/providers/http/doors/token-cache.ts'
import { vertexDoor } from '../../workers/providers/http/doors/vertex.ts'
import { type Fetch, httpProvider, ownKey } from '../../workers/providers/http/http-provider.ts'
import type { AccessSettings, Provider, ProviderRequest } from '../../workers/providers/port.ts'
import { pricedModelAt, pricedModelsAt } from '../../workers/providers/priced-models.ts'
import { configuredProviders } from '../../workers/providers/registry.ts'
import { VENDORS } from '../../workers/providers/vendors.ts'
import { chatOf } from '../support/chat-of.ts'

const NOW = Date.UTC(2026, 10, 25, 12)

type Sent = { url: string; headers: Record<string, string>; body: string }

/** A `fetch` that answers by its number, and keeps what it was asked. */
function recorder(answer: (count: number, url: string) => Response = () => Response.json({})) {
  const sent: Sent[] = []
  const fetch: Fetch = async (url, { headers, body }) =>
    answer(sent.push({ url, headers: headers as Record<string, string>, body: String(body) }), url)
  return { sent, fetch }
}

function vendorNamed(name: string) {
  const vendor = VENDORS.find(one => one.name === name)
  if (!vendor) throw new Error(`no vendor ${name}`)
  return vendor
}

type Account = { baseUrl?: string; secret?: string; settings?: AccessSettings }

async function ask(provider: Provider, format: FormatName, over: Partial<ProviderRequest> = {}) {
  const endpoint = provider.endpoints.get(format)
  const [key] = provider.keys
  if (!endpoint || !key) throw new Error(`${provider.name} does not speak ${format}`)
  const model = over.model ?? 'm'
  return endpoint.call({ model, body: JSON.stringify({ model }), isStream: false, ...over }, await key.open())
}

function azure({ baseUrl = 'https://acme.openai.azure.com', secret = 'k1', settings = {} }: Account, fetch: Fetch) {
  return httpProvider({
    name: 'azure',
    vendor: { ...vendorNamed('azure'), door: azureDoor() },
    keys: [ownKey({ baseUrl, secret, settings })],
    fetch,
    nowMs: () => NOW,
  })
}

describe('the door of Azure', () => {
  const dated = { apiVersion: '2024-10-21' }
  const mapped = { deployments: '{"GPT-4o-mini":"cheap one"}' }

  it.for<{ settings: AccessSettings; format: FormatName; url: string; model: string }>([
    { settings: {}, format: 'openai-chat', url: '/openai/v1/chat/completions', model: 'gpt-4o-mini' },
    { settings: {}, format: 'openai-responses', url: '/openai/v1/responses', model: 'gpt-4o-mini' },
    { settings: mapped, format: 'openai-completions', url: '/openai/v1/completions', model: 'cheap one' },
    {
      settings: dated,
      format: 'openai-chat',
      url: '/openai/deployments/gpt-4o-mini/chat/completions?api-version=2024-10-21',
      model: 'gpt-4o-mini',
    },
    {
      settings: { ...dated, ...mapped },
      format: 'openai-completions',
      url: '/openai/deployments/cheap%20one/completions?api-version=2024-10-21',
      model: 'gpt-4o-mini',
    },
    {
      settings: { ...dated, ...mapped },
      format: 'openai-responses',
      url: '/openai/responses?api-version=2024-10-21',
      model: 'cheap one',
    },
  ])('$format is asked at $url, and the deployment is named where it is read', async (row, { expect }) => {
    const { sent, fetch } = recorder()
    const model = 'gpt-4o-mini'
    const body = `{"model":"${model}","seed":12345678901234567890,"top_p":1.0}`
    await ask(azure({ settings: row.settings }, fetch), row.format, { model, body })
    expect(sent[0]?.url).toBe(`https://acme.openai.azure.com${row.url}`)
    expect(sent[0]?.body).toBe(body.replace(model, row.model))
  })

  it.for(['', '/', '/openai', '/openai/', '/openai/v1', '/openai/v1/'])(
    'takes an endpoint that ends in "%s"',
    async (end, { expect }) => {
      const { sent, fetch } = recorder()
      await ask(azure({ baseUrl: `https://acme.openai.azure.com${end}` }, fetch), 'openai-chat')
      expect(sent[0]?.url).toBe('https://acme.openai.azure.com/openai/v1/chat/completions')
    },
  )

  it('sends a key in its own header, and a token of Entra as a bearer', async ({ expect }) => {
    const { sent, fetch } = recorder()
    await ask(azure({ secret: '0123456789abcdef' }, fetch), 'openai-chat')
    await ask(azure({ secret: 'eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln' }, fetch), 'openai-chat')
    const proofs = sent.map(({ headers }) => [headers['api-key'], headers.authorization])
    expect(proofs).toEqual([
      ['0123456789abcdef', undefined],
      [undefined, 'Bearer eyJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJ4In0.c2ln'],
    ])
  })

  it('gets a token for an app of Entra, once, and another where it is refused', async ({ expect }) => {
    const { asked, granted, fetch } = google(count => (count === 3 ? 401 : 200))
    const provider = azure({ secret: 's/cret', settings: { tenantId: 'te/nant', clientId: 'app' } }, fetch)
    for (let count = 0; count < 3; count += 1) expect((await ask(provider, 'openai-chat')).status).toBe(200)
    expect(granted()[0]?.url).toBe('https://login.microsoftonline.com/te%2Fnant/oauth2/v2.0/token')
    const form = { grant_type: 'client_credentials', client_id: 'app', client_secret: 's/cret' }
    const scope = 'https://cognitiveservices.azure.com/.default'
    expect(Object.fromEntries(new URLSearchParams(granted()[0]?.body))).toEqual({ ...form, scope })
    expect(bearers(asked())).toEqual([1, 1, 1, 2].map(token => `Bearer ya29.${token}`))
  })

  it('does not ask twice by a key that is refused', async ({ expect }) => {
    const { asked, fetch } = google(() => 401)
    expect((await ask(azure({}, fetch), 'openai-chat')).status).toBe(401)
    expect(asked().length).toBe(1)
  })

  it('does not ask on by a map of deployments that nobody can read', async ({ expect }) => {
    for (const deployments of ['{', '[]x', '{"a":1}', '{"a":""}', '"x"']) {
      const { sent, fetch } = recorder()
      await expect(ask(azure({ settings: { deployments } }, fetch), 'openai-chat')).rejects.toThrow('deployments')
      expect(sent).toEqual([])
    }
  })

  it('has no price for a router, and the price of the model that was asked for whatever answers', ({ expect }) => {
    const provider = azure({}, recorder().fetch)
    expect(pricedModelAt(provider, 'model-router')).toBeUndefined()
    expect(pricedModelAt(provider, 'gpt-4o-mini')?.pricedBy).toBe('openai')
  })

  it('a stream that begins with results of the filter is read to its usage, and cut off as any other', ({ expect }) => {
    const { dialect } = chatOf(azure({}, recorder().fetch))
    const filter = { hate: { filtered: false, severity: 'safe' } }
    const results = [{ prompt_index: 0, content_filter_results: filter }]
    const events = [
      { choices: [], created: 0, id: '', model: '', object: '', prompt_filter_results: results },
      {
        id: 'c1',
        choices: [{ index: 0, content_filter_results: filter, delta: { content: 'Hi' }, finish_reason: null }],
      },
      { id: 'c1', choices: [{ index: 0, content_filter_results: {}, delta: {}, finish_reason: 'stop' }], usage: null },
      { id: 'c1', choices: [], usage: { prompt_tokens: 15, completion_tokens: 78, total_tokens: 93 } },
    ]
    const reader = dialect.streamReader()
    expect(events.map(event => reader.read(JSON.stringify(event)).isUsageOnly)).toEqual([false, false, false, true])
    expect(reader.hasEnded()).toBe(true)
    expect(reader.usage()).toEqual({ usage: { ...NO_USAGE, inputTokens: 15, outputTokens: 78 }, isWhole: true })
  })
})

const keys = await generateKeyPair('RS256', { extractable: true })
const SERVICE_ACCOUNT = JSON.stringify({
  type: 'service_account',
  project_id: 'acme',
  private_key_id: 'kid-1',
  private_key: await exportPKCS8(keys.privateKey),
  client_email: 'weir@acme.iam.gserviceaccount.com',
  token_uri: 'https://oauth2.googleapis.com/token',
})

const isTokenUrl = (url: string) => url.endsWith('/token')

/** Google: a token a minute shy of an hour, numbered; answers of models by `status`. */
function google(status: (count: number) => number = () => 200) {
  let tokens = 0
  const models = { count: 0 }
  const { sent, fetch } = recorder((_, url) => {
    if (isTokenUrl(url)) {
      tokens += 1
      return Response.json({ access_token: `ya29.${tokens}`, expires_in: 3600, token_type: 'Bearer' })
    }
    models.count += 1
    return Response.json({}, { status: status(models.count) })
  })
  return {
    fetch,
    asked: () => sent.filter(({ url }) => !isTokenUrl(url)),
    granted: () => sent.filter(({ url }) => isTokenUrl(url)),
  }
}

type Vertex = Account & { name?: 'vertex' | 'vertex-anthropic'; clock?: { ms: number } }

function vertex(set: Vertex, fetch: Fetch) {
  const { name = 'vertex', baseUrl = '', secret = SERVICE_ACCOUNT, settings = {}, clock = { ms: NOW } } = set
  const vendor = { ...vendorNamed(name), door: vertexDoor() }
  const place = { region: settings.region ?? 'global' }
  return httpProvider({
    name,
    ...place,
    vendor,
    keys: [ownKey({ baseUrl, secret, settings })],
    fetch,
    nowMs: () => clock.ms,
  })
}

const bearers = (sent: Sent[]) => sent.map(({ headers }) => headers.authorization)

describe('the door of Vertex', () => {
  it.for([
    { region: undefined, host: 'aiplatform.googleapis.com', location: 'global' },
    { region: 'global', host: 'aiplatform.googleapis.com', location: 'global' },
    { region: 'europe-west4', host: 'europe-west4-aiplatform.googleapis.com', location: 'europe-west4' },
    { region: 'eu', host: 'aiplatform.eu.rep.googleapis.com', location: 'eu' },
    { region: 'us', host: 'aiplatform.us.rep.googleapis.com', location: 'us' },
  ])('is at $host in region $region', async ({ region, host, location }, { expect }) => {
    const { asked, fetch } = google()
    const settings: AccessSettings = region === undefined ? {} : { region }
    const isStream = { isStream: true }
    await ask(vertex({ settings }, fetch), 'gemini', { model: 'gemini-2.5-flash' })
    await ask(vertex({ settings }, fetch), 'gemini', { model: 'gemini-2.5-flash', ...isStream })
    await ask(vertex({ name: 'vertex-anthropic', settings }, fetch), 'anthropic-messages', { model: 'claude-x@1' })
    const base = `https://${host}/v1/projects/acme/locations/${location}/publishers`
    expect(asked().map(({ url }) => url)).toEqual([
      `${base}/google/models/gemini-2.5-flash:generateContent`,
      `${base}/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
      `${base}/anthropic/models/claude-x%401:rawPredict`,
    ])
  })

  it('never sends a token to a host that a region or a key file makes up', async ({ expect }) => {
    const regions = ['evil.example/', 'evil.example#', 'a@evil.example', 'EU', '..', 'x'.repeat(99)]
    for (const region of regions) {
      const { asked, fetch } = google()
      await expect(ask(vertex({ settings: { region } }, fetch), 'gemini')).rejects.toThrow('region')
      expect(asked()).toEqual([])
    }
    const uris = [
      'https://evil.example/token',
      'http://oauth2.googleapis.com/token',
      'https://googleapis.com.evil.example/',
      'evil',
    ]
    for (const token_uri of uris) {
      const { granted, asked, fetch } = google()
      const secret = JSON.stringify({ ...JSON.parse(SERVICE_ACCOUNT), token_uri })
      await expect(ask(vertex({ secret }, fetch), 'gemini')).rejects.toThrow('not Google')
      expect([...granted(), ...asked()]).toEqual([])
    }
  })

  it('says nothing of a key file that it cannot read', async ({ expect }) => {
    const unreadable = JSON.stringify({ ...JSON.parse(SERVICE_ACCOUNT), private_key: 'hunter2' })
    for (const secret of ['', 'hunter2', '{"client_email":"hunter2"}', '[]', unreadable]) {
      const failure = await ask(vertex({ secret }, google().fetch), 'gemini').catch(error => error)
      expect(String(failure)).toContain('service account')
      expect(String(failure)).not.toContain('hunter2')
    }
  })

  it('signs an assertion that Google can check: who, for whom, for what, for an hour', async ({ expect }) => {
    const { granted, asked, fetch } = google()
    await ask(vertex({}, fetch), 'gemini')
    const form = new URLSearchParams(granted()[0]?.body)
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:jwt-bearer')
    const audience = 'https://oauth2.googleapis.com/token'
    const check = { audience, algorithms: ['RS256'], currentDate: new Date(NOW) }
    const { payload, protectedHeader } = await jwtVerify(form.get('assertion') ?? '', keys.publicKey, check)
    expect(protectedHeader).toEqual({ alg: 'RS256', typ: 'JWT', kid: 'kid-1' })
    const scope = 'https://www.googleapis.com/auth/cloud-platform'
    const iss = 'weir@acme.iam.gserviceaccount.com'
    expect(payload).toEqual({ iss, aud: audience, scope, iat: NOW / 1000, exp: NOW / 1000 + 3600 })
    expect(bearers(asked())).toEqual(['Bearer ya29.1'])
  })

  it('uses a token until a minute before its end, then asks for another', async ({ expect }) => {
    const { asked, granted, fetch } = google()
    const clock = { ms: NOW }
    const provider = vertex({ clock }, fetch)
    for (const ms of [0, 1, 3_539_999, 3_540_000, 3_540_001]) {
      clock.ms = NOW + ms
      await ask(provider, 'gemini')
    }
    expect(bearers(asked())).toEqual([1, 1, 1, 2, 2].map(token => `Bearer ya29.${token}`))
    expect(granted().length).toBe(2)
  })

  it('asks for one token however many wait for it', async ({ expect }) => {
    const { asked, granted, fetch } = google()
    const provider = vertex({}, fetch)
    await Promise.all(Array.from({ length: 20 }, () => ask(provider, 'gemini')))
    expect(granted().length).toBe(1)
    expect(asked().length).toBe(20)
  })

  it('asks once more with a new token after a 401, and no further', async ({ expect }) => {
    const once = google(count => (count === 2 ? 401 : 200))
    const provider = vertex({}, once.fetch)
    await ask(provider, 'gemini')
    expect((await ask(provider, 'gemini')).status).toBe(200)
    expect(bearers(once.asked())).toEqual(['Bearer ya29.1', 'Bearer ya29.1', 'Bearer ya29.2'])
    const always = google(() => 401)
    expect((await ask(vertex({}, always.fetch), 'gemini')).status).toBe(401)
    expect(always.asked().length).toBe(2)
  })

  it('reports an endpoint that grants nothing, and tries anew with the next request', async ({ expect }) => {
    let isDown = true
    const { fetch } = google()
    const failing: Fetch = (url, init) =>
      isTokenUrl(url) && isDown ? Promise.resolve(new Response('no', { status: 503 })) : fetch(url, init)
    const provider = vertex({}, failing)
    const failure = await ask(provider, 'gemini').catch(error => error)
    expect(failure).toMatchObject({ code: 'provider_key_unusable', detail: expect.not.stringContaining('503') })
    expect(String(failure.cause)).toContain('503')
    isDown = false
    expect((await ask(provider, 'gemini')).status).toBe(200)
  })

  it('keeps accounts apart', async ({ expect }) => {
    const { asked, fetch } = google()
    const vendor = { ...vendorNamed('vertex'), door: vertexDoor() }
    const other = JSON.stringify({ ...JSON.parse(SERVICE_ACCOUNT), client_email: 'other@acme' })
    for (const secret of [SERVICE_ACCOUNT, other]) {
      const key = ownKey({ baseUrl: '', secret, settings: {} })
      await ask(httpProvider({ name: 'vertex', vendor, keys: [key], fetch }), 'gemini')
    }
    expect(bearers(asked())).toEqual(['Bearer ya29.1', 'Bearer ya29.2'])
  })

  it("sends Claude's messages with the version in the body and no model, and counts where Vertex counts", async ({
    expect,
  }) => {
    const { asked, fetch } = google()
    const provider = vertex({ name: 'vertex-anthropic' }, fetch)
    const endpoint = provider.endpoints.get('anthropic-messages')
    const set = { model: 'claude-haiku-4-5@20251001', isStream: true, maxOutputTokens: 5 }
    const body = endpoint?.dialect.prepare({ model: 'x', max_tokens: 9, messages: [] }, set)
    const messages = { max_tokens: 5, messages: [], anthropic_version: 'vertex-2023-10-16', stream: true }
    expect(JSON.parse(body ?? '')).toEqual(messages)
    const [key] = provider.keys
    if (!key) throw new Error('no key')
    await endpoint?.countTokens?.({ model: 'm', body: '{}', isStream: false }, await key.open())
    expect(asked()[0]?.url).toMatch(/\/publishers\/anthropic\/models\/count-tokens:rawPredict$/)
  })
})

describe('a cache of tokens', () => {
  it('does not wait for ever for what another request began', async ({ expect }) => {
    vi.useFakeTimers()
    try {
      const cache = new TokenCache()
      const lost = cache.get('a', NOW, () => new Promise<AccessToken>(() => undefined))
      lost.catch(() => undefined)
      const own = cache.get('a', NOW, async () => ({ token: 'own', expiresMs: NOW + 3_600_000 }))
      await vi.advanceTimersByTimeAsync(10_001)
      expect(await own).toBe('own')
    } finally {
      vi.useRealTimers()
    }
  })

  it('does not forget a newer token for the sake of an older one', async ({ expect }) => {
    const cache = new TokenCache()
    const get = (token: string) => cache.get('a', NOW, async () => ({ token, expiresMs: NOW + 3_600_000 }))
    expect(await get('1')).toBe('1')
    cache.disown('a', '1')
    expect(await get('2')).toBe('2')
    cache.disown('a', '1')
    expect(await get('3')).toBe('2')
  })

  it('never hands out a token in its last minute', async ({ expect }) => {
    const life = fc.integer({ min: 61, max: 7200 })
    const steps = fc.array(fc.integer({ min: 0, max: 4000 }), { minLength: 1, maxLength: 30 })
    await fc.assert(
      fc.asyncProperty(life, steps, async (seconds, pauses) => {
        const cache = new TokenCache()
        let now = NOW
        for (const pause of pauses) {
          now += pause * 1000
          const until = await cache.get('a', now, async () => ({
            token: String(now + seconds * 1000),
            expiresMs: now + seconds * 1000,
          }))
          expect(Number(until) - now).toBeGreaterThan(60_000)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('prices on Vertex', () => {
  const at = (name: 'vertex' | 'vertex-anthropic', region: string, model: string) => {
    const priced = pricedModelAt(vertex({ name, settings: { region } }, google().fetch), model)
    const prices = priced && priceAt(priced, NOW)
    return prices && costOf(prices, { ...NO_USAGE, inputTokens: 100_000, outputTokens: 1000 })
  }

  it.for([
    { name: 'vertex-anthropic', model: 'claude-haiku-4-5@20251001', world: 105_000_000, region: 115_500_000 },
    { name: 'vertex-anthropic', model: 'claude-opus-5@20260101', world: 525_000_000, region: 577_500_000 },
    { name: 'vertex-anthropic', model: 'claude-sonnet-4@20250514', world: 315_000_000, region: 315_000_000 },
    { name: 'vertex-anthropic', model: 'claude-3-7-sonnet@20250219', world: 315_000_000, region: 315_000_000 },
    { name: 'vertex', model: 'gemini-2.5-flash', world: 32_500_000, region: 32_500_000 },
    { name: 'vertex', model: 'gemini-3.1-pro-preview', world: 212_000_000, region: 233_200_000 },
  ] as const)(
    '$model costs $world nano-dollars by the global endpoint and $region by a regional one',
    (row, { expect }) => {
      const costs = ['global', 'europe-west4', 'eu', 'us-central1'].map(region => at(row.name, region, row.model))
      expect(costs).toEqual([row.world, row.region, row.region, row.region])
    },
  )

  it('has an hour-long cache write at its own price', ({ expect }) => {
    const provider = vertex({ name: 'vertex-anthropic', settings: { region: 'us' } }, google().fetch)
    const base = pricedModelAt(provider, 'claude-sonnet-4-5@20250929')?.prices[0]?.base
    expect(base).toMatchObject({ cache_write: 4_125_000, cache_write_1h: 6_600_000 })
  })

  it('each sells the models of its own maker', ({ expect }) => {
    expect(at('vertex', 'global', 'claude-haiku-4-5')).toBeUndefined()
    expect(at('vertex-anthropic', 'global', 'gemini-2.5-flash')).toBeUndefined()
    const listed = pricedModelsAt(vertex({}, google().fetch)).map(({ model }) => model)
    expect(listed).toContain('gemini-2.5-flash')
    expect(listed.filter(model => model.startsWith('claude'))).toEqual([])
  })
})

describe('vendors that are set up', () => {
  const setUp = (secrets: Record<string, string>) => configuredProviders({ mock: false, secrets }, recorder().fetch)
  const namesOf = (secrets: Record<string, string>) => [...setUp(secrets).keys()]

  it('are those that have all they need', ({ expect }) => {
    expect(namesOf({ AZURE_OPENAI_API_KEY: 'k' })).toEqual([])
    expect(namesOf({ AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_BASE_URL: 'https://a' })).toEqual(['azure'])
    expect(namesOf({ VERTEX_CREDENTIALS: '{}' })).toEqual(['vertex', 'vertex-anthropic'])
    expect(namesOf({ WORKERS_AI_API_KEY: 'k' })).toEqual([])
    expect(namesOf({ WORKERS_AI_API_KEY: 'k', WORKERS_AI_ACCOUNT_ID: 'a' })).toEqual(['workers-ai'])
    expect(namesOf({ OLLAMA_BASE_URL: 'http://127.0.0.1:11434/v1' })).toEqual(['ollama'])
    expect(namesOf({ VLLM_API_KEY: 'k' })).toEqual([])
  })

  it.for([
    ['europe-west4', 'eu'],
    ['eu', 'eu'],
    ['us-central1', 'us'],
    ['us', 'us'],
    ['global', undefined],
    ['europe-west2', undefined],
    ['europe-west6', undefined],
    ['asia-east1', undefined],
    ['us2', undefined],
  ] as const)('on Vertex work where their region says: %s is in %s', ([region, residency], { expect }) => {
    const provider = setUp({ VERTEX_CREDENTIALS: '{}', VERTEX_REGION: region }).get('vertex')
    expect([provider?.region, provider?.residency]).toEqual([region, residency])
  })

  it('say of other clouds only what the deployment declares', ({ expect }) => {
    const secrets = { AZURE_OPENAI_API_KEY: 'k', AZURE_OPENAI_BASE_URL: 'https://eu.openai.azure.com' }
    expect(setUp(secrets).get('azure')?.residency).toBeUndefined()
    expect(setUp({ ...secrets, AZURE_OPENAI_RESIDENCY: 'EU' }).get('azure')?.residency).toBe('eu')
  })

  it('are asked without a proof where they need none', async ({ expect }) => {
    const { sent, fetch } = recorder()
    const secrets = { OLLAMA_BASE_URL: 'http://127.0.0.1:11434/v1/', VLLM_BASE_URL: 'http://127.0.0.1:8000/v1' }
    const providers = configuredProviders({ mock: false, secrets: { ...secrets, VLLM_API_KEY: 'v' } }, fetch)
    for (const name of ['ollama', 'vllm']) {
      const provider = providers.get(name)
      if (provider) await ask(provider, 'openai-chat')
    }
    expect(sent.map(({ url }) => url)).toEqual([
      'http://127.0.0.1:11434/v1/chat/completions',
      'http://127.0.0.1:8000/v1/chat/completions',
    ])
    expect(bearers(sent)).toEqual([undefined, 'Bearer v'])
  })
})

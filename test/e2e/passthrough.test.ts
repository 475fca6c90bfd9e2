// Where a client and its vendor speak the same wire, what goes through Weir is what was sent: the vendor's bytes, however
// they were cut, and the caller's request, but for the model's name, the output cap and the option that tells the usage.
import Anthropic, { BadRequestError, PermissionDeniedError } from '@anthropic-ai/sdk'
import { ApiError, GoogleGenAI } from '@google/genai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { billedBy, startVendors } from '../support/vendors/index.mjs'
import { startWeir } from '../support/weir-server.mjs'

type Vendor = 'openai' | 'anthropic' | 'google'
/** One way in. `body` and `wanted`: the JSON text that is sent, and what must reach the vendor. */
type Way = {
  vendor: Vendor
  path: string
  streamPath?: string
  body(text: string, isStream: boolean): string
  wanted(text: string, isStream: boolean): string
}

const flag = (isStream: boolean) => (isStream ? ',"stream":true' : '')

const WAYS: Record<string, Way> = {
  'chat completions': {
    vendor: 'openai',
    path: '/v1/chat/completions',
    body: (text, isStream) =>
      `{"model":"openai/gpt-4o-mini","messages":[{"role":"user","content":${text}}],"temperature":0.70${flag(isStream)}${
        isStream ? ',"stream_options":{"include_usage":true}' : ''
      },"max_tokens":500,"top_p":1.0}`,
    wanted: (text, isStream) =>
      `{"model":"gpt-4o-mini","messages":[{"role":"user","content":${text}}],"temperature":0.70${flag(isStream)}${
        isStream ? ',"stream_options":{"include_usage":true}' : ''
      },"max_tokens":500,"top_p":1.0}`,
  },
  responses: {
    vendor: 'openai',
    path: '/v1/responses',
    body: (text, isStream) =>
      `{"input":${text},"model":"openai/gpt-4o-mini","store":false,"top_p":0.90${flag(isStream)}}`,
    wanted: (text, isStream) =>
      `{"input":${text},"model":"gpt-4o-mini","store":false,"top_p":0.90${flag(isStream)},"max_output_tokens":16384}`,
  },
  messages: {
    vendor: 'anthropic',
    path: '/v1/messages',
    body: (text, isStream) =>
      `{"max_tokens":1e3,"messages":[{"role":"user","content":${text}}],"model":"anthropic/claude-haiku-4-5","top_k":5${flag(isStream)}}`,
    wanted: (text, isStream) =>
      `{"max_tokens":1e3,"messages":[{"role":"user","content":${text}}],"model":"claude-haiku-4-5","top_k":5${flag(isStream)}}`,
  },
  generateContent: {
    vendor: 'google',
    path: '/v1beta/models/google/gemini-2.5-flash:generateContent',
    streamPath: '/v1beta/models/google/gemini-2.5-flash:streamGenerateContent?alt=sse',
    body: text => `{"contents":[{"parts":[{"text":${text}}],"role":"user"}],"generationConfig":{"topP":0.50}}`,
    wanted: text =>
      `{"contents":[{"parts":[{"text":${text}}],"role":"user"}],"generationConfig":{"topP":0.50,"maxOutputTokens":65536}}`,
  },
}

let vendors: Awaited<ReturnType<typeof startVendors>>
let weir: Awaited<ReturnType<typeof startWeir>>
let key: { id: string; value: string }

beforeAll(async () => {
  vendors = await startVendors()
  weir = await startWeir({ upstreamUrl: vendors.env.OPENAI_BASE_URL, env: vendors.env })
  const provider_configs = Object.keys(vendors.vendors).map(provider => ({
    provider,
    allowed_models: ['*'],
    key_ids: ['*'],
  }))
  key = await weir.admin.createKey({ budgetUsd: 1000, provider_configs })
})

afterAll(async () => {
  await weir?.dispose()
  await vendors?.stop()
})

/** Sends one request; answers the bytes that came, and what the vendor saw of it. */
async function send(way: Way, isStream: boolean, order: string) {
  const tag = `cell-${crypto.randomUUID()}`
  const text = JSON.stringify(`[${tag}] ${order} \\u0000 "é" 👩‍👩‍👧‍👦 \u2028`)
  const headers = {
    authorization: `Bearer ${key.value}`,
    'content-type': 'application/json',
    'x-request-id': tag,
    'anthropic-version': '2023-06-01',
    'anthropic-beta': 'a-beta-2026-01-01',
  }
  const path = (isStream && way.streamPath) || way.path
  const response = await fetch(weir.baseUrl + path, { method: 'POST', headers, body: way.body(text, isStream) })
  const bytes = Buffer.from(await response.arrayBuffer())
  const [call, ...more] = vendors.vendors[way.vendor].callsOf(tag)
  if (!call || more.length > 0) throw new Error(`${more.length} calls more than one: ${bytes}`)
  return { response, bytes, call, tag, text, shreds: call.sent as Buffer[], sent: Buffer.concat(call.sent) }
}

/** Whether bytes begin in the middle of a UTF-8 character. */
function isCutInside(shred: Buffer): boolean {
  return ((shred[0] ?? 0) & 0xc0) === 0x80
}

describe.each(Object.entries(WAYS))('%s', (_, way) => {
  it('gives the client the bytes of a stream, cut anywhere', async ({ expect }) => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => send(way, true, 'Say something.')))
    for (const { response, bytes, sent } of answers) {
      expect(response.headers.get('content-type')).toBe('text/event-stream')
      expect(bytes.equals(sent), `${bytes}\n---\n${sent}`).toBe(true)
      expect(sent.toString()).toContain('Grüezi 👋🏽')
    }
    const shreds = answers.flatMap(answer => answer.shreds)
    expect(shreds.some(isCutInside)).toBe(true)
    expect(shreds.filter(shred => !shred.includes(0x0a)).length).toBeGreaterThan(50)
  })

  it('gives the client the bytes of a whole answer, and of an error', async ({ expect }) => {
    for (const order of ['Say something.', 'fail 429']) {
      const { response, bytes, sent, call } = await send(way, false, order)
      expect(response.status).toBe(call.status)
      expect(bytes.equals(sent)).toBe(true)
    }
  })

  it.for([false, true])('passes the request on as it was written (stream: %s)', async (isStream, { expect }) => {
    const { call, text } = await send(way, isStream, 'Say something.')
    expect(call.text).toBe(way.wanted(text, isStream))
    expect(call.refused).toBeUndefined()
  })

  it('takes neither the caller’s key nor its other headers along', async ({ expect }) => {
    const { call } = await send(way, false, 'Say something.')
    expect(JSON.stringify(call.headers)).not.toContain(key.value)
    expect(call.headers['x-request-id']).toBeUndefined()
    const version = way.vendor === 'anthropic' ? 'a-beta-2026-01-01' : undefined
    expect(call.headers['anthropic-beta']).toBe(version)
  })

  it('records what the vendor billed', async ({ expect }) => {
    const { call, tag } = await send(way, true, 'Say something.')
    const [event] = await until(
      () => weir.admin.listEvents({ request_id: tag }),
      found => found.length > 0,
    )
    expect(event).toMatchObject({ outcome: 'ok', cost_nano: billedBy(way.vendor, [call]) })
    expect(event.output_tokens).toBe(call.usage.output)
  })
})

/** Anthropic's and Google's own clients with a key. */
function clients(apiKey: string) {
  const anthropic = new Anthropic({ apiKey, authToken: null, baseURL: weir.baseUrl, maxRetries: 0 })
  return { anthropic, genai: new GoogleGenAI({ apiKey, httpOptions: { baseUrl: weir.baseUrl } }) }
}

describe('the models of a key', () => {
  it('are told to Anthropic’s client, page by page, as to OpenAI’s', async ({ expect }) => {
    const { anthropic } = clients(key.value)
    const headers = { authorization: `Bearer ${key.value}` }
    const { data } = (await (await fetch(`${weir.baseUrl}/v1/models`, { headers })).json()) as {
      data: { id: string }[]
    }
    const listed = []
    for await (const model of anthropic.models.list({ limit: 7 })) listed.push(model)
    expect(data.length).toBeGreaterThan(20)
    expect(listed.map(({ id }) => id)).toEqual(data.map(({ id }) => id))
    const one = await anthropic.models.retrieve('anthropic/claude-haiku-4-5')
    expect(one).toMatchObject({ type: 'model', max_tokens: 64_000, max_input_tokens: 200_000 })
    expect(listed).toContainEqual(one)
  })

  it('are told to Anthropic’s client backwards too', async ({ expect }) => {
    const { anthropic } = clients(key.value)
    const all = await anthropic.models.list({ limit: 1000 })
    const ids = all.data.map(({ id }) => id)
    const before = await anthropic.models.list({ limit: 3, before_id: ids[5] ?? '' })
    expect(before.data.map(({ id }) => id)).toEqual(ids.slice(2, 5))
    expect(before.has_more).toBe(true)
    await expect(anthropic.models.list({ limit: 0 })).rejects.toThrow(BadRequestError)
  })

  it('are told to Google’s client, page by page', async ({ expect }) => {
    const { genai } = clients(key.value)
    const names: string[] = []
    for await (const { name = '' } of await genai.models.list({ config: { pageSize: 9 } })) names.push(name)
    expect(new Set(names).size).toBe(names.length)
    expect(names).toContain('models/google/gemini-2.5-flash')
    const one = await genai.models.get({ model: 'google/gemini-2.5-flash' })
    expect(one).toMatchObject({ name: 'models/google/gemini-2.5-flash', outputTokenLimit: 65_536 })
    await expect(genai.models.get({ model: 'google/gemini-0' })).rejects.toThrow(ApiError)
  })

  it('are told to nobody without a key, in the words of each wire', async ({ expect }) => {
    const { anthropic, genai } = clients('sk-bf-forged')
    await expect(anthropic.models.list()).rejects.toMatchObject({ status: 401, type: 'authentication_error' })
    await expect(genai.models.list()).rejects.toMatchObject({ status: 401 })
  })
})

describe('counting tokens', () => {
  const messages = [{ role: 'user' as const, content: '[cell-count] How long is this?' }]

  it('is done by the vendor, and costs nothing', async ({ expect }) => {
    const only = { provider: 'anthropic', allowed_models: ['claude-haiku-4-5'], key_ids: ['*'] }
    const spent = await weir.admin.createKey({ budgetUsd: 0.000001, provider_configs: [only] })
    const { anthropic } = clients(spent.value)
    const told = await anthropic.messages.countTokens({ model: 'anthropic/claude-haiku-4-5', messages })
    const [call] = vendors.vendors.anthropic.callsOf('cell-count')
    expect(told).toEqual({ input_tokens: call.usage.input })
    expect(JSON.parse(call.text)).toEqual({ model: 'claude-haiku-4-5', messages })
    expect(call.headers['x-api-key']).toBe('sk-vendor')
    const { budgets } = await weir.admin.getKey(spent.id)
    expect(budgets[0].current_usage).toBe(0)
    const other = anthropic.messages.countTokens({ model: 'anthropic/claude-sonnet-4-5', messages })
    await expect(other).rejects.toThrow(PermissionDeniedError)
  })

  it('is refused by name where the provider has no counter, and for what is malformed', async ({ expect }) => {
    const { anthropic } = clients(key.value)
    const asked = anthropic.messages.countTokens({ model: 'openai/gpt-4o-mini', messages })
    await expect(asked).rejects.toMatchObject({
      status: 400,
      error: { error: { code: 'untranslatable', param: 'model' } },
    })
    const headers = { 'x-api-key': key.value }
    const post = (body: string, method = 'POST') =>
      fetch(`${weir.baseUrl}/v1/messages/count_tokens`, { method, headers, ...(method === 'POST' && { body }) })
    expect(await (await post('{')).json()).toMatchObject({ type: 'error', error: { code: 'json_malformed' } })
    expect((await post('', 'GET')).status).toBe(405)
  })
})

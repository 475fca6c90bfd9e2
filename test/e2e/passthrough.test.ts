// Where a client and its vendor speak the same wire, what goes through Weir is what was sent: the vendor's bytes, however
// they were cut, and the caller's request, but for the model's name, the output cap and the option that tells the usage.
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

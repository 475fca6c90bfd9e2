import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const MAX_BODY_BYTES = 1_000_000
const GOOD = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }], max_tokens: 20 }

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>
let heldNano: number
/** A key for each case. */
const keys: string[] = []

beforeAll(async () => {
  upstream = await startUpstream()
  const env = { MAX_BODY_BYTES: String(MAX_BODY_BYTES) }
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env })
  heldNano = await measureHold()
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

async function send(apiKey: string, body: string | Uint8Array<ArrayBuffer>) {
  const headers = { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' }
  return fetch(`${weir.baseUrl}/v1/chat/completions`, { method: 'POST', headers, body })
}

async function measureHold() {
  const key = await weir.admin.createKey({ budgetUsd: 1 })
  await send(key.value, JSON.stringify(GOOD))
  const events = await until(
    () => weir.admin.listEvents({ virtual_key_id: key.id }),
    found => found.length === 1,
  )
  return events[0].held_nano as number
}

function changed(change: Record<string, unknown>) {
  return JSON.stringify({ ...GOOD, ...change })
}

const messages = (count: number) => Array.from({ length: count }, () => ({ role: 'user', content: 'x' }))
const long = { role: 'user', content: 'x'.repeat(MAX_BODY_BYTES) }

const CASES: [name: string, body: string | Uint8Array<ArrayBuffer>][] = [
  ['malformed JSON', '{"model": "openai/gpt-4o-mini", "messages": ['],
  ['an empty body', ''],
  ['a JSON array', '[1, 2]'],
  ['no model', JSON.stringify({ messages: GOOD.messages })],
  ['an unknown model', changed({ model: 'openai/gpt-nonesuch' })],
  ['an unknown provider', changed({ model: 'nonesuch/gpt-4o-mini' })],
  ['no messages', JSON.stringify({ model: GOOD.model })],
  ['an empty list of messages', changed({ messages: [] })],
  ['a body over the limit', changed({ messages: [long] })],
  ['1e308 as max_tokens', changed({}).replace('"max_tokens":20', '"max_tokens":1e308')],
  ['1e999 as max_tokens', changed({}).replace('"max_tokens":20', '"max_tokens":1e999')],
  ['a negative max_tokens', changed({ max_tokens: -1 })],
  ['a negative max_completion_tokens', changed({ max_completion_tokens: -5 })],
  ['a fraction as max_tokens', changed({ max_tokens: 1.5 })],
  ['text as max_tokens', changed({ max_tokens: '20' })],
  ['a negative n', changed({ n: -1 })],
  ['a huge n', changed({ n: 1_000_000 })],
  ['a body that is not UTF-8', new Uint8Array([...new TextEncoder().encode('{"model":"'), 0xff, 0xfe, 0x22, 0x7d])],
  ['10,000 messages', changed({ messages: messages(10_000) })],
]

describe('a request that cannot be served', () => {
  it.for(CASES)('is refused clearly, holds nothing and reaches nobody: %s', async ([, body], { expect }) => {
    const key = await weir.admin.createKey({ budgetUsd: heldNano / 1e9 })
    const before = upstream.calls.length
    const answer = await send(key.value, body)
    const json = JSON.parse(await answer.text())
    expect(answer.status).toBeGreaterThanOrEqual(400)
    expect(answer.status).toBeLessThan(500)
    expect(json).toMatchObject({
      error: { message: expect.any(String), type: expect.any(String), code: expect.any(String) },
      is_bifrost_error: false,
      status_code: answer.status,
      extra_fields: {},
    })
    expect(json.error).toHaveProperty('param')
    expect(json.error.message.length).toBeGreaterThan(10)
    expect(answer.headers.get('x-should-retry')).toBe('false')
    expect(answer.headers.get('x-request-id')).toBeTruthy()
    expect(upstream.calls.length).toBe(before)

    // Needs the whole budget: it passes only if nothing is held.
    expect((await send(key.value, JSON.stringify(GOOD))).status).toBe(200)
    keys.push(key.id)
  })

  it('is no event; the request after it is', async ({ expect }) => {
    expect(keys).toHaveLength(CASES.length)
    const events = await until(
      () => weir.admin.listEvents(),
      found => keys.every(id => found.some(event => event.virtual_key_id === id)),
    )
    for (const id of keys) expect(events.filter(event => event.virtual_key_id === id)).toHaveLength(1)
  })

  it('says at which path and method there is nothing', async ({ expect }) => {
    const answer = await fetch(`${weir.baseUrl}/v1/nonesuch`, { method: 'POST' })
    expect(answer.status).toBe(404)
    expect((await fetch(`${weir.baseUrl}/v1/chat/completions`)).status).toBe(405)
  })
})

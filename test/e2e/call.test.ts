import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import OpenAI, { APIError } from 'openai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { adminClient, until } from '../support/admin.mjs'
import { billedNano, eventsNano, nanoOf } from '../support/price.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const DRAIN_MS = 1000
const HOLD_MS = 3000

type Wish = Record<string, number | boolean>

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  const env = { DRAIN_MS: String(DRAIN_MS), HOLD_MS: String(HOLD_MS) }
  weir = await startWeir({ upstreamUrl: upstream.baseUrl, env })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

const newKey = () => weir.admin.createKey({ budgetUsd: 5 })
const newId = () => `call-${crypto.randomUUID()}`

/** A request by its upstream name; the same name and wish make the same bytes. */
function bodyOf(id: string, wish: Wish, isStream: boolean) {
  return {
    model: 'openai/gpt-4o-mini',
    messages: [{ role: 'user' as const, content: 'Say it once.' }],
    metadata: { call: id },
    x_upstream: wish,
    ...(isStream && { stream: true, stream_options: { include_usage: true } }),
  }
}

type Sent = { key: string; once?: string; body: unknown; headers?: Record<string, string>; signal?: AbortSignal }

async function post({ key, once, body, headers, signal }: Sent) {
  const all = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    ...(once !== undefined && { 'idempotency-key': once }),
    ...headers,
  }
  const init = { method: 'POST', headers: all, body: JSON.stringify(body), ...(signal && { signal }) }
  return fetch(`${weir.baseUrl}/v1/chat/completions`, init)
}

async function send(sent: Sent) {
  const answer = await post(sent)
  return { status: answer.status, headers: answer.headers, text: await answer.text() }
}

async function eventsOf(keyId: string, count: number) {
  const ask = () => weir.admin.listEvents({ virtual_key_id: keyId })
  return until(ask, events => events.length >= count)
}

/** All that the key was charged for so far: what is settled after it is listed after it. */
async function allEventsOf(key: { id: string; value: string }) {
  const mark = newId()
  await send({ key: key.value, body: bodyOf(mark, {}, false), headers: { 'x-request-id': mark } })
  const events = await until(
    () => weir.admin.listEvents({ virtual_key_id: key.id }),
    found => found.some(event => event.request_id === mark),
  )
  return events.filter(event => event.request_id !== mark)
}

/** Resolves when the upstream has been called by this name. */
function isCalled(id: string) {
  return until(
    async () => upstream.callsOf(id).length,
    calls => calls > 0,
  )
}

/** Reads a stream until so many events have come, then leaves. */
async function leaveAfter(sent: Sent, events: number) {
  const controller = new AbortController()
  const answer = await post({ ...sent, signal: controller.signal })
  let text = ''
  for await (const chunk of answer.body ?? []) {
    text += new TextDecoder().decode(chunk)
    if (text.split('\n\n').length > events) break
  }
  controller.abort()
  return text
}

describe('the same Idempotency-Key and request', () => {
  it.for([false, true])(
    'is answered with the same bytes, for nothing and under its own id, once it is done (stream: %s)',
    async (isStream, { expect }) => {
      const key = await newKey()
      const id = newId()
      const sent = { key: key.value, once: id, body: bodyOf(id, { output_tokens: 7 }, isStream) }
      const first = await send({ ...sent, headers: { 'x-request-id': 'one' } })
      const again = await send({ ...sent, headers: { 'x-request-id': 'two' } })
      expect(first.status).toBe(200)
      expect(first.text).toBe(upstream.callsOf(id)[0]?.sent)
      expect(first.headers.get('x-weir-replayed')).toBeNull()
      expect(again).toMatchObject({ status: 200, text: first.text })
      for (const name of ['content-type', 'x-weir-provider', 'x-weir-model']) {
        expect([name, again.headers.get(name)]).toEqual([name, first.headers.get(name)])
      }
      expect(again.headers.get('x-weir-replayed')).toBe('true')
      expect(again.headers.get('x-weir-cost-usd')).toBe('0')
      expect([first.headers.get('x-request-id'), again.headers.get('x-request-id')]).toEqual(['one', 'two'])
      expect(upstream.callsOf(id)).toHaveLength(1)
      const costNano = billedNano(upstream.callsOf(id))
      await eventsOf(key.id, 1)
      expect(nanoOf((await weir.admin.getKey(key.id)).budgets[0].current_usage)).toBe(costNano)
      expect(await allEventsOf(key)).toMatchObject([{ request_id: 'one', outcome: 'ok', cost_nano: costNano }])
    },
  )

  it('joins a stream in flight: two clients hear all of it, one call is made and charged', async ({ expect }) => {
    const key = await newKey()
    const id = newId()
    const client = new OpenAI({ apiKey: key.value, baseURL: `${weir.baseUrl}/v1`, maxRetries: 0 })
    const body = { ...bodyOf(id, { output_tokens: 20, chunks: 10, chunk_ms: 60 }, false), stream: true as const }
    const open = () => client.chat.completions.create(body, { headers: { 'idempotency-key': id } }).withResponse()
    const hear = async (stream: AsyncIterable<OpenAI.ChatCompletionChunk>) => {
      const chunks = []
      for await (const chunk of stream) chunks.push(chunk)
      return chunks
    }
    const first = await open()
    const firstChunks = hear(first.data)
    await isCalled(id)
    const second = await open()
    const started = performance.now()
    const chunks = await hear(second.data)
    // It is heard live: most of the stream was still to come.
    expect(performance.now() - started).toBeGreaterThan(150)
    expect(chunks).toEqual(await firstChunks)
    expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe('word '.repeat(20))
    expect(first.response.headers.get('x-weir-joined')).toBeNull()
    expect(second.response.headers.get('x-weir-joined')).toBe('true')
    expect(second.response.headers.get('x-request-id')).not.toBe(first.response.headers.get('x-request-id'))
    expect(upstream.callsOf(id)).toHaveLength(1)
    const costNano = billedNano(upstream.callsOf(id))
    expect(await allEventsOf(key)).toMatchObject([{ outcome: 'ok', cost_nano: costNano }])
  })

  it.for([false, true])('is one call when thirty requests come at once (stream: %s)', async (isStream, { expect }) => {
    const key = await newKey()
    const id = newId()
    const body = bodyOf(id, { output_tokens: 6, delay_ms: isStream ? 0 : 300, chunk_ms: 30 }, isStream)
    const answers = await Promise.all(Array.from({ length: 30 }, () => send({ key: key.value, once: id, body })))
    expect(upstream.callsOf(id)).toHaveLength(1)
    expect(new Set(answers.map(({ status, text }) => `${status} ${text}`))).toEqual(
      new Set([`200 ${upstream.callsOf(id)[0]?.sent}`]),
    )
    expect(answers.filter(({ headers }) => headers.get('x-weir-joined') === 'true')).toHaveLength(29)
    expect(await allEventsOf(key)).toHaveLength(1)
  })

  it('is not disturbed by another client that leaves', async ({ expect }) => {
    const key = await newKey()
    const id = newId()
    const sent = { key: key.value, once: id, body: bodyOf(id, { output_tokens: 9, chunks: 20, chunk_ms: 100 }, true) }
    const leaving = leaveAfter(sent, 3)
    await isCalled(id)
    const [stays, left] = await Promise.all([send(sent), leaving])
    expect(left.length).toBeLessThan(stays.text.length)
    expect(stays.headers.get('x-weir-joined')).toBe('true')
    expect(stays.text).toBe(upstream.callsOf(id)[0]?.sent)
    const [event] = await eventsOf(key.id, 1)
    expect(event).toMatchObject({ outcome: 'ok', cost_nano: billedNano(upstream.callsOf(id)) })
  })

  it('is answered in full to a client that lost its connection, though nobody listened for longer than the drain', async ({
    expect,
  }) => {
    const key = await newKey()
    const id = newId()
    const sent = { key: key.value, once: id, body: bodyOf(id, { output_tokens: 9, chunks: 30, chunk_ms: 100 }, true) }
    await leaveAfter(sent, 3)
    await eventsOf(key.id, 1)
    const again = await send(sent)
    expect(again.headers.get('x-weir-replayed')).toBe('true')
    expect(again.text).toBe(upstream.callsOf(id)[0]?.sent)
    expect(upstream.callsOf(id)).toHaveLength(1)
    const [event] = await eventsOf(key.id, 1)
    expect(event).toMatchObject({ outcome: 'ok', cost_nano: billedNano(upstream.callsOf(id)) })
  })

  it('is told to wait where the answer has grown too long to be joined; who joined before hears all of it', async ({
    expect,
  }) => {
    const { value: key, id: keyId } = await weir.admin.createKey({})
    const id = newId()
    const wish = { output_tokens: 1_200_000, chunks: 100, chunk_ms: 30, delay_ms: 800 }
    const sent = { key, once: id, body: bodyOf(id, wish, true) }
    const left = new AbortController()
    const leaving = post({ ...sent, signal: left.signal }).catch(() => 'left')
    await isCalled(id)
    const stays = send(sent)
    left.abort()
    expect(await leaving).toBe('left')
    const long = await until(
      async () => upstream.callsOf(id)[0]?.sent.length ?? 0,
      length => length > 4.5 * 1_048_576,
    )
    const late = await send(sent)
    expect(late.status).toBe(409)
    expect(JSON.parse(late.text).error.code).toBe('idempotency_in_progress')
    expect([late.headers.get('retry-after'), late.headers.get('x-should-retry')]).toEqual(['5', 'true'])
    const { text } = await stays
    expect(text.length).toBeGreaterThan(long)
    expect(text === upstream.callsOf(id)[0]?.sent).toBe(true)
    expect(upstream.callsOf(id)).toHaveLength(1)
    expect(await eventsOf(keyId, 1)).toMatchObject([{ outcome: 'ok', output_tokens: 1_200_000 }])
  })

  it.for<[what: string, wish: Wish, isStream: boolean]>([
    ['an error of the provider', { status: 500 }, false],
    ['an answer that broke off', { output_tokens: 30, chunks: 6, chunk_ms: 10, drop_after: 4 }, true],
  ])('is sent anew after %s', async ([, wish, isStream], { expect }) => {
    const key = await newKey()
    const id = newId()
    const attempt = () => send({ key: key.value, once: id, body: bodyOf(id, wish, isStream) }).catch(() => undefined)
    await attempt()
    await attempt()
    expect(upstream.callsOf(id)).toHaveLength(2)
    const events = await eventsOf(key.id, 2)
    expect(events.map(event => event.success)).toEqual([false, false])
    if (isStream) for (const event of events) expect(event.cost_nano).toBeGreaterThan(0)
  })

  it('is sent anew after a refusal of Weir, which reached nobody', async ({ expect }) => {
    const key = await weir.admin.createKey({ budgetUsd: 0.000001 })
    const id = newId()
    const sent = { key: key.value, once: id, body: bodyOf(id, {}, false) }
    expect((await send(sent)).status).toBe(429)
    await weir.admin.updateKey(key.id, { budgets: [{ max_limit: 5, reset_duration: '1M' }] })
    expect(await send(sent)).toMatchObject({ status: 200, text: upstream.callsOf(id)[0]?.sent })
    expect(upstream.callsOf(id)).toHaveLength(1)
  })

  it('is refused for a key that was switched off since', async ({ expect }) => {
    const key = await newKey()
    const id = newId()
    const sent = { key: key.value, once: id, body: bodyOf(id, {}, false) }
    expect((await send(sent)).status).toBe(200)
    await weir.admin.updateKey(key.id, { is_active: false })
    expect((await send(sent)).status).toBe(403)
    await weir.admin.updateKey(key.id, { is_active: true })
    expect((await send(sent)).headers.get('x-weir-replayed')).toBe('true')
  })
})

describe('the same Idempotency-Key', () => {
  it('with another body is a conflict, in flight and after, which the client does not try again', async ({
    expect,
  }) => {
    const key = await newKey()
    const id = newId()
    const other = newId()
    const client = new OpenAI({ apiKey: key.value, baseURL: `${weir.baseUrl}/v1` })
    const refused = async () => {
      const body = bodyOf(other, {}, false)
      const error = await client.chat.completions.create(body, { headers: { 'idempotency-key': id } }).catch(e => e)
      expect(error).toBeInstanceOf(APIError)
      expect(error).toMatchObject({ status: 422, code: 'idempotency_key_reused', param: 'idempotency-key' })
      expect(error.headers.get('x-should-retry')).toBe('false')
    }
    const first = send({ key: key.value, once: id, body: bodyOf(id, { delay_ms: 600 }, false) })
    await isCalled(id)
    await refused()
    expect((await first).status).toBe(200)
    await refused()
    expect(upstream.callsOf(other)).toHaveLength(0)
  })

  it('of two keys, and of two tenants, never meets', async ({ expect }) => {
    const { WEIR_SETUP_TOKEN: token } = JSON.parse(readFileSync(join(weir.home, 'secrets.json'), 'utf8'))
    const { data } = await adminClient(weir.baseUrl, token).call('POST', '/v1/setup', { tenant_name: newId() })
    const stranger = await adminClient(weir.baseUrl, data.admin_key).createKey({ budgetUsd: 5 })
    const keys = [await newKey(), await newKey(), stranger]
    const id = newId()
    const answers = []
    for (const { value } of keys) answers.push(await send({ key: value, once: id, body: bodyOf(id, {}, false) }))
    expect(answers.map(({ headers }) => headers.get('x-weir-replayed'))).toEqual([null, null, null])
    expect(answers.map(({ text }) => text)).toEqual(upstream.callsOf(id).map(call => call.sent))
    expect(new Set(answers.map(({ text }) => text)).size).toBe(3)
  })

  it.for(['two words', 'x'.repeat(256), 'tab\there', ''])(
    'is refused where it is no key: %j',
    async (once, { expect }) => {
      const key = await newKey()
      const id = newId()
      const answer = await send({ key: key.value, once, body: bodyOf(id, {}, false) })
      expect(answer.status).toBe(400)
      expect(JSON.parse(answer.text).error).toMatchObject({ code: 'header_invalid', param: 'idempotency-key' })
      expect(upstream.callsOf(id)).toHaveLength(0)
    },
  )
})

it('a killed server remembers nothing of a call in flight, and the same request is sent anew; both are charged', async ({
  expect,
}) => {
  const key = await newKey()
  const id = newId()
  const sent = { key: key.value, once: id, body: bodyOf(id, { output_tokens: 5, chunks: 10, chunk_ms: 150 }, true) }
  const broken = send(sent).catch(() => 'broken')
  await isCalled(id)
  await weir.kill9()
  expect(await broken).toBe('broken')
  await weir.restart()
  expect((await send(sent)).text).toBe(upstream.callsOf(id)[1]?.sent)
  const events = await eventsOf(key.id, 2)
  expect(events.map(event => event.outcome).sort()).toEqual(['assumed', 'ok'])
})

it('a client that leaves a long stream early is charged an estimate, and with durable settlement the truth', async ({
  expect,
}) => {
  const [drained, durable] = [await newKey(), await newKey()]
  // The Worker has seen both as they were made, so that it must learn of the change.
  for (const key of [drained, durable]) await send({ key: key.value, body: bodyOf('warm', {}, false) })
  await weir.admin.updateKey(durable.id, { settlement: 'durable' })
  const leave = async (key: { id: string; value: string }) => {
    const id = newId()
    const body = bodyOf(id, { output_tokens: 800, chunks: 80, chunk_ms: 100 }, true)
    await leaveAfter({ key: key.value, body }, 8)
    const events = await until(
      () => weir.admin.listEvents({ virtual_key_id: key.id }),
      found => found.length === 2,
      25_000,
    )
    const event = events.find(one => one.is_stream)
    return { event, billed: billedNano(upstream.callsOf(id)), call: upstream.callsOf(id)[0] }
  }
  const [estimate, truth] = await Promise.all([leave(drained), leave(durable)])
  expect(estimate.event).toMatchObject({ outcome: 'estimated', success: false })
  expect(estimate.call?.isAborted).toBe(true)
  expect(eventsNano([estimate.event])).toBeLessThan(estimate.billed)
  expect(truth.call?.isAborted).toBe(false)
  expect(truth.event).toMatchObject({ outcome: 'ok', success: true, output_tokens: 800 })
  expect(eventsNano([truth.event])).toBe(truth.billed)
  expect(truth.event.latency_ms).toBeGreaterThan(7000)
})

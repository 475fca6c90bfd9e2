import { execFileSync } from 'node:child_process'
import OpenAI, { AuthenticationError, PermissionDeniedError } from 'openai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { billedNano, eventsNano, nanoOf } from '../support/price.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

type Chat = OpenAI.ChatCompletionCreateParams
type Upstream = Awaited<ReturnType<typeof startUpstream>>
type Weir = Awaited<ReturnType<typeof startWeir>>

const MODEL = 'openai/gpt-4o-mini'
const HELLO: OpenAI.ChatCompletionMessageParam[] = [{ role: 'user', content: 'Say hello.' }]

let upstream: Upstream
let weir: Weir

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

/** A fresh key, a client that uses it, and how many HTTP requests that client made. */
async function newClient(options: { budgetUsd?: number } = {}) {
  const key = await weir.admin.createKey({ budgetUsd: 5, ...options })
  return { key, ...clientWith(key.value) }
}

function clientWith(apiKey: string) {
  const sent = { count: 0 }
  const counting: typeof fetch = (input, init) => {
    sent.count++
    return fetch(input, init)
  }
  return { sent, client: new OpenAI({ apiKey, baseURL: `${weir.baseUrl}/v1`, fetch: counting }) }
}

function callId() {
  return `call-${crypto.randomUUID()}`
}

/** A request that the upstream knows by `id`, with what it is told to do. */
function chat<T extends Partial<Chat>>(id: string, wish: Record<string, unknown>, rest: T) {
  return { model: MODEL, messages: HELLO, metadata: { call: id }, x_upstream: wish, ...rest }
}

async function eventsOf(requestId: string, count = 1) {
  return until(
    () => weir.admin.listEvents({ request_id: requestId }),
    events => events.length >= count,
  )
}

async function postRaw(apiKey: string, body: unknown, headers: Record<string, string> = {}) {
  return fetch(`${weir.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify(body),
  })
}

describe('a whole answer', () => {
  it('has the provider’s content and usage, its true cost, and the caller’s request id', async ({ expect }) => {
    const { client } = await newClient()
    const id = callId()
    const body = chat(id, { output_tokens: 12 }, { seed: 7, x_unknown: { kept: [1, 2.5, null] } } as Partial<Chat>)
    const { data, response } = await client.chat.completions
      .create(body as OpenAI.ChatCompletionCreateParamsNonStreaming, { headers: { 'x-request-id': id } })
      .withResponse()

    const [call] = upstream.callsOf(id)
    expect(JSON.parse(call?.sent ?? '')).toEqual(JSON.parse(JSON.stringify(data)))
    expect(data.choices[0]?.message.content).toBe('word '.repeat(12).trim())
    expect(data.usage?.completion_tokens).toBe(12)
    expect(response.headers.get('x-request-id')).toBe(id)
    expect(nanoOf(Number(response.headers.get('x-weir-cost-usd')))).toBe(billedNano(upstream.callsOf(id)))
    expect(response.headers.get('x-weir-provider')).toBe('openai')
    expect(response.headers.get('x-weir-model')).toBe('gpt-4o-mini')
  })

  it('asks the provider with its own key and model name, and with fields that Weir does not know', async ({
    expect,
  }) => {
    const { client } = await newClient()
    const id = callId()
    const body = chat(id, {}, { seed: 7, x_unknown: { kept: [1, 2.5, null] } } as Partial<Chat>)
    await client.chat.completions.create(body as OpenAI.ChatCompletionCreateParamsNonStreaming)
    const [call] = upstream.callsOf(id)
    expect(call?.authorization).toBe('Bearer sk-upstream')
    expect(call?.model).toBe('gpt-4o-mini')
    expect(call?.body).toMatchObject({ seed: 7, messages: HELLO, x_unknown: { kept: [1, 2.5, null] } })
  })

  it('makes one event with usage, cost and attribution', async ({ expect }) => {
    const { client, key } = await newClient()
    const id = callId()
    const headers = {
      'x-request-id': id,
      'x-feature': 'search',
      'x-team': 'growth',
      'x-agent-name': 'scout',
      'x-user-id': 'u-1',
      'x-entity-type': 'ticket',
      'x-entity-id': 't-9',
      'x-weir-tags': JSON.stringify({ environment: 'e2e' }),
    }
    const body = chat(id, { prompt_tokens: 21, output_tokens: 4 }, {})
    await client.chat.completions.create(body as OpenAI.ChatCompletionCreateParamsNonStreaming, { headers })
    const [event] = await eventsOf(id)
    expect(event).toMatchObject({
      request_id: id,
      provider: 'openai',
      model: 'gpt-4o-mini',
      input_tokens: 21,
      output_tokens: 4,
      cost_nano: 21 * 150 + 4 * 600,
      success: true,
      outcome: 'ok',
      feature: 'search',
      team: 'growth',
      agent_name: 'scout',
      user_id: 'u-1',
      entity_type: 'ticket',
      entity_id: 't-9',
      tags: { environment: 'e2e' },
    })
    expect(nanoOf(event.cost_usd)).toBe(event.cost_nano)
    const detail = await weir.admin.call('GET', `/v1/events/${event.id}`)
    expect(detail).toMatchObject({ id: event.id, cost_nano: String(event.cost_nano) })
    const { budgets } = await weir.admin.getKey(key.id)
    expect(nanoOf(budgets[0].current_usage)).toBe(event.cost_nano)
  })
})

describe('a stream', () => {
  it('ends with the usage chunk when the client asked for it', async ({ expect }) => {
    const { client } = await newClient()
    const id = callId()
    const stream = await client.chat.completions.create({
      ...chat(id, { output_tokens: 9 }, {}),
      stream: true,
      stream_options: { include_usage: true },
    })
    const chunks = []
    for await (const chunk of stream) chunks.push(chunk)
    expect(chunks.map(chunk => chunk.choices[0]?.delta.content ?? '').join('')).toBe('word '.repeat(9))
    expect(chunks.at(-1)?.choices).toEqual([])
    expect(chunks.at(-1)?.usage?.completion_tokens).toBe(9)
  })

  it('has exactly the provider’s bytes when the client asked for usage', async ({ expect }) => {
    const { key } = await newClient()
    const id = callId()
    const answer = await postRaw(key.value, chat(id, {}, { stream: true, stream_options: { include_usage: true } }))
    expect(answer.headers.get('content-type')).toContain('text/event-stream')
    expect(await answer.text()).toBe(upstream.callsOf(id)[0]?.sent)
  })

  it('has the provider’s bytes without the usage chunk when the client did not ask', async ({ expect }) => {
    const { key } = await newClient()
    const id = callId()
    const answer = await postRaw(key.value, chat(id, { output_tokens: 9 }, { stream: true }), { 'x-request-id': id })
    const text = await answer.text()
    const [call] = upstream.callsOf(id)
    expect(call?.body.stream_options).toEqual({ include_usage: true })
    const events = call?.sent.split(/(?<=\n\n)/) ?? []
    expect(events.filter(event => event.includes('"choices":[]'))).toHaveLength(1)
    expect(text).toBe(events.filter(event => !event.includes('"choices":[]')).join(''))
    const [event] = await eventsOf(id)
    expect(event).toMatchObject({ outcome: 'ok', is_stream: true, output_tokens: 9 })
    expect(event.cost_nano).toBe(billedNano(upstream.callsOf(id)))
  })

  it('brings the first chunk while the provider is still writing', async ({ expect }) => {
    const { client } = await newClient()
    const started = performance.now()
    const stream = await client.chat.completions.create({
      ...chat(callId(), { chunks: 10, chunk_ms: 100 }, {}),
      stream: true,
    })
    for await (const _ of stream) break
    expect(performance.now() - started).toBeLessThan(900)
  })

  it('that is aborted in the middle is charged once, for what it used', async ({ expect }) => {
    const { client, key } = await newClient()
    const id = callId()
    const body = chat(id, { output_tokens: 40, chunks: 20, chunk_ms: 50 }, {})
    const stream = await client.chat.completions.create({ ...body, stream: true }, { headers: { 'x-request-id': id } })
    let seen = 0
    for await (const _ of stream) if (++seen === 4) stream.controller.abort()

    const [event] = await eventsOf(id)
    expect(event.cost_nano).toBe(billedNano(upstream.callsOf(id)))
    expect(event.cost_nano).toBeGreaterThan(0)
    await until(
      () => weir.admin.getKey(key.id),
      ({ budgets }) => nanoOf(budgets[0].current_usage) === event.cost_nano,
    )
    expect(await weir.admin.listEvents({ virtual_key_id: key.id })).toHaveLength(1)
    expect(upstream.callsOf(id)).toHaveLength(1)
  })

  it('without usage from the provider is counted by Weir and marked as an estimate', async ({ expect }) => {
    const { client } = await newClient()
    const id = callId()
    const body = chat(id, { output_tokens: 30, omit_usage: true }, {})
    const stream = await client.chat.completions.create({ ...body, stream: true }, { headers: { 'x-request-id': id } })
    for await (const _ of stream) {
    }
    const [event] = await eventsOf(id)
    expect(event.outcome).toBe('estimated')
    expect(event.cost_nano).toBeGreaterThan(0)
  })
})

describe('a stream that the provider breaks off', () => {
  it('breaks off for the client too, and is charged once for what came', async ({ expect }) => {
    const { key } = await newClient()
    const id = callId()
    const body = chat(id, { output_tokens: 30, chunks: 6, chunk_ms: 20, drop_after: 4 }, { stream: true })
    const answer = await postRaw(key.value, body, { 'x-request-id': id })
    await expect(answer.text()).rejects.toThrow()
    const [event] = await eventsOf(id)
    expect(event).toMatchObject({ outcome: 'estimated', success: false })
    expect(event.cost_nano).toBeGreaterThan(0)
    expect(event.cost_nano).toBeLessThanOrEqual(event.held_nano)
    expect(await weir.admin.listEvents({ request_id: id })).toHaveLength(1)
  })
})

describe('a key', () => {
  const ask = { model: MODEL, messages: HELLO }

  it('that does not exist is refused with 401, and the client does not try again', async ({ expect }) => {
    const before = upstream.calls.length
    for (const apiKey of ['sk-wrong', 'sk-bf-00000000-0000-0000-0000-000000000000']) {
      const { client, sent } = clientWith(apiKey)
      await expect(client.chat.completions.create(ask)).rejects.toBeInstanceOf(AuthenticationError)
      expect(sent.count).toBe(1)
    }
    expect(upstream.calls.length).toBe(before)
  })

  it('that is forged from a true one is refused', async ({ expect }) => {
    const { key } = await newClient()
    const middle = Math.floor(key.value.length / 2)
    const swap = (at: number) => key.value.slice(0, at) + (key.value[at] === 'A' ? 'B' : 'A') + key.value.slice(at + 1)
    for (const forged of [swap(key.value.length - 2), swap(middle), `${key.value}A`, key.value.slice(0, -1)]) {
      const { client } = clientWith(forged)
      await expect(client.chat.completions.create(ask)).rejects.toBeInstanceOf(AuthenticationError)
    }
  })

  it('that was switched off is refused at the next request', async ({ expect }) => {
    const { key, client, sent } = await newClient()
    await client.chat.completions.create(chat(callId(), {}, {}) as OpenAI.ChatCompletionCreateParamsNonStreaming)
    await weir.admin.updateKey(key.id, { is_active: false })
    const before = upstream.calls.length
    await expect(client.chat.completions.create(ask)).rejects.toBeInstanceOf(PermissionDeniedError)
    expect(upstream.calls.length).toBe(before)
    expect(sent.count).toBe(2)
    await weir.admin.updateKey(key.id, { is_active: true })
    await expect(client.chat.completions.create(ask)).resolves.toMatchObject({ object: 'chat.completion' })
  })

  it('lists the models that it may use, and no others', async ({ expect }) => {
    const grant = { provider: 'openai', allowed_models: ['gpt-4o-mini'], key_ids: ['*'] }
    const key = await weir.admin.createKey({ budgetUsd: 1, provider_configs: [grant] })
    const list = async (value: string) => {
      const ids = []
      for await (const model of clientWith(value).client.models.list()) ids.push(model.id)
      return ids
    }
    expect(await list(key.value)).toEqual(['openai/gpt-4o-mini'])
    const all = await list(weir.virtualKey)
    expect(all).toEqual(expect.arrayContaining(['openai/gpt-4o-mini', 'mock/echo']))
    const { client } = clientWith(key.value)
    await expect(client.chat.completions.create({ ...ask, model: 'openai/gpt-4o' })).rejects.toMatchObject({
      status: 403,
    })
    await expect(client.chat.completions.create({ ...ask, model: 'mock/echo' })).rejects.toMatchObject({ status: 403 })
  })
})

describe('an error of the provider', () => {
  it.for([429, 500, 503, 400])(
    'passes with its status %i, body and retry-after, and costs nothing',
    async (status, { expect }) => {
      const { key } = await newClient()
      const id = callId()
      const answer = await postRaw(key.value, chat(id, { status, retry_after: 7 }, {}), { 'x-request-id': id })
      expect(answer.status).toBe(status)
      expect(answer.headers.get('retry-after')).toBe('7')
      expect(await answer.text()).toBe(upstream.callsOf(id)[0]?.sent)
      const [event] = await eventsOf(id)
      expect(event).toMatchObject({ outcome: 'provider_error', success: false, status, cost_nano: 0 })
    },
  )
})

describe('the mock provider', () => {
  it('answers the printed curl line', async ({ expect }) => {
    const line = weir
      .output()
      .split('\n')
      .find(text => text.startsWith('curl '))
    const answer = JSON.parse(execFileSync('sh', ['-c', line ?? 'false'], { encoding: 'utf8' }))
    expect(answer.choices[0].message.content).toContain('Hello')
    expect(answer.usage.total_tokens).toBeGreaterThan(0)
  })

  it('calls the tool it is given', async ({ expect }) => {
    const { client } = await newClient()
    const parameters = { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] }
    const { choices } = await client.chat.completions.create({
      model: 'mock/tools',
      messages: [{ role: 'user', content: 'Weather in Rome?' }],
      tools: [{ type: 'function', function: { name: 'get_weather', parameters } }],
    })
    expect(choices[0]?.finish_reason).toBe('tool_calls')
    const [call] = choices[0]?.message.tool_calls ?? []
    const made = call?.type === 'function' ? call.function : undefined
    expect(made?.name).toBe('get_weather')
    expect(() => JSON.parse(made?.arguments ?? '')).not.toThrow()
  })

  it('streams', async ({ expect }) => {
    const { client } = await newClient()
    const stream = await client.chat.completions.create({ model: 'mock/echo', messages: HELLO, stream: true })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toContain('hello')
  })
})

describe('analytics', () => {
  it.for(['day', 'hour', 'provider', 'model'])(
    'by %s add up to the events, to the nano-dollar',
    async (group, { expect }) => {
      const day = (ms: number) => new Date(ms).toISOString().slice(0, 10)
      const range = {
        start_date: day(Date.now() - 86_400_000),
        end_date: day(Date.now() + 86_400_000),
        group_by: group,
      }
      const events = await weir.admin.listEvents()
      const costs = await weir.admin.call('GET', `/v1/analytics/costs?${new URLSearchParams(range)}`)
      expect(eventsNano(costs.data)).toBe(eventsNano(events))
      expect(Number(costs.summary.total_cost_nano)).toBe(eventsNano(events))
      expect(costs.summary.total_events).toBe(events.length)
      expect(eventsNano(events)).toBeGreaterThan(0)
    },
  )
})

// What becomes of a call whose provider fails, or is slow: who is asked next, what the client hears, and that each attempt is one
// event, charged once. Two vendors speak OpenAI's wire and one Anthropic's; each does with the calls of a tag as the test orders.
import Anthropic from '@anthropic-ai/sdk'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { adminClient, until } from '../support/admin.mjs'
import { eventsNano, nanoOf } from '../support/price.mjs'
import { anthropicMessages } from '../support/vendors/anthropic-messages.mjs'
import { billedBy, MODELS } from '../support/vendors/index.mjs'
import { openaiChat } from '../support/vendors/openai-chat.mjs'
import { startVendor } from '../support/vendors/serve-vendor.mjs'
import { startWeir } from '../support/weir-server.mjs'
import { CLIENTS } from './clients/index.ts'

const SETUP_TOKEN = 'setup-token-of-the-reliability-tests'
const DRAIN_MS = 1500
const OPENAI = `openai/${MODELS.openai}`
const GROQ = 'groq/llama-3.1-8b-instant'
const CLAUDE = `anthropic/${MODELS.anthropic}`
const BUDGET_USD = 1

type Vendor = Awaited<ReturnType<typeof startVendor>>
type Event = Record<string, unknown> & { attempt: number; provider: string; outcome: string; cost_nano: number }

let openai: Vendor
let groq: Vendor
let anthropic: Vendor
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  ;[openai, groq, anthropic] = await Promise.all([
    startVendor(openaiChat),
    startVendor(openaiChat),
    startVendor(anthropicMessages),
  ])
  const env = {
    OPENAI_API_KEY: 'sk-vendor',
    GROQ_API_KEY: 'sk-vendor',
    GROQ_BASE_URL: `${groq.baseUrl}/v1`,
    ANTHROPIC_API_KEY: 'sk-vendor',
    ANTHROPIC_BASE_URL: anthropic.baseUrl,
    WEIR_SETUP_TOKEN: SETUP_TOKEN,
    DRAIN_MS: String(DRAIN_MS),
    HOLD_MS: '4000',
  }
  weir = await startWeir({ upstreamUrl: `${openai.baseUrl}/v1`, env })
})

afterAll(async () => {
  await weir?.dispose()
  await Promise.all([openai, groq, anthropic].map(vendor => vendor?.stop()))
})

/** What each vendor bills for the calls of a tag; Groq has no price for what it read from a cache. */
function billed(tag: string): number {
  const ofGroq = groq.callsOf(tag).map(({ usage }) => (usage ? usage.input * 50 + usage.output * 80 : 0))
  const others = billedBy('openai', openai.callsOf(tag)) + billedBy('anthropic', anthropic.callsOf(tag))
  return ofGroq.reduce((total, cost) => total + cost, others)
}

const callsOf = (tag: string) => [openai, groq, anthropic].flatMap(vendor => vendor.callsOf(tag))

/** A key of a tenant of its own: what is known of a vendor's health is known to one tenant. */
async function openKey(reliability: Record<string, unknown> = {}, over: Record<string, unknown> = {}) {
  const headers = { authorization: `Bearer ${SETUP_TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ tenant_name: `tenant-${crypto.randomUUID()}` })
  const answer = await fetch(`${weir.baseUrl}/v1/setup`, { method: 'POST', headers, body })
  const { data } = (await answer.json()) as { data: { admin_key: string; tenant_id: string } }
  const admin = adminClient(weir.baseUrl, data.admin_key)
  const provider_configs = ['openai', 'groq', 'anthropic', 'mock'].map(provider => {
    return { provider, allowed_models: ['*'], key_ids: ['*'] }
  })
  const key = await admin.createKey({ budgetUsd: BUDGET_USD, provider_configs, reliability, ...over })
  return { admin, id: key.id as string, value: key.value as string, tenantId: data.tenant_id }
}

type Key = Awaited<ReturnType<typeof openKey>>

const newTag = () => `cell-${crypto.randomUUID()}`

type Sent = { headers?: Record<string, string>; signal?: AbortSignal; [field: string]: unknown }

function post(key: Key, tag: string, { headers = {}, signal, ...fields }: Sent = {}) {
  const body = {
    model: OPENAI,
    messages: [{ role: 'user', content: `[${tag}] Hello.` }],
    max_tokens: 200,
    ...fields,
  }
  return fetch(`${weir.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key.value}`,
      'content-type': 'application/json',
      'x-request-id': tag,
      ...headers,
    },
    body: JSON.stringify(body),
    ...(signal && { signal }),
  })
}

/** Asks, and reads all that comes; what breaks off is told as `broken`. */
async function ask(key: Key, tag: string, sent: Sent = {}) {
  const answer = await post(key, tag, sent)
  const text = await answer.text().catch(() => 'broken')
  const header = (name: string) => answer.headers.get(name)
  return {
    status: answer.status,
    text,
    provider: header('x-weir-provider'),
    attempts: header('x-weir-attempts'),
    header,
  }
}

async function eventsOf(key: Key, tag: string, count: number): Promise<Event[]> {
  const events = await until(
    () => key.admin.listEvents({ request_id: tag }),
    found => found.length >= count,
  )
  return (events as Event[]).sort((a, b) => a.attempt - b.attempt)
}

const told = (events: Event[]) => events.map(({ attempt, provider, outcome }) => `${attempt} ${provider} ${outcome}`)

/** Asks once more, and answers what the budget has left then: less than what was not spent, where something is still held. */
async function leftOf(key: Key): Promise<{ leftNano: number; spentNano: number; events: Event[] }> {
  const mark = newTag()
  const { header } = await ask(key, mark, { model: 'mock/free' })
  await eventsOf(key, mark, 1)
  const events = (await key.admin.listEvents({ virtual_key_id: key.id })) as Event[]
  return { leftNano: nanoOf(Number(header('x-weir-budget-remaining-usd'))), spentNano: eventsNano(events), events }
}

describe('an attempt that fails', () => {
  it.for([500, 503, 429])(
    'is tried again after a %s, and each try is an event of its own',
    async (status, { expect }) => {
      const key = await openKey({ max_retries: 2 })
      const tag = newTag()
      openai.order(tag, `fail ${status}`, `fail ${status}`, '')
      const seen = await ask(key, tag)
      expect(seen).toMatchObject({ status: 200, provider: 'openai', attempts: '3' })
      const events = await eventsOf(key, tag, 3)
      expect(told(events)).toEqual(['1 openai provider_error', '2 openai provider_error', '3 openai ok'])
      expect(events.map(event => event.status)).toEqual([status, status, 200])
      expect(eventsNano(events)).toBe(billed(tag))
      expect(nanoOf(Number(seen.header('x-weir-cost-usd')))).toBe(billed(tag))
      const { leftNano, spentNano } = await leftOf(key)
      expect(leftNano).toBe(nanoOf(BUDGET_USD) - spentNano)
    },
  )

  it('is tried again no sooner than its provider asked, and not at all where that is too long', async ({ expect }) => {
    const key = await openKey({ max_retries: 1 })
    const [soon, late] = [newTag(), newTag()]
    openai.order(soon, 'fail 429 retry-after 1', '')
    openai.order(late, 'fail 429 retry-after 100', '')
    const startMs = Date.now()
    expect(await ask(key, soon)).toMatchObject({ status: 200, attempts: '2' })
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(1000)
    const refused = await ask(key, late)
    expect(refused).toMatchObject({ status: 429, provider: 'openai' })
    expect(refused.text).toContain('scripted 429')
    expect(refused.header('retry-after')).toBe('100')
    expect(openai.callsOf(late)).toHaveLength(1)
  })

  it('is not tried again, nor elsewhere, where the request is at fault', async ({ expect }) => {
    const key = await openKey({ max_retries: 3, fallbacks: [GROQ] })
    const tag = newTag()
    openai.order(tag, 'fail 400')
    expect(await ask(key, tag)).toMatchObject({ status: 400, attempts: null })
    expect(callsOf(tag)).toHaveLength(1)
    expect(told(await eventsOf(key, tag, 1))).toEqual(['1 openai provider_error'])
  })

  it('is not tried again after its deadline, nor while its provider is not to be asked', async ({ expect }) => {
    const key = await openKey({ max_retries: 5 })
    const tag = newTag()
    openai.order(tag, 'wait 300 fail 500')
    const seen = await ask(key, tag, { headers: { 'x-weir-timeout-ms': '200' } })
    expect(seen).toMatchObject({ status: 500, attempts: null })
    expect(openai.callsOf(tag)).toHaveLength(1)
  })

  it('gives the client its provider’s own failure where the next is refused by a limit, or by a revoked key', async ({
    expect,
  }) => {
    const poor = await openKey({ fallbacks: [CLAUDE] }, { budgetUsd: 0.0005 })
    const tag = newTag()
    openai.order(tag, 'fail 503')
    const seen = await ask(poor, tag)
    expect(seen).toMatchObject({ status: 503, provider: 'openai' })
    expect(seen.text).toContain('scripted 503')
    expect(anthropic.callsOf(tag)).toHaveLength(0)
    const revoked = await openKey({ fallbacks: [GROQ] })
    const late = newTag()
    openai.order(late, 'wait 1500 fail 503')
    const answer = ask(revoked, late)
    await until(
      async () => openai.callsOf(late).length,
      count => count === 1,
    )
    await revoked.admin.updateKey(revoked.id, { is_active: false })
    expect(await answer).toMatchObject({ status: 503, provider: 'openai' })
    expect(groq.callsOf(late)).toHaveLength(0)
    expect(told(await eventsOf(revoked, late, 1))).toEqual(['1 openai provider_error'])
  })
})

describe('a key of a provider', () => {
  it('that is not let in gives its turn to another of the same account, with the account’s patience', async ({
    expect,
  }) => {
    const key = await openKey({}, { provider_configs: [] })
    const network_config = { base_url: `${openai.baseUrl}/v1`, default_request_timeout_in_seconds: 1 }
    const keys = [
      { name: 'revoked', value: 'sk-nobody', weight: 1 },
      { name: 'good', value: 'sk-vendor', weight: 0 },
    ]
    await key.admin.call('POST', '/api/providers', { provider: 'own', vendor: 'openai', network_config, keys })
    const provider_configs = [{ provider: 'own', allowed_models: ['*'], key_ids: ['*'] }]
    await key.admin.updateKey(key.id, { provider_configs })
    const [tag, late] = [newTag(), newTag()]
    const model = `own/${MODELS.openai}`
    expect(await ask(key, tag, { model })).toMatchObject({ status: 200, provider: 'own', attempts: '2' })
    const events = await eventsOf(key, tag, 2)
    expect(events.map(event => event.status)).toEqual([401, 200])
    expect(eventsNano(events)).toBe(billed(tag))
    openai.order(late, '', 'say nothing')
    expect(await ask(key, late, { model })).toMatchObject({ status: 502 })
    expect(told(await eventsOf(key, late, 2))).toEqual(['1 own provider_error', '2 own assumed'])
  })
})

describe('a fallback', () => {
  it('answers on another wire in the client’s words, and each attempt costs what its vendor bills', async ({
    expect,
  }) => {
    const key = await openKey({ fallbacks: [CLAUDE] })
    for (const stream of [false, true]) {
      const tag = newTag()
      openai.order(tag, 'fail 503')
      const seen = await ask(key, tag, { stream, ...(stream && { stream_options: { include_usage: true } }) })
      expect(seen).toMatchObject({ status: 200, provider: 'anthropic', attempts: '2' })
      expect(seen.text).toContain(stream ? 'chat.completion.chunk' : '"object":"chat.completion"')
      const events = await eventsOf(key, tag, 2)
      expect(told(events)).toEqual(['1 openai provider_error', '2 anthropic ok'])
      expect(eventsNano(events)).toBe(billed(tag))
      expect(billed(tag)).toBeGreaterThan(0)
    }
  })

  it('serves Anthropic’s own client from OpenAI’s wire', async ({ expect }) => {
    const key = await openKey({ fallbacks: [OPENAI] })
    const client = new Anthropic({ apiKey: key.value, authToken: null, baseURL: weir.baseUrl, maxRetries: 0 })
    for (const stream of [false, true]) {
      const tag = newTag()
      anthropic.order(tag, stream ? 'open and err' : 'fail 529')
      const messages = [{ role: 'user' as const, content: `[${tag}] Hello.` }]
      const body = { model: CLAUDE, max_tokens: 200, messages }
      const options = { headers: { 'x-request-id': tag } }
      const message = stream
        ? await client.messages.stream(body, options).finalMessage()
        : await client.messages.create(body, options)
      expect(JSON.stringify(message.content)).toContain('Grüezi')
      const events = await eventsOf(key, tag, 2)
      expect(told(events)).toEqual([`1 anthropic ${stream ? 'estimated' : 'provider_error'}`, '2 openai ok'])
    }
  })

  it('named in the body is taken, and no vendor hears of it', async ({ expect }) => {
    const key = await openKey()
    const tag = newTag()
    openai.order(tag, 'fail 500')
    expect(await ask(key, tag, { fallbacks: [GROQ] })).toMatchObject({ status: 200, provider: 'groq' })
    expect(callsOf(tag)).toHaveLength(2)
    for (const call of callsOf(tag)) expect(call.text).not.toContain('fallbacks')
    expect(await ask(key, newTag(), { fallbacks: null })).toMatchObject({ status: 200 })
    expect(await ask(key, newTag(), { fallbacks: 'groq' })).toMatchObject({ status: 400 })
    expect(await ask(key, newTag(), { headers: { 'x-weir-max-retries': '99' } })).toMatchObject({ status: 400 })
  })

  it.for(['open and err', 'open and close', 'open only'])(
    'takes the place of a stream that should %s, and the client hears one stream',
    async (order, { expect }) => {
      const key = await openKey({ fallbacks: [GROQ], first_token_ms: 700 })
      const tag = newTag()
      openai.order(tag, order)
      const seen = await ask(key, tag, { stream: true })
      expect(seen).toMatchObject({ status: 200, provider: 'groq', attempts: '2' })
      const [call] = groq.callsOf(tag)
      expect(seen.text).toBe(withoutUsage(Buffer.concat(call.sent).toString()))
      const events = await eventsOf(key, tag, 2)
      expect(told(events)).toEqual([`1 openai ${order === 'open only' ? 'assumed' : 'estimated'}`, '2 groq ok'])
      expect(eventsNano(events)).toBeGreaterThan(0)
      const { leftNano, spentNano } = await leftOf(key)
      expect(leftNano).toBe(nanoOf(BUDGET_USD) - spentNano)
    },
  )

  it('does not take the place of a stream that the client has begun to hear', async ({ expect }) => {
    const key = await openKey({ fallbacks: [GROQ], max_retries: 2 })
    const tag = newTag()
    openai.order(tag, 'close early')
    const seen = await ask(key, tag, { stream: true })
    expect(seen).toMatchObject({ status: 200, text: 'broken', provider: 'openai' })
    expect(told(await eventsOf(key, tag, 1))).toEqual(['1 openai estimated'])
    expect(callsOf(tag)).toHaveLength(1)
  })

  it('is as durable as its key wants it, and is replayed by an Idempotency-Key', async ({ expect }) => {
    const key = await openKey({ max_retries: 1, fallbacks: [GROQ] }, { settlement: 'durable' })
    const [plain, once] = [newTag(), newTag()]
    for (const tag of [plain, once]) openai.order(tag, 'fail 500')
    expect(await ask(key, plain, { stream: true })).toMatchObject({ status: 200, provider: 'groq', attempts: '3' })
    const headers = { 'idempotency-key': once }
    const [first, joined] = await Promise.all([ask(key, once, { headers }), ask(key, once, { headers })])
    expect([first.status, joined.status]).toEqual([200, 200])
    expect(first.text).toBe(joined.text)
    expect((await ask(key, once, { headers })).header('x-weir-replayed')).toBe('true')
    for (const tag of [plain, once]) {
      const events = await eventsOf(key, tag, 3)
      expect(told(events)).toEqual(['1 openai provider_error', '2 openai provider_error', '3 groq ok'])
      expect(eventsNano(events)).toBe(billed(tag))
    }
  })
})

// A client that did not ask for usage does not get the event of it.
function withoutUsage(stream: string): string {
  const events = stream.split(/(?<=\n\n)/)
  return events.filter(event => !/"choices":\[\],"usage":\{/.test(event)).join('')
}

describe('a provider that is too slow', () => {
  it('is charged its hold and is another’s turn, for an answer and for a first token', async ({ expect }) => {
    const key = await openKey({ answer_ms: 500, first_token_ms: 500, fallbacks: [GROQ] })
    for (const stream of [false, true]) {
      const tag = newTag()
      openai.order(tag, 'say nothing')
      const startMs = Date.now()
      expect(await ask(key, tag, { stream })).toMatchObject({ status: 200, provider: 'groq' })
      expect(Date.now() - startMs).toBeGreaterThanOrEqual(500)
      const events = await eventsOf(key, tag, 2)
      expect(told(events)).toEqual(['1 openai assumed', '2 groq ok'])
      expect(events[0]?.cost_nano).toBe(events[0]?.held_nano)
      expect(eventsNano(events)).toBeGreaterThanOrEqual(billed(tag))
    }
  })

  it('is a 502 where there is nobody else, and a stream is one too: its client has heard nothing', async ({
    expect,
  }) => {
    const key = await openKey({ answer_ms: 400, first_token_ms: 400 })
    for (const [order, stream] of [
      ['say nothing', false],
      ['say nothing', true],
      ['open only', true],
    ] as const) {
      const tag = newTag()
      openai.order(tag, order)
      const seen = await ask(key, tag, { stream })
      expect(seen.status).toBe(502)
      expect(seen.text).toContain('in time')
      expect(told(await eventsOf(key, tag, 1))).toEqual(['1 openai assumed'])
    }
  })
})

describe('a hedge', () => {
  it.for([false, true])(
    'that wins answers, and both are charged what they cost (stream: %s)',
    async (stream, { expect }) => {
      const key = await openKey({ hedge_after_ms: 200, fallbacks: [GROQ] })
      const tag = newTag()
      openai.order(tag, 'wait 1000')
      const seen = await ask(key, tag, { stream })
      expect(seen).toMatchObject({ status: 200, provider: 'groq', attempts: '2' })
      const events = await eventsOf(key, tag, 2)
      expect(told(events)).toEqual(['1 openai ok', '2 groq ok'])
      expect(eventsNano(events)).toBe(billed(tag))
      const { leftNano, spentNano } = await leftOf(key)
      expect(leftNano).toBe(nanoOf(BUDGET_USD) - spentNano)
    },
  )

  it.for([false, true])(
    'that loses is charged too, and is cut where it has no end (stream: %s)',
    async (stream, { expect }) => {
      const key = await openKey({ hedge_after_ms: 150, fallbacks: [GROQ] })
      for (const [order, outcome] of [
        ['wait 900', 'ok'],
        ['say nothing', 'assumed'],
      ]) {
        const tag = newTag()
        openai.order(tag, 'wait 500')
        groq.order(tag, order)
        expect(await ask(key, tag, { stream })).toMatchObject({ status: 200, provider: 'openai', attempts: null })
        expect(told(await eventsOf(key, tag, 2))).toEqual(['1 openai ok', `2 groq ${outcome}`])
        if (outcome === 'assumed')
          await until(
            async () => groq.callsOf(tag)[0]?.isAborted,
            isAborted => isAborted === true,
          )
      }
      const { leftNano, spentNano } = await leftOf(key)
      expect(leftNano).toBe(nanoOf(BUDGET_USD) - spentNano)
    },
  )

  it('is not sent where the answer comes in time, nor where no limit has room for it', async ({ expect }) => {
    const key = await openKey({ hedge_after_ms: 400, fallbacks: [GROQ] })
    const quick = newTag()
    expect(await ask(key, quick)).toMatchObject({ status: 200, provider: 'openai' })
    await key.admin.call('POST', '/v1/limits', { scope: `tenant:${key.tenantId}`, unit: 'in_flight', max: 1 })
    const alone = newTag()
    openai.order(alone, 'wait 900')
    expect(await ask(key, alone)).toMatchObject({ status: 200, provider: 'openai' })
    expect([...callsOf(quick), ...callsOf(alone)]).toHaveLength(2)
  })

  it('goes on to the next fallback where both fail, and asks nobody twice', async ({ expect }) => {
    const key = await openKey({ hedge_after_ms: 150, fallbacks: [GROQ, CLAUDE] })
    const tag = newTag()
    openai.order(tag, 'wait 600 fail 500')
    groq.order(tag, 'fail 500')
    expect(await ask(key, tag)).toMatchObject({ status: 200, provider: 'anthropic', attempts: '3' })
    expect(told(await eventsOf(key, tag, 3))).toEqual([
      '1 openai provider_error',
      '2 groq provider_error',
      '3 anthropic ok',
    ])
    expect(callsOf(tag)).toHaveLength(3)
  })
})

describe('a client that leaves', () => {
  it('before the first token of a stream that was held back is charged once, and nothing more is sent', async ({
    expect,
  }) => {
    const key = await openKey({ max_retries: 2, fallbacks: [GROQ] })
    const tag = newTag()
    openai.order(tag, 'wait 800 go slowly')
    const gone = new AbortController()
    const answer = ask(key, tag, { stream: true, signal: gone.signal }).catch(() => 'left')
    await until(
      async () => openai.callsOf(tag).length,
      count => count === 1,
    )
    gone.abort()
    expect(await answer).toBe('left')
    const [event, ...more] = await eventsOf(key, tag, 1)
    expect(event).toMatchObject({ attempt: 1, provider: 'openai' })
    expect(more).toEqual([])
    expect(callsOf(tag)).toHaveLength(1)
    const { leftNano, spentNano } = await leftOf(key)
    expect(leftNano).toBe(nanoOf(BUDGET_USD) - spentNano)
  })
})

describe('many calls at once', () => {
  it('with a failing provider pass no budget, hold nothing afterwards, and agree to the nano-dollar', async ({
    expect,
  }) => {
    const key = await openKey({ max_retries: 1, fallbacks: [GROQ] }, { budgetUsd: 0.0005 })
    const limit = await key.admin.call('POST', '/v1/limits', {
      scope: `tenant:${key.tenantId}`,
      unit: 'in_flight',
      max: 100,
    })
    const tags = Array.from({ length: 100 }, newTag)
    for (const tag of tags) openai.order(tag, 'fail 503')
    const seen = await Promise.all(tags.map(tag => ask(key, tag)))
    const served = seen.filter(one => one.status === 200).length
    expect(served).toBeGreaterThan(0)
    expect(served).toBeLessThan(100)
    const bill = tags.reduce((total, tag) => total + billed(tag), 0)
    expect(bill).toBeLessThanOrEqual(nanoOf(0.0005))
    const sent = tags.reduce((total, tag) => total + callsOf(tag).length, 0)
    await until(
      () => key.admin.listEvents({ virtual_key_id: key.id }),
      found => found.length === sent,
    )
    const { id } = limit.data ?? limit
    await key.admin.call('PUT', `/v1/limits/${id}`, { max: 1 })
    const { leftNano, spentNano, events } = await leftOf(key)
    expect(eventsNano(events)).toBe(bill)
    expect(leftNano).toBe(nanoOf(0.0005) - spentNano)
    expect(nanoOf((await key.admin.getKey(key.id)).budgets[0].current_usage)).toBe(bill)
    expect(new Set(events.map(event => event.id)).size).toBe(events.length)
  })
})

describe('a provider that fails again and again', () => {
  it('loses its turn, until a probe has found it well', async ({ expect }) => {
    const key = await openKey({ fallbacks: [GROQ] })
    const tags = Array.from({ length: 12 }, newTag)
    for (const tag of tags) openai.order(tag, 'fail 500')
    // One after the other, and slowly enough for the isolate to have told of each.
    for (const tag of tags) {
      expect(await ask(key, tag)).toMatchObject({ status: 200, provider: 'groq' })
      await new Promise(done => setTimeout(done, 260))
    }
    const asked = tags.map(tag => openai.callsOf(tag).length)
    expect(asked.slice(0, 4)).toEqual([1, 1, 1, 1])
    expect(asked.slice(-4)).toEqual([0, 0, 0, 0])
    const found = await until(
      () => ask(key, newTag()),
      ({ provider }) => provider === 'openai',
    )
    expect(found).toMatchObject({ status: 200, attempts: null })
    await new Promise(done => setTimeout(done, 300))
    expect(await ask(key, newTag())).toMatchObject({ status: 200, provider: 'openai' })
  })
})

describe('a server that is killed', () => {
  it('in the middle of a fallback has charged every attempt once when it is back', async ({ expect }) => {
    const key = await openKey({ fallbacks: [GROQ] })
    const tags = Array.from({ length: 6 }, newTag)
    for (const [index, tag] of tags.entries()) {
      openai.order(tag, `wait ${index * 60} fail 503`)
      groq.order(tag, index % 2 === 0 ? 'wait 150' : 'wait 5000')
    }
    const answers = tags.map((tag, index) => ask(key, tag, { stream: index > 2 }).catch(() => 'killed'))
    await until(
      async () => tags.filter(tag => groq.callsOf(tag).length > 0).length,
      count => count >= 5,
    )
    await weir.kill9()
    await Promise.all(answers)
    await weir.restart()
    const sent = tags.reduce((total, tag) => total + callsOf(tag).length, 0)
    const events = (await until(
      () => key.admin.listEvents({ virtual_key_id: key.id }),
      found => found.length >= sent,
      50_000,
    )) as Event[]
    expect(events.map(event => event.id)).toHaveLength(new Set(events.map(event => event.id)).size)
    for (const tag of tags) {
      const [mine, calls] = [events.filter(event => event.request_id === tag), callsOf(tag)]
      // A hold that was written and not yet sent is charged too: nobody is left to say that it was not.
      expect(mine.length).toBeGreaterThanOrEqual(calls.length)
      expect(mine.length).toBeLessThanOrEqual(calls.length + 1)
      expect(eventsNano(mine)).toBeGreaterThanOrEqual(billed(tag))
    }
    const { leftNano, spentNano } = await leftOf(key)
    expect(leftNano).toBe(nanoOf(BUDGET_USD) - spentNano)
  }, 90_000)
})

describe('a real client', () => {
  it.for(['openai (chat)', 'openai (responses)', '@anthropic-ai/sdk', '@google/genai'])(
    'hears a fallback in its own words, whole and streamed: %s',
    async (name, { expect }) => {
      const key = await openKey({ fallbacks: [CLAUDE] })
      const tag = newTag()
      // It has no responses, so that it is not there for who asks for them: that fails too.
      openai.order(tag, 'fail 503', 'open and close')
      const client = CLIENTS[name]?.make({ baseUrl: weir.baseUrl, apiKey: key.value, model: OPENAI, tag })
      expect(await client?.chat(`[${tag}] Hello.`)).toContain('Grüezi')
      expect(await client?.stream(`[${tag}] Hello.`)).toContain('Grüezi')
      const events = await eventsOf(key, tag, 4)
      expect(events.map(({ provider }) => provider).sort()).toEqual(['anthropic', 'anthropic', 'openai', 'openai'])
      expect(eventsNano(events.filter(({ provider }) => provider === 'anthropic'))).toBe(
        billedBy('anthropic', anthropic.callsOf(tag)),
      )
    },
  )
})

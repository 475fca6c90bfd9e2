import type OpenAI from 'openai'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { ask as askBy, bytesOf, chat, clientOf, exactChat } from '../support/ask.mjs'
import { LEVELS, limited as limitedBy, limitTeam } from '../support/limited.mjs'
import { billedNano, eventsNano, nanoOf } from '../support/price.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

type Expect = typeof import('vitest').expect
type Budget = Parameters<typeof limitedBy>[2]
type Level = (typeof LEVELS)[number]
type Chat = ReturnType<typeof chat>

const INPUT_NANO = 150
const OUTPUT_NANO = 600

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl })
})

afterAll(async () => {
  await weir?.dispose()
  await upstream?.stop()
})

const usd = (nano: number) => nano / 1e9
const many = <T>(count: number, make: () => T) => Array.from({ length: count }, make)

/** What a strict hold sets aside for the input of a request, in nano-dollars: a token for each byte. */
const inputHold = (body: Chat) => bytesOf(body) * INPUT_NANO

const ask = (key: { value: string }, body: Chat) => askBy(clientOf(weir.baseUrl, key.value), body)

type Answer = Awaited<ReturnType<typeof ask>>
const passed = (answers: Answer[]) => answers.filter(({ status }) => status === 200)
const refused = (answers: Answer[]) => answers.filter(({ status }) => status !== 200)
const callsOf = (bodies: Chat[]) => bodies.flatMap(({ metadata }) => upstream.callsOf(metadata.call))

async function eventsOf(keyId: string, count: number) {
  const ofKey = () => weir.admin.listEvents({ virtual_key_id: keyId })
  return until(ofKey, events => events.length >= count)
}

const limited = (level: Level, budget: Budget) => limitedBy(weir.admin, level, budget)
type Limited = Awaited<ReturnType<typeof limited>>

/** The upstream's bill, the events and what the budget shows are one number, which is answered. */
async function oneNumber(expect: Expect, { key, used }: Limited, answers: Answer[]) {
  const billed = billedNano(callsOf(answers.map(({ body }) => body)))
  const count = passed(answers).length
  expect(callsOf(answers.map(({ body }) => body))).toHaveLength(count)
  const events = await eventsOf(key.id, count)
  expect([events.length, eventsNano(events), await used()]).toEqual([count, billed, billed])
  return billed
}

describe.for(LEVELS)('a budget that clamps, of a %s', level => {
  const FLOOR = 64
  const clampAt = (nano: number) => ({ max_limit: usd(nano), on_exceed: 'clamp', clamp_floor: FLOOR })

  it('lowers the cap to the largest that fits, says so, and refuses what is left no more than its floor', async ({
    expect,
  }) => {
    const make = () => chat({ prompt_tokens: 20, output_tokens: 5000 }, { max_tokens: 5000 })
    const inputNano = inputHold(make())
    const limit = await limited(level, clampAt(inputNano + 300 * OUTPUT_NANO + (OUTPUT_NANO - 1)))
    const first = await ask(limit.key, make())
    expect(first.headers?.get('x-weir-clamped-max-tokens')).toBe('300')
    expect(callsOf([first.body])).toMatchObject([{ body: { max_tokens: 300 }, completionTokens: 300 }])
    expect(first.data?.choices[0]?.finish_reason).toBe('length')
    const spent = await oneNumber(expect, limit, [first])

    const atFloor = spent + inputNano + FLOOR * OUTPUT_NANO
    await limit.change(clampAt(atFloor - 1))
    const over = await ask(limit.key, make())
    expect(over).toMatchObject({ status: 429, code: 'budget_exceeded' })
    expect(over.details).toMatchObject({ scope: limit.scope, spent, remaining: atFloor - 1 - spent })
    expect(over.message).toContain(limit.scope)
    expect(callsOf([over.body])).toEqual([])
    await limit.change(clampAt(atFloor))
    const last = await ask(limit.key, make())
    expect([last.status, last.headers.get('x-weir-clamped-max-tokens')]).toEqual([200, String(FLOOR)])
    await oneNumber(expect, limit, [first, last])
  })

  it('is never passed, and is used up until not even the floor fits, when 40 requests come at once', async ({
    expect,
  }) => {
    const make = () => exactChat(1000, 50)
    const inputNano = inputHold(make())
    const budgetNano = 20 * (inputNano + 400 * OUTPUT_NANO)
    const limit = await limited(level, clampAt(budgetNano))
    const answers = await Promise.all(many(40, () => ask(limit.key, make())))
    const billed = await oneNumber(expect, limit, answers)
    expect(billed).toBeLessThanOrEqual(budgetNano)
    expect(refused(answers).length).toBeGreaterThan(0)
    for (const { status, code, details } of refused(answers)) {
      expect([status, code, details.scope]).toEqual([429, 'budget_exceeded', limit.scope])
      expect(details.needed).toBeGreaterThan(details.remaining)
    }
    expect(budgetNano - billed).toBeLessThan(inputNano + FLOOR * OUTPUT_NANO)
    const caps = passed(answers).flatMap(({ headers }) => headers.get('x-weir-clamped-max-tokens') ?? [])
    expect(caps.length).toBeGreaterThan(0)
    for (const cap of caps) expect(Number(cap)).toBeGreaterThanOrEqual(FLOOR)
  })
})

it('a refusal by another limit says how far the cap had been lowered', async ({ expect }) => {
  const make = () => chat({ prompt_tokens: 20, output_tokens: 5000 }, { max_tokens: 5000 })
  const team = await limitTeam(weir.admin, { max_limit: usd(1000) })
  const clamps = { max_limit: usd(inputHold(make()) + 100 * OUTPUT_NANO), on_exceed: 'clamp' }
  const { key } = await limited('key', { ...clamps, rest: { team_id: team.id } })
  const answer = await ask(key, make())
  expect(answer).toMatchObject({ status: 429, details: { scope: team.scope, max: 1000, spent: 0 } })
  expect(answer.headers?.get('x-weir-clamped-max-tokens')).toBe('100')
  expect(callsOf([answer.body])).toEqual([])
})

describe.for(LEVELS)('a budget that only warns, of a %s', level => {
  it('lets pass what it counts beyond its maximum, and refuses at once when it is to refuse again', async ({
    expect,
  }) => {
    const budget = { max_limit: usd(1000) }
    const limit = await limited(level, { ...budget, on_exceed: 'warn' })
    const answers = await Promise.all(many(8, () => ask(limit.key, exactChat(20))))
    expect(passed(answers)).toHaveLength(8)
    const spent = await oneNumber(expect, limit, answers)
    expect(spent).toBeGreaterThan(8 * 20 * OUTPUT_NANO)
    await limit.change({ ...budget, on_exceed: 'refuse' })
    const after = await Promise.all(many(8, () => ask(limit.key, exactChat(20))))
    for (const { status, details } of after) {
      expect([status, details]).toMatchObject([429, { scope: limit.scope, spent, max: 1000, remaining: 0 }])
    }
    await limit.change({ ...budget, on_exceed: 'warn' })
    const again = await ask(limit.key, exactChat(20))
    expect(again.status).toBe(200)
    await oneNumber(expect, limit, [...answers, again])
  })
})

describe('a limit that downgrades', () => {
  const DEAR = 'openai/gpt-4o'
  const CHEAP = 'openai/gpt-4o-mini'
  const make = (model = DEAR) => chat({ prompt_tokens: 20, output_tokens: 30 }, { max_tokens: 50, model })

  /** Limits of models, which are the whole tenant's, for as long as `during` runs. */
  async function withLimits(limits: [model: string, to: string | null][], during: (ids: string[]) => Promise<void>) {
    const ids: string[] = []
    try {
      for (const [model, downgrade_to] of limits) {
        const size = { unit: 'nano_usd', max_usd: usd(1000), duration: '1d' }
        const scope = `model:${model.replace('openai/', '')}/provider:openai`
        const on_exceed = downgrade_to === null ? 'refuse' : 'downgrade'
        ids.push((await weir.admin.call('POST', '/v1/limits', { ...size, scope, on_exceed, downgrade_to })).data.id)
      }
      await during(ids)
    } finally {
      for (const id of ids) await weir.admin.call('DELETE', `/v1/limits/${id}`)
    }
  }

  it('sends a request to the cheaper model, and header and event tell of both', async ({ expect }) => {
    const key = await weir.admin.createKey({ budgetUsd: 1 })
    await withLimits([[DEAR, CHEAP]], async () => {
      const answer = await ask(key, make())
      expect([answer.status, answer.headers.get('x-weir-downgraded-from')]).toEqual([200, DEAR])
      expect(answer.headers.get('x-weir-model')).toBe('gpt-4o-mini')
      const calls = callsOf([answer.body])
      expect(calls.map(({ model }) => model)).toEqual(['gpt-4o-mini'])
      const [event] = await eventsOf(key.id, 1)
      const cost_nano = 20 * INPUT_NANO + 30 * OUTPUT_NANO
      expect(billedNano(calls)).toBe(cost_nano)
      expect(event).toMatchObject({ requested_model: DEAR, model: 'gpt-4o-mini', cost_nano, outcome: 'ok' })
    })
    const dear = await ask(key, make())
    expect([dear.status, dear.headers.get('x-weir-downgraded-from')]).toEqual([200, null])
    expect((await eventsOf(key.id, 2)).map(({ model }) => model).sort()).toEqual(['gpt-4o', 'gpt-4o-mini'])
  })

  it.for([
    ['the key may not use', CHEAP, ['gpt-4o']],
    ['nobody has', 'openai/gpt-nonesuch', ['*']],
    ['no provider has', 'nonesuch/gpt-4o-mini', ['*']],
  ] as const)(
    'refuses as it would have where it names a model that %s',
    async ([, downgradeTo, allowed], { expect }) => {
      const provider_configs = [{ provider: 'openai', allowed_models: allowed, key_ids: ['*'] }]
      const key = await weir.admin.createKey({ provider_configs })
      await withLimits([[DEAR, downgradeTo]], async ([limit_id]) => {
        const answer = await ask(key, make())
        expect(answer).toMatchObject({ status: 429, code: 'budget_exceeded' })
        expect(answer.details).toMatchObject({ limit_id, scope: 'model:gpt-4o/provider:openai', max: 1000, spent: 0 })
        expect(callsOf([answer.body])).toEqual([])
      })
    },
  )

  it('names the limit that refuses the cheaper model where that does not fit either', async ({ expect }) => {
    const key = await weir.admin.createKey({})
    const limits: [string, string | null][] = [
      [DEAR, CHEAP],
      [CHEAP, null],
    ]
    await withLimits(limits, async ([, limit_id]) => {
      const answer = await ask(key, make(DEAR))
      expect(answer).toMatchObject({ status: 429, code: 'budget_exceeded', details: { limit_id, max: 1000 } })
      expect(answer.headers?.get('x-weir-downgraded-from')).toBe(DEAR)
      expect(callsOf([answer.body])).toEqual([])
    })
  })

  it.for([DEAR, CHEAP])('does not go round with another that names its model: %s', async (model, { expect }) => {
    const key = await weir.admin.createKey({})
    const pair: [string, string][] = [
      [DEAR, CHEAP],
      [CHEAP, DEAR],
    ]
    await withLimits(pair, async () => {
      const answer = await ask(key, make(model))
      expect(answer).toMatchObject({ status: 429, code: 'budget_exceeded', details: { max: 1000 } })
      expect(answer.details.scope).toMatch(/^model:gpt-4o/)
      expect(callsOf([answer.body])).toEqual([])
    })
  })
})

describe('a stream of a key that holds what it expects', () => {
  const EXPECTED = { admission_mode: 'expected', expected_output_tokens: 50 }
  const CHUNK_TOKENS = 10
  const CHUNK_MS = 20
  /** What a chunk is counted as: a token for four bytes. */
  const CHUNK_NANO = Math.ceil((CHUNK_TOKENS * 5) / 4) * OUTPUT_NANO
  /** The provider goes on while the fuse is told that there is no more: half a second of it, for a busy machine. */
  const LATE_NANO = (500 / CHUNK_MS) * CHUNK_NANO

  function stream(tokens: number, { chunk_ms = CHUNK_MS, ...rest }: Record<string, unknown> = {}) {
    const wish = { prompt_tokens: 20, output_tokens: tokens, chunks: tokens / CHUNK_TOKENS, chunk_ms }
    return chat(wish, { stream: true, ...rest })
  }

  /** Hears a stream to its end, with the official client; rejects where that does not end as it should. */
  async function hear(key: { value: string }, body: Chat) {
    const asked = body as unknown as OpenAI.ChatCompletionCreateParamsStreaming
    const { data, response } = await clientOf(weir.baseUrl, key.value).chat.completions.create(asked).withResponse()
    const chunks: OpenAI.ChatCompletionChunk[] = []
    for await (const chunk of data) chunks.push(chunk)
    const endings = chunks.flatMap(({ choices }) => choices).filter(({ finish_reason }) => finish_reason !== null)
    const text = chunks.map(({ choices }) => choices[0]?.delta.content ?? '').join('')
    const heldNano = nanoOf(Number(response.headers.get('x-weir-held-usd')))
    return {
      chunks,
      endings,
      text,
      heldNano,
      usage: chunks.at(-1)?.usage,
      call: upstream.callsOf(body.metadata.call)[0],
    }
  }

  /** The hold that it begins with: a token for three bytes. */
  const firstHold = (body: Chat, n = 1) => Math.ceil(bytesOf(body) / 3) * INPUT_NANO + n * 50 * OUTPUT_NANO

  it.for(LEVELS)(
    'holds little at first and more as it goes on, and is not cut while there is room: of a %s',
    async (level, { expect }) => {
      const limit = await limited(level, { max_limit: 0.1 })
      const strict = await hear(limit.key, stream(10))
      await weir.admin.updateKey(limit.key.id, EXPECTED)
      const long = await hear(limit.key, stream(3000, { chunk_ms: 5 }))
      expect(long.heldNano).toBe(firstHold(stream(3000, { chunk_ms: 5 })))
      expect(strict.heldNano).toBeGreaterThan(50 * long.heldNano)
      expect(long.endings).toMatchObject([{ finish_reason: 'stop' }])
      expect(long.text).toBe('word '.repeat(3000))
      const events = await eventsOf(limit.key.id, 2)
      const event = events.find(({ output_tokens }) => output_tokens === 3000)
      expect(event).toMatchObject({ outcome: 'ok', cost_nano: billedNano([long.call]) })
      expect(event.held_nano).toBeGreaterThanOrEqual(event.cost_nano)
      expect(await limit.used()).toBe(eventsNano(events))
    },
  )

  it.for(LEVELS)(
    'is ended cleanly, and the provider stopped, where the budget ends in mid-stream: of a %s',
    async (level, { expect }) => {
      const body = stream(3000, { stream_options: { include_usage: true } })
      const budgetNano = firstHold(body) + 500 * OUTPUT_NANO
      const limit = await limited(level, { max_limit: usd(budgetNano) })
      await weir.admin.updateKey(limit.key.id, EXPECTED)
      const cut = await hear(limit.key, body)
      expect(cut.endings).toMatchObject([{ index: 0, finish_reason: 'length' }])
      expect(cut.text.length).toBeGreaterThan(0)
      const [event] = await eventsOf(limit.key.id, 1)
      expect(event).toMatchObject({ outcome: 'estimated', success: true, is_stream: true })
      const { input_tokens: prompt_tokens, output_tokens: completion_tokens } = event
      expect(cut.usage).toMatchObject({ prompt_tokens, completion_tokens })
      await until(
        async () => cut.call?.isAborted,
        isAborted => isAborted === true,
      )
      const sent = (cut.call?.heard.split('word ').length ?? 0) - 1
      expect(20 * INPUT_NANO + sent * OUTPUT_NANO).toBeLessThanOrEqual(budgetNano + LATE_NANO)
      expect(event.cost_nano).toBeLessThanOrEqual(budgetNano + LATE_NANO)
      // Not before the last that could be had was used.
      expect(event.cost_nano).toBeGreaterThan(budgetNano - 4 * CHUNK_NANO)
      expect(await limit.used()).toBe(event.cost_nano)
      expect(await hear(limit.key, body).catch(thrown => thrown)).toMatchObject({
        status: 429,
        code: 'budget_exceeded',
      })
    },
  )

  it('ends every choice of its stream, and a whole wire without usage where none was asked for', async ({ expect }) => {
    const body = stream(3000, { n: 2 })
    const budgetNano = firstHold(body, 2) + 500 * OUTPUT_NANO
    const limit = await limited('key', { max_limit: usd(budgetNano) })
    await weir.admin.updateKey(limit.key.id, EXPECTED)
    const headers = { authorization: `Bearer ${limit.key.value}`, 'content-type': 'application/json' }
    const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    })
    const events = (await answer.text()).split('\n\n')
    expect(events.slice(-2)).toEqual(['data: [DONE]', ''])
    const last = JSON.parse((events.at(-3) ?? '').replace(/^data: /, ''))
    expect(last.choices).toEqual([0, 1].map(index => ({ index, delta: {}, finish_reason: 'length' })))
    expect(events.join('')).not.toMatch(/"usage":\s*\{/)
    const [event] = await eventsOf(limit.key.id, 1)
    expect(event).toMatchObject({ outcome: 'estimated' })
    expect(event.cost_nano).toBeLessThanOrEqual(budgetNano + LATE_NANO)
  })

  it('is passed by no more than each can be late when 20 of them share a budget that is too small for all', async ({
    expect,
  }) => {
    const make = () => stream(600, { stream_options: { include_usage: true } })
    const budgetNano = 20 * firstHold(make()) + 3000 * OUTPUT_NANO
    const limit = await limited('team', { max_limit: usd(budgetNano) })
    await weir.admin.updateKey(limit.key.id, EXPECTED)
    const heard = await Promise.all(many(20, () => hear(limit.key, make())))
    const cut = heard.filter(({ endings }) => endings[0]?.finish_reason === 'length')
    expect(cut.length).toBeGreaterThan(0)
    const events = await eventsOf(limit.key.id, 20)
    expect(eventsNano(events)).toBeLessThanOrEqual(budgetNano + cut.length * LATE_NANO)
    expect(await limit.used()).toBe(eventsNano(events))
  })
})

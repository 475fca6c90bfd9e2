import OpenAI, { RateLimitError } from 'openai'
import { afterAll, beforeAll, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { billedNano, eventsNano, nanoOf } from '../support/price.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

const PARALLEL = 200
const COVERED = 40
const MAX_TOKENS = 50

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

/** Every body has the same length, so every hold the same size. */
function body(name: string, promptTokens: number, outputTokens = MAX_TOKENS) {
  return JSON.stringify({
    model: 'openai/gpt-4o-mini',
    messages: [{ role: 'user', content: 'The same text every time.' }],
    max_tokens: MAX_TOKENS,
    metadata: { call: name.padEnd(24, '.') },
    x_upstream: {
      prompt_tokens: String(promptTokens).padStart(6, '0'),
      output_tokens: String(outputTokens).padStart(6, '0'),
      delay_ms: 20,
    },
  })
}

async function send(apiKey: string, text: string) {
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'application/json' },
    body: text,
  })
  return { status: answer.status, headers: answer.headers, json: JSON.parse(await answer.text()) }
}

async function eventsOfKey(id: string, count: number) {
  return until(
    () => weir.admin.listEvents({ virtual_key_id: id }),
    events => events.length >= count,
  )
}

/** What one such request holds, as its event tells. */
async function measureHold() {
  const key = await weir.admin.createKey({ budgetUsd: 1 })
  await send(key.value, body('measure', 10))
  const [event] = await eventsOfKey(key.id, 1)
  return event.held_nano as number
}

function callsNamed(prefix: string) {
  return upstream.calls.filter(call => call.name.startsWith(prefix))
}

/** 200 requests at once; what the upstream billed, the events and the counter must be one number. */
async function race(
  expect: typeof import('vitest').expect,
  run: { name: string; held: number; promptTokens: number; outputTokens: number },
) {
  const budgetNano = run.held * COVERED
  const key = await weir.admin.createKey({ budgetUsd: budgetNano / 1e9 })
  const bodies = Array.from({ length: PARALLEL }, (_, index) =>
    body(`${run.name}-${String(index).padStart(3, '0')}`, run.promptTokens, run.outputTokens),
  )
  const answers = await Promise.all(bodies.map(text => send(key.value, text)))
  const admitted = answers.filter(answer => answer.status === 200)
  const refused = answers.filter(answer => answer.status !== 200)

  expect(refused.every(answer => answer.status === 429 && answer.json.error.code === 'budget_exceeded')).toBe(true)
  expect(callsNamed(run.name)).toHaveLength(admitted.length)
  const events = await eventsOfKey(key.id, admitted.length)
  expect(events).toHaveLength(admitted.length)
  const billed = billedNano(callsNamed(run.name))
  expect(billed).toBeLessThanOrEqual(budgetNano)
  expect(eventsNano(events)).toBe(billed)
  const [budget] = (await weir.admin.getKey(key.id)).budgets
  expect(nanoOf(budget.current_usage)).toBe(billed)
  return { admitted, refused }
}

it('admits exactly what a budget covers when 200 requests come at once and each costs its hold', async ({ expect }) => {
  const held = await measureHold()
  const promptTokens = Math.floor((held - MAX_TOKENS * 600) / 150)
  const run = { name: 'exact', held, promptTokens, outputTokens: MAX_TOKENS }
  const { admitted, refused } = await race(expect, run)
  expect(admitted).toHaveLength(COVERED)
  expect(refused).toHaveLength(PARALLEL - COVERED)
})

it('never overspends when 200 requests come at once and most of each hold comes back', async ({ expect }) => {
  const held = await measureHold()
  const { admitted } = await race(expect, { name: 'cheap', held, promptTokens: 9, outputTokens: 3 })
  expect(admitted.length).toBeGreaterThanOrEqual(COVERED)
})

it('tells whose budget is spent, what is left and when it resets, and the client does not try again', async ({
  expect,
}) => {
  const held = await measureHold()
  const key = await weir.admin.createKey({ budgetUsd: (held * 1.5) / 1e9 })
  const promptTokens = Math.floor((held - MAX_TOKENS * 600) / 150)
  expect((await send(key.value, body('spend', promptTokens))).status).toBe(200)
  await eventsOfKey(key.id, 1)

  let requests = 0
  const counting: typeof fetch = (input, init) => {
    requests++
    return fetch(input, init)
  }
  const client = new OpenAI({ apiKey: key.value, baseURL: `${weir.baseUrl}/v1`, fetch: counting })
  const before = upstream.calls.length
  const refused = client.chat.completions.create(JSON.parse(body('over', promptTokens)))
  const error = await refused.then(
    () => expect.unreachable('it should have been refused'),
    thrown => thrown,
  )
  expect(error).toBeInstanceOf(RateLimitError)
  expect(requests).toBe(1)
  expect(upstream.calls.length).toBe(before)
  expect(error).toMatchObject({ status: 429, type: 'budget_exceeded', code: 'budget_exceeded' })
  expect(error.headers.get('x-should-retry')).toBe('false')
  expect(Number(error.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(error.message).toContain(`virtual_key:${key.id}`)
  const { details } = error.error
  expect(details).toMatchObject({ unit: 'nano_usd', remaining: details.max - details.spent, held: 0, needed: held })
  expect(Date.parse(details.resets_at)).toBeGreaterThan(Date.now())

  const { json } = await send(key.value, body('over', promptTokens))
  expect(json).toMatchObject({ type: 'budget_exceeded', is_bifrost_error: false, status_code: 429, extra_fields: {} })
  const [budget] = (await weir.admin.getKey(key.id)).budgets
  expect(nanoOf(budget.current_usage)).toBe(details.spent)
})

it('a request limit refuses with 429 and lets a following window pass', async ({ expect }) => {
  const key = await weir.admin.createKey({ rate_limit: { request_max_limit: 3, request_reset_duration: '1m' } })
  const answers = []
  for (let index = 0; index < 4; index++) answers.push(await send(key.value, body(`limit-${index}`, 5)))
  expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 429])
  expect(answers[3]?.json.error.code).toBe('request_limited')
  expect(Number(answers[3]?.headers.get('retry-after'))).toBeLessThanOrEqual(60)
})

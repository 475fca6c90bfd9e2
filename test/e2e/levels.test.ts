import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import { ask, clientOf, exactChat } from '../support/ask.mjs'
import { FOUR_METERS, limited, limitTeam } from '../support/limited.mjs'
import { billedNano, eventsNano } from '../support/price.mjs'
import { startUpstream } from '../support/upstream.mjs'
import { startWeir } from '../support/weir-server.mjs'

type Refusal = {
  error: { type: string; message: string; details: { scope: string; needed: number; remaining: number } }
}
type Level = { id: string; budgets: { current_usage: number }[] }

let upstream: Awaited<ReturnType<typeof startUpstream>>
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  upstream = await startUpstream()
  weir = await startWeir({ upstreamUrl: upstream.baseUrl })
})

afterAll(async () => {
  await weir.dispose()
  await upstream.stop()
})

const admin = (method: string, path: string, body?: unknown) => weir.admin.call(method, `/api/governance/${path}`, body)
const budgets = (max_limit: number) => [{ max_limit, reset_duration: '1M' }]

async function send(key: string, call: string) {
  const body = {
    model: 'openai/gpt-4o-mini',
    max_tokens: 20,
    metadata: { call },
    messages: [{ role: 'user', content: 'levels' }],
    x_upstream: { prompt_tokens: 10, output_tokens: 20 },
  }
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', 'x-feature': 'levels' }
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  })
  return { status: answer.status, body: (await answer.json()) as Refusal }
}

async function sendAs(key: string, names: Record<string, string>) {
  const body = {
    ...{ model: 'openai/gpt-4o-mini', max_tokens: 20, messages: [{ role: 'user', content: 'joined' }] },
    x_upstream: { prompt_tokens: 10, output_tokens: 20 },
  }
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...names }
  const init = { method: 'POST', headers, body: JSON.stringify(body) }
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, init)
  return { status: answer.status, body: (await answer.json()) as Refusal }
}

async function burst(keys: string[], total: number, width: number) {
  let next = 0
  const answers: Awaited<ReturnType<typeof send>>[] = []
  const worker = async () => {
    while (next < total) {
      const n = next++
      answers.push(await send(keys[n % keys.length] ?? '', `level-${n}`))
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return answers
}

async function organisation(customerUsd: number, teamUsd: number, keys: number) {
  const name = crypto.randomUUID()
  const { customer } = await admin('POST', 'customers', { name, budgets: budgets(customerUsd) })
  const { team } = await admin('POST', 'teams', { name, customer_id: customer.id, budgets: budgets(teamUsd) })
  const make = () => weir.admin.createKey({ budgetUsd: 1, team_id: team.id })
  const made = await Promise.all(Array.from({ length: keys }, make))
  return { customer: customer as Level, team: team as Level, keys: made.map(key => key.value as string), made }
}

const usage = async (path: string, member: string) =>
  ((await admin('GET', path))[member] as Level).budgets[0]?.current_usage

describe('a budget over many keys', () => {
  it('is spent to its end and not beyond, through team and customer, and every level agrees', async ({ expect }) => {
    const { customer, team, keys } = await organisation(0.004, 0.003, 6)
    const answers = await burst(keys, 600, 64)
    const ok = answers.filter(answer => answer.status === 200)
    const refused = answers.filter(answer => answer.status === 429)
    expect(ok.length + refused.length).toBe(600)
    const spentUsd = (ok.length * (10 * 150 + 20 * 600)) / 1e9
    expect(spentUsd).toBeLessThanOrEqual(0.003)
    for (const { body } of refused) {
      expect(body.error.details.needed).toBeGreaterThan(body.error.details.remaining)
      expect(body.error.message).toContain(`team:${team.id}`)
    }
    const events = await until(
      () => weir.admin.listEvents({ feature: 'levels' }),
      list => list.length >= ok.length,
    )
    expect(events.reduce((sum, event) => sum + Number(event.cost_nano), 0)).toBe(Math.round(spentUsd * 1e9))
    expect(await usage(`teams/${team.id}`, 'team')).toBeCloseTo(spentUsd, 12)
    expect(await usage(`customers/${customer.id}`, 'customer')).toBeCloseTo(spentUsd, 12)
    expect(upstream.stats().calls).toBe(ok.length)
  }, 60_000)

  it('stops at the next request when it is lowered, goes on when it is raised, and follows a key that moves', async ({
    expect,
  }) => {
    const { team, keys, made } = await organisation(1, 1, 2)
    const [key = ''] = keys
    expect((await send(key, 'a')).status).toBe(200)
    await admin('PUT', `teams/${team.id}`, { budgets: budgets(0.00002) })
    expect((await send(key, 'b')).body.error.details.scope).toBe(`team:${team.id}`)
    await admin('PUT', `teams/${team.id}`, { budgets: budgets(1) })
    expect((await send(key, 'c')).status).toBe(200)
    const poor = await organisation(0.00001, 1, 1)
    await admin('PUT', `virtual-keys/${made[0].id}`, { team_id: poor.team.id })
    expect((await send(key, 'd')).body.error.details.scope).toBe(`customer:${poor.customer.id}`)
    expect((await send(keys[1] ?? '', 'e')).status).toBe(200)
    expect(await usage(`teams/${team.id}`, 'team')).toBeCloseTo((3 * 13_500) / 1e9, 12)
  }, 60_000)
})

type Asked = Awaited<ReturnType<typeof ask>>

const TOKENS = 50
const askAs = (key: { value: string }, body = exactChat(TOKENS)) => ask(clientOf(weir.baseUrl, key.value), body)
const askAll = (key: { value: string }, count: number) =>
  Promise.all(Array.from({ length: count }, () => askAs(key, exactChat(TOKENS, 20))))

/** What one of these requests costs, which is also what it holds. */
const COST_NANO = billedNano([{ promptTokens: exactChat(TOKENS).x_upstream.prompt_tokens, completionTokens: TOKENS }])
const usdFor = (requests: number) => (requests * COST_NANO) / 1e9

const outcomesOf = (answers: Asked[]) => [
  ...new Set(answers.map(({ status, code }) => `${status} ${code ?? ''}`.trim())),
]
const passed = (answers: Asked[]) => answers.filter(({ status }) => status === 200)

/** Waits until a key has so many events; answers what they come to. */
async function eventsNanoOf(key: { id: string }, count: number) {
  const ask = () => weir.admin.listEvents({ virtual_key_id: key.id })
  const events = await until(ask, list => list.length >= count)
  return [events.length, eventsNano(events)]
}

const billOf = (answers: Asked[]) => billedNano(answers.flatMap(({ body }) => upstream.callsOf(body.metadata.call)))

describe('a key with several meters', () => {
  it('lets pass exactly what its budget covers when 200 requests come at once', async ({ expect }) => {
    const { key, used } = await limited(weir.admin, 'sharded key', { max_limit: usdFor(40) })
    const answers = await askAll(key, 200)
    expect(passed(answers)).toHaveLength(40)
    expect(outcomesOf(answers).sort()).toEqual(['200', '429 budget_exceeded'])
    expect(billOf(answers)).toBe(40 * COST_NANO)
    expect(await eventsNanoOf(key, 40)).toEqual([40, 40 * COST_NANO])
    expect(await used()).toBe(40 * COST_NANO)
  })

  it.for([
    ['one', 'four', {}, FOUR_METERS],
    ['two', 'sixteen', { meter: { regions: 'one', shards: 2 } }, { meter: { regions: 'one', shards: 16 } }],
    ['four', 'four on each continent', FOUR_METERS, { meter: { regions: 'per_continent', shards: 4 } }],
  ] as const)(
    'forgets nothing that is spent or held, and spends its budget exactly, when it gets more of them under load: from %s to %s',
    async ([, , before, after], { expect }) => {
      const { key, used } = await limited(weir.admin, 'key', { max_limit: usdFor(40), rest: before })
      const early = await askAll(key, 10)
      expect(outcomesOf(early)).toEqual(['200'])
      expect(await eventsNanoOf(key, 10)).toEqual([10, 10 * COST_NANO])
      expect(await used()).toBe(10 * COST_NANO)
      const slow = Array.from({ length: 10 }, () => exactChat(TOKENS, 1500))
      const held = Promise.all(slow.map(body => askAs(key, body)))
      await until(
        async () => slow.flatMap(({ metadata }) => upstream.callsOf(metadata.call)).length,
        calls => calls === 10,
      )
      const load = askAll(key, 80)
      await weir.admin.updateKey(key.id, after)
      const answers = [...early, ...(await held), ...(await load), ...(await askAll(key, 40))]
      expect(outcomesOf(answers).sort()).toEqual(['200', '429 budget_exceeded'])
      expect(passed(answers)).toHaveLength(40)
      expect(billOf(answers)).toBe(40 * COST_NANO)
      expect(await eventsNanoOf(key, 40)).toEqual([40, 40 * COST_NANO])
      expect(await used()).toBe(40 * COST_NANO)
    },
  )
})

describe.for([
  ['one meter', {}],
  ['four meters', FOUR_METERS],
  ['durable settlement', { settlement: 'durable' }],
] as const)('a change of a key with %s', ([, fields]) => {
  it('holds for the very next requests, whatever it is, and forgets nothing that was spent', async ({ expect }) => {
    const rich = await limitTeam(weir.admin, { max_limit: 1 })
    const poor = await limitTeam(weir.admin, { max_limit: usdFor(0.5) })
    const { key, scope, change, used } = await limited(weir.admin, 'key', {
      max_limit: 1,
      rest: { ...fields, team_id: rich.id },
    })
    const next = async () => {
      const answers = await askAll(key, 8)
      return { outcomes: outcomesOf(answers), scopes: [...new Set(answers.map(({ details }) => details?.scope))] }
    }
    const put = (body: object) => weir.admin.updateKey(key.id, body)
    const PASSED = { outcomes: ['200'], scopes: [undefined] }
    const spent = async (requests: number) => {
      expect(await eventsNanoOf(key, requests)).toEqual([requests, requests * COST_NANO])
      expect([await used(), await rich.used()]).toEqual([requests * COST_NANO, requests * COST_NANO])
    }

    expect(await next()).toEqual(PASSED)
    await spent(8)
    await change({ max_limit: usdFor(8.5) })
    expect(await next()).toEqual({ outcomes: ['429 budget_exceeded'], scopes: [scope] })
    await change({ max_limit: 1 })
    expect(await next()).toEqual(PASSED)
    await put({ is_active: false })
    expect(await next()).toEqual({ outcomes: ['403 key_blocked'], scopes: [undefined] })
    await put({ is_active: true })
    await put({ team_id: poor.id })
    expect(await next()).toEqual({ outcomes: ['429 budget_exceeded'], scopes: [poor.scope] })
    expect(await poor.used()).toBe(0)
    await put({ team_id: rich.id })
    await spent(16)
    await rich.change({ max_limit: usdFor(16.5) })
    expect(await next()).toEqual({ outcomes: ['429 budget_exceeded'], scopes: [rich.scope] })
    await rich.change({ max_limit: 1 })
    expect(await next()).toEqual(PASSED)
    await spent(24)
    await weir.admin.call('DELETE', `/api/governance/virtual-keys/${key.id}`)
    expect(await next()).toEqual({ outcomes: ['401 key_invalid'], scopes: [undefined] })
  })
})

describe('a budget of an agent and a tag together', () => {
  const both = { 'x-agent-name': 'joined', 'x-weir-tags': '{"department":"marketing","other":"1"}' }
  const one = { 'x-agent-name': 'joined', 'x-weir-tags': '{"department":"sales"}' }

  it('is spent by what has both, to the nano-dollar, refuses that when it is used up, and nothing else', async ({
    expect,
  }) => {
    const key = await weir.admin.createKey({})
    const owner = { agent_name: 'joined', tags: { department: 'marketing' } }
    const made = await weir.admin.call('POST', '/v1/budgets', { ...owner, amount_usd: 1, period: 'monthly' })
    for (const names of [both, one, both, {}]) expect((await sendAs(key.value, names)).status).toBe(200)
    const shown = () => weir.admin.call('GET', `/v1/budgets/${made.id}`)
    // 10 tokens at $0.15 and 20 at $0.60 a million, twice.
    const { spent_usd } = await until(shown, budget => budget.spent_usd > 0.00002)
    expect(spent_usd).toBe(0.000027)
    await weir.admin.call('PUT', `/v1/budgets/${made.id}`, { amount_usd: 0.00003 })
    const refused = await sendAs(key.value, both)
    expect(refused.body.error.details).toMatchObject({ scope: 'all:["agent:joined","tag:department=marketing"]' })
    expect([refused.status, (await sendAs(key.value, one)).status]).toEqual([429, 200])
    await weir.admin.call('DELETE', `/v1/budgets/${made.id}`)
    expect((await sendAs(key.value, both)).status).toBe(200)
  })
})

import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
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

import { describe, it } from 'vitest'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import { packDays } from '../../workers/accounting/segments/pack-days.ts'
import { burnOf } from '../../workers/control/cost/burn.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { fakeControl, KEYS, NOW, newTenant } from './fake-ports.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
/** A Wednesday, two days before `NOW`. */
const AT = Date.UTC(2026, 10, 18, 10, 30)
const NOVEMBER = 'start_date=2026-11-01&end_date=2026-11-30'

async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const book = async (...drafts: [atMs: number, fields?: Partial<UsageEvent>][]) => {
    const events = drafts.map(([atMs, fields]) => makeEvent(atMs, { ...fields, tenant_id: tenant.tenantId }))
    await insertEvents(control.ports.events, { tenantId: tenant.tenantId, events })
  }
  const get = async (path: string) => (await tenant.call('GET', path)).body
  return { ...control, ...tenant, book, get }
}

/** What a tenant uses: an agent and a person of two teams, two customers, one workflow, and an hour so busy that it is summed. */
async function company() {
  const tools = await setUp()
  const bot = { agent_name: 'bot', team: 'core', tags: { workflow: 'w', application: 'app' } }
  const acme = { entity_type: 'customer', entity_id: 'acme', user_id: 'ann' }
  const detail = (lines: [string, number, number][]) => ({ tier: 'standard', above: null, source: 'pricebook', lines })
  await tools.book(
    ...Array.from({ length: 20 }, (_, index): [number, Partial<UsageEvent>] => [
      AT + index,
      {
        ...bot,
        ...acme,
        cost_nano: 1_000_000,
        cost_detail: detail([
          ['input', 90, 5_000_000],
          ['output', 20, 20_000_000],
        ]),
      },
    ]),
    [
      AT + DAY,
      { ...acme, team: 'ops', model: 'gpt-4o', cost_nano: 5_000_000, cost_detail: detail([['input', 1, 999]]) },
    ],
    [AT + DAY, { provider: 'anthropic', model: 'claude', user_id: 'bob', cost_nano: 2_000_000, success: false }],
    [AT - 40 * DAY, { ...bot, entity_type: 'ticket', entity_id: '7/x', cost_nano: 3_000_000 }],
  )
  return tools
}

describe('cost analytics', () => {
  it('tell costs apart by several things at once, the same before and after the roll-up', async ({ expect }) => {
    const { get } = await company()
    const path = `/v1/analytics/costs?${NOVEMBER}&group_by=week,team,tag:workflow`
    const week = { week: '2026-W47' }
    const one = { events: 1, tokens: 120 }
    const expected = [
      { ...week, team: null, tags: { workflow: null }, cost_usd: 0.002, cost_nano: '2000000', ...one },
      {
        ...week,
        team: 'core',
        tags: { workflow: 'w' },
        cost_usd: 0.02,
        cost_nano: '20000000',
        events: 20,
        tokens: 2400,
      },
      { ...week, team: 'ops', tags: { workflow: null }, cost_usd: 0.005, cost_nano: '5000000', ...one },
    ]
    expect((await get(path)).data).toEqual(expected)
    await rollUp(fakePorts().ports)
    expect((await get(path)).data).toEqual(expected)
    const byTag = await get(`/v1/analytics/costs?${NOVEMBER}&group_by=month,tag:workflow&provider=openai`)
    expect(byTag.data).toEqual([
      { month: '2026-11', tags: { workflow: null }, cost_usd: 0.005, cost_nano: '5000000', ...one },
      { month: '2026-11', tags: { workflow: 'w' }, cost_usd: 0.02, cost_nano: '20000000', events: 20, tokens: 2400 },
    ])
    expect(byTag.summary).toMatchObject({ total_cost_nano: '25000000', total_events: 21 })
  })

  it('of many events by three names come from columns of whole days, and are the same', async ({ expect }) => {
    const { book, get, ports } = await setUp()
    const day = Date.UTC(2026, 10, 10)
    await book(
      ...Array.from({ length: 520 }, (_, index): [number, Partial<UsageEvent>] => [
        day + index * 2 * 60_000,
        { agent_name: `a${index % 5}`, team: `t${index % 2}`, feature: 'f', cost_nano: index, tags: { env: 'x' } },
      ]),
    )
    const path = `/v1/analytics/costs?${NOVEMBER}&group_by=agent,team,feature,tag:env`
    const before = await get(path)
    await rollUp(fakePorts().ports)
    await packDays(fakePorts().ports)
    const opened: string[] = []
    const { open } = ports.exports
    Object.assign(ports.exports, {
      open: (...args: Parameters<typeof open>) => {
        opened.push(args[0])
        return open(...args)
      },
    })
    expect(await get(path)).toEqual(before)
    expect(opened).toEqual([expect.stringContaining('/2026/11/10.')])
    expect(before.summary).toMatchObject({ total_events: 520, total_cost_nano: String((519 * 520) / 2) })
  })

  it('are filtered by every name and by tags', async ({ expect }) => {
    const { get } = await company()
    const events = async (more: string) => (await get(`/v1/analytics/costs?${NOVEMBER}&${more}`)).summary.total_events
    const filters = ['agent_name=bot', 'user_id=ann', 'team=core', 'provider=openai', 'model=gpt-4o']
    expect(await Promise.all(filters.map(events))).toEqual([20, 21, 20, 21, 1])
    expect(await events('entity_type=customer&entity_id=acme&team=ops')).toBe(1)
    expect(await events('tags={"workflow":"w","application":"app"}')).toBe(20)
    expect(await events('tags={"workflow":"w"}&agent_name=bot')).toBe(20)
    expect(await events('tags={"workflow":"v"}')).toBe(0)
  })

  it('name the ISO week of a day, also at the turn of a year', async ({ expect }) => {
    const { get, book } = await setUp()
    await book([Date.UTC(2027, 0, 3, 23)], [Date.UTC(2027, 0, 4)], [Date.UTC(2024, 11, 30)])
    const { data } = await get('/v1/analytics/costs?start_date=2024-12-01&end_date=2027-02-01&group_by=week')
    expect(data.map((row: { week: string }) => row.week)).toEqual(['2025-W01', '2026-W53', '2027-W01'])
  })

  it('answer for 400 days, by hour too', async ({ expect }) => {
    const { get, book } = await setUp()
    await book([Date.UTC(2025, 10, 1)], [AT])
    for (const group of ['hour', 'agent,user', 'day,entity', 'tag:workflow']) {
      const { summary } = await get(`/v1/analytics/costs?start_date=2025-11-01&end_date=2026-12-05&group_by=${group}`)
      expect(summary.total_events).toBe(2)
    }
  })

  it.for([
    ['costs?start_date=2026-11-30&end_date=2026-11-01', 'end_date', /after start_date/],
    [`costs?${NOVEMBER}&group_by=day,week`, 'group_by', /at most one of hour, day, week, month/],
    [`costs?${NOVEMBER}&group_by=agent,agent`, 'group_by', /without repetitions/],
    [`costs?${NOVEMBER}&group_by=day,`, 'group_by', /with commas between/],
    [`costs?${NOVEMBER}&group_by=tag:`, 'group_by', /tag:KEY/],
    [`costs?${NOVEMBER}&group_by=agent,user,team,model,provider`, 'group_by', /at most 4/],
    [`costs?${NOVEMBER}&tags={"a":""}`, 'tags', /none empty/],
    [`costs?${NOVEMBER}&tags=[1]`, 'tags', /JSON object/],
    ['costs?start_date=2025-01-01&end_date=2026-11-30&group_by=agent,user', 'end_date', /400 days/],
    ['costs?start_date=2026-01-01&end_date=2026-11-30&group_by=tag:a,tag:b', 'end_date', /92 days/],
    ['costs?start_date=2006-01-01&end_date=2026-11-30', 'end_date', /3660 days/],
    ['usage?limit=0', 'limit', /1 to 100/],
    ['usage?start_date=1999-99-99', 'start_date', /ISO 8601/],
  ] as const)('refuse %s, and name the parameter', async ([query, param, detail], { expect }) => {
    const { call } = await setUp()
    const answer = await call('GET', `/v1/analytics/${query}`)
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid', param } })
    expect(answer.body.detail).toMatch(detail)
  })
})

describe('usage', () => {
  it('is told of a period and of that before it, with who and what used the most', async ({ expect }) => {
    const { get } = await company()
    const body = await get('/v1/analytics/usage?limit=1')
    expect(body.current_period).toEqual({
      ...{ start_date: '2026-10-22', end_date: '2026-11-20', total_events: 22, total_tokens: 2640 },
      ...{ total_cost_usd: 0.027, total_cost_nano: '27000000', unique_agents: 1, unique_users: 2, success_rate: 95.5 },
    })
    expect(body.previous_period).toMatchObject({
      ...{ start_date: '2026-09-22', end_date: '2026-10-21', total_events: 1, total_cost_nano: '3000000' },
      ...{ unique_agents: 1, unique_users: 0 },
    })
    expect(body.change).toEqual({ events: 2100, tokens: 2100, cost: 800, unique_agents: 0, unique_users: null })
    const bot = { cost_usd: 0.02, cost_nano: '20000000', events: 20, tokens: 2400, percentage: 74.1 }
    expect(body.top_agents).toEqual([{ agent_name: 'bot', ...bot }])
    expect(body.top_users).toMatchObject([{ user_id: 'ann', cost_nano: '25000000', events: 21, percentage: 92.6 }])
    expect(body.top_providers).toMatchObject([{ provider: 'openai', percentage: 92.6 }])
    expect(body.top_models).toEqual([{ provider: 'openai', model: 'gpt-4o-mini', ...bot }])
  })
})

describe('entities', () => {
  it('are listed with when they were seen and what they cost, by type, in any order, in pages', async ({ expect }) => {
    const { get } = await company()
    const acme = {
      ...{ entity_type: 'customer', entity_id: 'acme' },
      ...{ first_seen: '2026-11-18T10:30:00.000Z', last_seen: '2026-11-19T10:30:00.000Z' },
      ...{ total_cost: 0.025, total_cost_nano: '25000000', total_events: 21, total_tokens: 2520 },
    }
    for (const isRolledUp of [false, true]) {
      if (isRolledUp) await rollUp(fakePorts().ports)
      const all = await get('/v1/entities')
      expect(all.data).toEqual([acme, expect.objectContaining({ entity_type: 'ticket', entity_id: '7/x' })])
      expect(all.pagination).toEqual({ total: 2, limit: 100, offset: 0, has_more: false })
      const ids = async (query: string) =>
        (await get(`/v1/entities?${query}`)).data.map((one: { entity_id: string }) => one.entity_id)
      expect(await ids('type=ticket')).toEqual(['7/x'])
      expect(await ids('sort_by=first_seen&order=asc')).toEqual(['7/x', 'acme'])
      expect(await ids('sort_by=entity_id')).toEqual(['acme', '7/x'])
      expect(await ids('limit=1&offset=1')).toEqual(['7/x'])
      expect(await ids('start_date=2026-11-01')).toEqual(['acme'])
      expect((await get('/v1/entities?offset=9')).pagination).toMatchObject({ total: 2, has_more: false })
      expect(await get('/v1/entities/customer/acme')).toEqual({
        ...acme,
        cost_by_model: { 'gpt-4o': 0.005, 'gpt-4o-mini': 0.02 },
        cost_by_model_nano: { 'gpt-4o': '5000000', 'gpt-4o-mini': '20000000' },
      })
      expect(await get('/v1/entities/ticket/7%2Fx')).toMatchObject({ total_events: 1 })
    }
  })

  it('are not found where there are no events of them, and refuse what they cannot be sorted by', async ({
    expect,
  }) => {
    const { call } = await setUp()
    expect(await call('GET', '/v1/entities/customer/nobody')).toMatchObject({
      status: 404,
      body: { code: 'not_found' },
    })
    const answer = await call('GET', '/v1/entities?sort_by=luck')
    expect(answer).toMatchObject({ status: 400, body: { param: 'sort_by' } })
  })
})

describe('costs as TensorCost has them', () => {
  it('are summed with those of agents told apart, and held against the period before', async ({ expect }) => {
    const { get } = await company()
    const { success, count, data } = await get('/v1/cost/summary')
    expect([success, count]).toEqual([true, 1])
    expect(data).toMatchObject({
      period: { start_date: '2026-10-22', end_date: '2026-11-20' },
      ...{ total_cost_usd: 0.027, total_cost_nano: '27000000', total_requests: 22, average_daily_cost_usd: 0.0009 },
      by_category: {
        managed_inference: { cost_nano: '7000000', events: 2, percentage: 25.9 },
        agent_workloads: { cost_nano: '20000000', events: 20, percentage: 74.1 },
      },
      previous_period: { total_cost_nano: '3000000' },
      change_percentage: 800,
    })
  })

  it('are told apart by source', async ({ expect }) => {
    const { get } = await company()
    const { count, data } = await get('/v1/cost/by-source')
    expect(count).toBe(2)
    expect(data).toMatchObject([
      { source: 'openai_api', providers: ['openai'], cost_nano: '25000000', percentage: 92.6 },
      { source: 'anthropic_api', providers: ['anthropic'], cost_nano: '2000000', percentage: 7.4 },
    ])
  })

  it('find the events of all accounts of a vendor by its source', async ({ expect }) => {
    const { get, call, book } = await company()
    await call('POST', '/api/providers', { provider: 'ours', vendor: 'openai' })
    await book([AT, { provider: 'ours', cost_nano: 9_000_000 }])
    const { data } = await get('/v1/cost/by-source')
    expect(data[0]).toMatchObject({ source: 'openai_api', providers: ['openai', 'ours'], cost_nano: '34000000' })
    const spend = await get('/v1/ai/spend?source=openai_api&limit=2')
    expect(spend).toMatchObject({ success: true, count: 22, pagination: { total: 22, limit: 2, has_more: true } })
    expect((await get('/v1/ai/spend?source=ours')).data).toMatchObject([{ source: 'openai_api', provider: 'ours' }])
  })

  it('are told apart by team, by feature, and by the values of any tag', async ({ expect }) => {
    const { get } = await company()
    const values = async (query: string) =>
      (await get(`/v1/cost/by-tag${query}`)).data.map((row: Record<string, unknown>) => [row.value, row.cost_nano])
    expect(await values('')).toEqual([
      ['core', '20000000'],
      ['ops', '5000000'],
      [null, '2000000'],
    ])
    expect(await values('?tag=application')).toEqual([
      ['app', '20000000'],
      [null, '7000000'],
    ])
    expect(await values('?tag=feature')).toEqual([[null, '27000000']])
  })

  it('show what single events cost, filtered by source, model, application and team', async ({ expect }) => {
    const { get } = await company()
    const total = async (query: string) => (await get(`/v1/ai/spend?${query}`)).count
    expect(await total('')).toBe(22)
    expect(await total('source=anthropic_api')).toBe(1)
    expect(await total('source=bedrock')).toBe(0)
    expect(await total('model_id=gpt-4o')).toBe(1)
    expect(await total('application=app&team=core')).toBe(20)
    expect(await total('start_date=2026-11-19')).toBe(2)
    const { data } = await get('/v1/ai/spend?team=core&limit=1')
    expect(data).toMatchObject([
      { source: 'openai_api', model_id: 'gpt-4o-mini', application: 'app', cost_nano: '1000000' },
    ])
  })

  it('are summed by provider, model, application and team', async ({ expect }) => {
    const { get } = await company()
    const { data } = await get('/v1/ai/spend/summary')
    expect(data).toMatchObject({ total_cost_nano: '27000000', total_requests: 22 })
    const costs = (rows: { cost_nano: string }[]) => rows.map(row => Number(row.cost_nano) / 1e6)
    expect(['provider', 'model', 'application', 'team'].map(name => costs(data[`by_${name}`]))).toEqual([
      ...[
        [25, 2],
        [20, 5, 2],
        [20, 7],
        [20, 5, 2],
      ],
    ])
  })

  it('come to a price of a request and of a thousand tokens, input and output apart', async ({ expect }) => {
    const { get } = await company()
    const { data } = await get('/v1/ai/unit-economics?agent_name=bot')
    // 20 requests of 90 input tokens at $5 and 20 output tokens at $20 a million.
    expect(data).toMatchObject({
      ...{ requests: 20, successful_requests: 20, input_tokens: 2000, output_tokens: 400, cached_input_tokens: 200 },
      ...{ cost_nano: '20000000', input_cost_nano: '9000000', output_cost_nano: '8000000', other_cost_nano: '3000000' },
      ...{ cost_per_request_usd: 0.001, cost_per_1k_input_tokens_usd: 0.0045, cost_per_1k_output_tokens_usd: 0.02 },
      ...{ cache_hit_rate: 0.1, average_latency_ms: 500 },
    })
    expect(data.blended_cost_per_1m_tokens_usd).toBeCloseTo(8.3333, 3)
    expect(data.by_model).toMatchObject([{ provider: 'openai', model: 'gpt-4o-mini', requests: 20 }])
    const nothing = (await get('/v1/ai/unit-economics?agent_name=nobody')).data
    expect(nothing).toMatchObject({ requests: 0, cost_per_request_usd: null, cache_hit_rate: null, by_model: [] })
  })

  it('are attributed to an agent and to a workflow, by model and by day', async ({ expect }) => {
    const { get, call } = await company()
    for (const isRolledUp of [false, true]) {
      if (isRolledUp) await rollUp(fakePorts().ports)
      for (const path of ['agents/bot', 'workflows/w']) {
        const { data } = await get(`/v1/ai/${path}/cost`)
        expect(data).toMatchObject({ total_cost_nano: '20000000', total_requests: 20, success_rate: 100 })
        expect(data.by_model).toMatchObject([{ provider: 'openai', model: 'gpt-4o-mini', percentage: 100 }])
        expect(data.daily).toMatchObject([{ date: '2026-11-18', cost_nano: '20000000', events: 20, tokens: 2400 }])
      }
    }
    expect((await get('/v1/ai/agents/bot/cost?start_date=2026-01-01')).data.total_requests).toBe(21)
    for (const path of ['agents/nobody/cost', 'workflows/x/cost', 'workflows/w/cost?tag=workflow_id']) {
      expect((await call('GET', `/v1/ai/${path}`)).status).toBe(404)
    }
  })
})

describe('budgets', () => {
  it('are shown from the widest to the narrowest, each with whom it belongs to and how it burns', async ({
    expect,
  }) => {
    const { call, get, usage, scopeUsage } = await setUp()
    const budget = { max_limit: 100, reset_duration: '1M', calendar_aligned: true }
    const customer = (await call('POST', '/api/governance/customers', { name: 'acme', budget })).body.customer
    const team = (await call('POST', '/api/governance/teams', { name: 'core', customer_id: customer.id, budget })).body
      .team
    const made = (await call('POST', KEYS, { name: 'k', team_id: team.id, budgets: [budget] })).body.virtual_key
    const endMs = Date.UTC(2026, 11, 1)
    const used = (one: { budgets: { id: string }[] }, nano: number) => ({
      ...{ limitId: one.budgets[0]?.id ?? '', used: nano, startMs: Date.UTC(2026, 10, 1), endMs },
    })
    scopeUsage.push(used(customer, 100e9), used(team, 39e9))
    usage.push(used(made, 90e9))
    const { success, count, data, pagination } = await get('/v1/cost/budgets')
    expect([success, count, pagination.total]).toEqual([true, 3, 3])
    const tenant = expect.stringMatching(/^tenant:/)
    expect(data).toMatchObject([
      {
        level: 'customer',
        name: 'acme',
        ancestors: [tenant],
        status: 'exceeded',
        exhausted_at: null,
        remaining_usd: 0,
      },
      { level: 'team', name: 'core', ancestors: [`customer:${customer.id}`, tenant], status: 'on_track' },
      {
        ...{ scope: `virtual_key:${made.id}`, level: 'virtual_key', name: 'k', parent: `team:${team.id}` },
        ancestors: [`team:${team.id}`, `customer:${customer.id}`, tenant],
        ...{ amount_usd: 100, spent_usd: 90, remaining_usd: 10, used_percentage: 90, elapsed_percentage: 65 },
        window: { starts_at: '2026-11-01T00:00:00.000Z', resets_at: '2026-12-01T00:00:00.000Z' },
        status: 'at_risk',
      },
    ])
    // 19.5 of 30 days are over: $2 a day of the team's, which would come to $60.
    expect(data[1]).toMatchObject({ burn_rate_usd_per_day: 2, projected_usd: 60 })
    // $90 in 19.5 days: the last $10 are spent two days and four hours later.
    expect(data[2].exhausted_at).toBe('2026-11-22T16:00:00.000Z')
    expect((await get('/v1/cost/budgets?limit=1&offset=1')).data).toMatchObject([{ level: 'team' }])
  })

  it('are not at risk for what is spent in the first instant of a window', ({ expect }) => {
    const window = { startMs: NOW, endMs: NOW + 100 * HOUR }
    expect(burnOf({ maxNano: 1000, usedNano: 5 }, window, NOW)).toMatchObject({
      projectedNano: 500,
      status: 'on_track',
    })
    expect(burnOf({ maxNano: 1000, usedNano: 0 }, window, NOW)).toMatchObject({ nanoPerDay: 0, status: 'on_track' })
    expect(burnOf({ maxNano: 10, usedNano: 11 }, window, NOW + HOUR).status).toBe('exceeded')
  })
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { reconcile } from '../../workers/accounting/reconcile.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import { renderExplanation } from '../../workers/control/events/render-explanation.ts'
import { costDetail, costOf } from '../../workers/core/pricing/index.ts'
import { type CostDetail, NO_USAGE, type UsageEvent } from '../../workers/core/usage.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { putStatements } from '../../workers/db/put-statements.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { fakeControl, NOW, newTenant } from './fake-ports.ts'

const AT = Date.UTC(2026, 10, 18, 10, 30)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const book = async (...drafts: [atMs: number, fields?: Partial<UsageEvent>][]) => {
    const events = drafts.map(([atMs, fields]) => makeEvent(atMs, { ...fields, tenant_id: tenant.tenantId }))
    await insertEvents(control.ports.events, { tenantId: tenant.tenantId, events })
    return events
  }
  const list = async (query: Record<string, string> = {}) =>
    (await tenant.call('GET', `/v1/events?${new URLSearchParams(query)}`)).body
  const costs = async (query: Record<string, string>) =>
    (await tenant.call('GET', `/v1/analytics/costs?${new URLSearchParams(query)}`)).body
  return { ...control, ...tenant, book, list, costs }
}

describe('an event', () => {
  it('is shown with the fields of both families, alone and in a list', async ({ expect }) => {
    const { book, list, call } = await setUp()
    const [event] = await book([
      AT,
      { outcome: 'estimated', overrun_nano: 1, agent_name: 'bot', entity_type: 'ticket', tags: { a: 'b' } },
    ])
    const shown = {
      id: event?.id,
      request_id: 'req-1',
      timestamp: '2026-11-18T10:30:00.000Z',
      provider: 'openai',
      model: 'gpt-4o-mini',
      requested_model: 'openai/gpt-4o-mini',
      priced_model: 'openai/gpt-4o-mini',
      input_tokens: 100,
      output_tokens: 20,
      tokens_input: 100,
      tokens_output: 20,
      cached_input_tokens: 10,
      cache_write_tokens: 5,
      reasoning_tokens: 3,
      total_tokens: 120,
      cost_usd: 0.000027,
      cost_nano: '27000',
      held_usd: 0.00005,
      overrun_usd: 1e-9,
      latency_ms: 500,
      first_byte_ms: 120,
      status: 200,
      success: true,
      outcome: 'estimated',
      is_estimated: true,
      is_stream: false,
      attempt: 1,
      virtual_key_id: 'key-a',
      feature: null,
      team: null,
      agent_name: 'bot',
      user_id: null,
      entity_type: 'ticket',
      entity_id: null,
      tags: { a: 'b' },
      pricebook_version: '2026-11-01',
      service_tier: null,
      source: 'gateway',
      metadata: { request_id: 'req-1', duration_ms: 500, prompt_tokens: 100, completion_tokens: 20 },
      rule_id: null,
      rules_skipped: [],
    }
    expect(await call('GET', `/v1/events/${event?.id}`)).toMatchObject({ status: 200, body: shown })
    expect((await call('GET', `/v1/events/${event?.id}`)).body).toEqual({
      ...{ ...shown, cost_explanation: null, budget_remaining: null, budget: null },
      attempts: [expect.objectContaining({ id: event?.id, attempt: 1, cost_usd: 0.000027, status: 200 })],
    })
    const end = { total_is_exact: true, has_more: false, next_cursor: null }
    const pagination = { total: 1, limit: 100, offset: 0, ...end }
    expect(await list()).toEqual({ data: [shown], events: [shown], pagination })
  })

  it('is estimated only where we counted or assumed', async ({ expect }) => {
    const { book, list } = await setUp()
    const outcomes = ['ok', 'estimated', 'assumed', 'provider_error', 'unreachable'] as const
    await book(...outcomes.map((outcome): [number, Partial<UsageEvent>] => [AT, { outcome }]))
    for (const outcome of outcomes) {
      const { data } = await list({ outcome })
      expect(data).toHaveLength(1)
      expect(data[0].is_estimated).toBe(outcome === 'estimated' || outcome === 'assumed')
    }
  })

  it('explains its charge by lines that sum to it, to the pico-dollar', async ({ expect }) => {
    const { book, list, call } = await setUp()
    const cost_detail: CostDetail = {
      tier: 'priority',
      above: 272_000,
      source: 'pricebook',
      lines: [
        ['input', 90, 150_001],
        ['cached_input', 10, 75_000],
        ['web_searches', 2, 10_000_000_000],
      ],
      unpriced: [['pages', 3]],
    }
    const [event] = await book([AT, { cost_detail, service_tier: 'priority', cost_nano: 20_014_251 }])
    const { body } = await call('GET', `/v1/events/${event?.id}`)
    expect(body).toMatchObject({ service_tier: 'priority', cost_nano: '20014251' })
    expect(body.cost_explanation).toEqual({
      basis: 'provider_usage',
      service_tier: 'priority',
      above_input_tokens: 272_000,
      price_source: 'pricebook:openai/gpt-4o-mini',
      pricebook_version: '2026-11-01',
      lines: [
        { unit: 'input', quantity: 90, usd_per_unit: '0.000000150001', usd: '0.00001350009' },
        { unit: 'cached_input', quantity: 10, usd_per_unit: '0.000000075', usd: '0.00000075' },
        { unit: 'web_searches', quantity: 2, usd_per_unit: '0.01', usd: '0.02' },
        { unit: 'rounding', quantity: 1, usd_per_unit: '0.00000000091', usd: '0.00000000091' },
      ],
      unpriced: [{ unit: 'pages', quantity: 3 }],
    })
    expect((await list()).data[0]).not.toHaveProperty('cost_explanation')
  })

  it('explains any charge exactly, as its usage was priced', async ({ expect }) => {
    const countArb = fc.oneof(fc.nat({ max: 9 }), fc.nat({ max: 3_000_000 }))
    const usageArb = fc.record({ inputTokens: countArb, cachedInputTokens: countArb, outputTokens: countArb })
    const prices = { base: { input: 1_234_567, cached_input: 77_777, output: 9_999_999 }, tiers: [] }
    fc.assert(
      fc.property(usageArb, part => {
        const usage = { ...NO_USAGE, ...part }
        const detail = costDetail(prices, usage, { tier: 'standard', source: 'pricebook' })
        const event = makeEvent(AT, { cost_nano: costOf(prices, usage), cost_detail: detail })
        const lines = renderExplanation(event)?.lines ?? []
        const pico = lines.map(({ usd }) => BigInt(usd.split('.')[0] + (usd.split('.')[1] ?? '').padEnd(12, '0')))
        expect(pico.reduce((sum, one) => sum + one, 0n)).toBe(BigInt(event.cost_nano) * 1000n)
      }),
    )
  })

  it('says of an assumed charge that it is the whole hold, and of our own count that it is that', async ({
    expect,
  }) => {
    const { book, call } = await setUp()
    const cost_detail: CostDetail = { tier: 'standard', above: null, source: 'pricebook', lines: [['input', 1, 1000]] }
    const [assumed, counted] = await book(
      [AT, { outcome: 'assumed', cost_nano: 5_000 }],
      [AT, { outcome: 'estimated', cost_nano: 1, cost_detail }],
    )
    const explanation = async (id?: string) => (await call('GET', `/v1/events/${id}`)).body.cost_explanation
    const hold = { unit: 'hold', quantity: 1, usd_per_unit: '0.000005', usd: '0.000005' }
    expect(await explanation(assumed?.id)).toEqual({ basis: 'assumed_hold', lines: [hold], unpriced: [] })
    expect(await explanation(counted?.id)).toMatchObject({ basis: 'own_count', lines: [{ unit: 'input' }] })
  })

  it('shows the attempts of its request, and none of another with the same request id', async ({ expect }) => {
    const { book, call, ports, tenantId } = await setUp()
    const [first, other] = await book(
      [AT, { outcome: 'provider_error', success: false, http_status: 529, cost_nano: 0 }],
      [AT, {}],
    )
    const stem = first?.id.replace(/_1$/, '_') ?? ''
    const more = [10, 2].map(attempt => makeEvent(AT, { id: stem + attempt, attempt, tenant_id: tenantId }))
    await insertEvents(ports.events, { tenantId, events: more })
    const { body } = await call('GET', `/v1/events/${stem}10`)
    const [one, two, ten] = body.attempts
    expect(body.attempts.map((shown: { attempt: number }) => shown.attempt)).toEqual([1, 2, 10])
    expect(one).toMatchObject({ id: first?.id, outcome: 'provider_error', status: 529, success: false, cost_usd: 0 })
    expect([two.id, ten.id]).toEqual([`${stem}2`, `${stem}10`])
    expect((await call('GET', `/v1/events/${other?.id}`)).body.attempts).toHaveLength(1)
  })

  it('tells what is left of the tightest budget that binds its caller, wherever that is counted', async ({
    expect,
  }) => {
    const { book, call, usage, scopeUsage } = await setUp()
    const made = async (path: string, body: unknown) => (await call('POST', path, body)).body
    const team = (await made('/api/governance/teams', { name: 't', budget: { max_limit: 9, reset_duration: '1d' } }))
      .team
    const budgets = [{ max_limit: 5, reset_duration: '1d' }]
    const { virtual_key: key } = await made('/api/governance/virtual-keys', { name: 'k', team_id: team.id, budgets })
    await made('/v1/limits', { scope: 'user:u', unit: 'nano_usd', max_usd: 4, duration: '1d' })
    const tokens = await made('/v1/limits', { scope: 'user:u', unit: 'tokens', max: 1, duration: '1d' })
    const fields = { virtual_key_id: key.id, provider: 'openai', model: 'm' }
    const [plain, ofUser] = await book([AT, fields], [AT, { ...fields, user_id: 'u' }])
    const shown = async (id?: string) => (await call('GET', `/v1/events/${id}`)).body
    expect(tokens.data.id).toBeTruthy()
    expect(await shown(plain?.id)).toMatchObject({ budget_remaining: 5, budget: { scope: `virtual_key:${key.id}` } })
    expect(await shown(ofUser?.id)).toMatchObject({ budget_remaining: 4, budget: { scope: 'user:u', used_usd: 0 } })
    const window = { startMs: NOW - HOUR, endMs: NOW + HOUR }
    usage.push({ limitId: key.budgets[0].id, used: 1_500_000_000, ...window })
    scopeUsage.push({ limitId: team.budgets?.[0]?.id ?? team.budget.id, used: 8_999_999_999, ...window })
    expect(await shown(plain?.id)).toMatchObject({
      budget_remaining: 1e-9,
      budget: {
        scope: `team:${team.id}`,
        max_usd: 9,
        used_usd: 8.999999999,
        resets_at: new Date(NOW + HOUR).toISOString(),
      },
    })
  })

  it('says that its budgets cannot be read, rather than that there are none', async ({ expect }) => {
    const readUsage = async () => Promise.reject(new Error('no answer'))
    const control = fakeControl({ readUsage })
    const { call, tenantId } = await newTenant(control)
    const budgets = [{ max_limit: 5, reset_duration: '1d' }]
    const { body } = await call('POST', '/api/governance/virtual-keys', { name: 'k', budgets })
    const event = makeEvent(AT, { tenant_id: tenantId, virtual_key_id: body.virtual_key.id })
    await insertEvents(control.ports.events, { tenantId, events: [event] })
    expect(await call('GET', `/v1/events/${event.id}`)).toMatchObject({
      status: 503,
      body: { code: 'meter_unavailable' },
    })
  })

  it('is not found by an id that is none', async ({ expect }) => {
    const { call } = await setUp()
    const answer = await call('GET', '/v1/events/evt_%00')
    expect(answer).toMatchObject({ status: 404, body: { code: 'not_found', status: 404 } })
  })
})

describe('the list of events', () => {
  it('is paged, the newest first', async ({ expect }) => {
    const { book, list } = await setUp()
    const events = await book(...Array.from({ length: 5 }, (_, i): [number] => [AT + i * HOUR]))
    const ids = events.map(event => event.id).reverse()
    const page = async (limit: number, offset: number) => list({ limit: String(limit), offset: String(offset) })
    const idsOf = (body: { data: { id: string }[] }) => body.data.map(event => event.id)
    const first = await page(2, 0)
    expect(idsOf(first)).toEqual(ids.slice(0, 2))
    expect(first.pagination).toMatchObject({ total: 5, total_is_exact: true, limit: 2, offset: 0, has_more: true })
    const last = await page(2, 3)
    expect(idsOf(last)).toEqual(ids.slice(3))
    expect(last.pagination).toMatchObject({ total: 5, limit: 2, offset: 3, has_more: false, next_cursor: null })
    expect((await page(2, 9)).pagination).toMatchObject({ total: 5, limit: 2, offset: 9, has_more: false })
  })

  it('takes dates as whole days and times to the millisecond, the end exclusive', async ({ expect }) => {
    const { book, list } = await setUp()
    const midnight = Date.UTC(2026, 10, 18)
    await book([midnight - 1], [midnight], [midnight + DAY - 1], [midnight + DAY])
    const total = async (query: Record<string, string>) => (await list(query)).pagination.total
    expect(await total({ start_date: '2026-11-18', end_date: '2026-11-18' })).toBe(2)
    expect(await total({ start_date: '2026-11-18' })).toBe(3)
    expect(await total({ end_date: '2026-11-17' })).toBe(1)
    expect(await total({ end_date: '2026-11-18T00:00:00Z' })).toBe(1)
    expect(await total({ end_date: '2026-11-18T00:00:00.001Z' })).toBe(2)
    expect(await total({ start_date: '2026-11-18T01:00:00+01:00', end_date: '2026-11-18T00:01' })).toBe(1)
    expect(await total({ start_date: '2026-11-18T01:00:00 01:00', end_date: '2026-11-18T00:01' })).toBe(1)
  })

  it('is filtered by every field it can be', async ({ expect }) => {
    const { book, list } = await setUp()
    const fields = {
      agent_name: 'agent',
      user_id: 'user',
      provider: 'anthropic',
      model: 'claude',
      virtual_key_id: 'key-z',
      feature: 'search',
      team: 'core',
      request_id: 'req-z',
      entity_type: 'ticket',
      entity_id: '42',
    }
    const [wanted] = await book([AT, fields], [AT + 1])
    for (const [name, value] of Object.entries(fields)) {
      const { data, pagination } = await list({ [name]: value })
      expect([name, pagination.total, data[0]?.id]).toEqual([name, 1, wanted?.id])
      expect((await list({ [name]: `${value}'--` })).pagination.total).toBe(0)
      expect((await list({ [name]: '' })).pagination.total).toBe(2)
    }
    await book([AT + 2, { success: false }])
    expect((await list({ success: 'false' })).pagination.total).toBe(1)
    expect((await list({ success: 'true' })).pagination.total).toBe(2)
  })

  it('is filtered by tags, all of which an event must have', async ({ expect }) => {
    const { book, list } = await setUp()
    await book(
      [AT, { tags: { department: 'research', project: 'q1' } }],
      [AT + 1, { tags: { department: 'research' } }],
      [AT + 2, { tags: { 'a."b': '1' } }],
    )
    const total = async (tags: unknown) => (await list({ tags: JSON.stringify(tags) })).pagination.total
    expect(await total({ department: 'research' })).toBe(2)
    expect(await total({ department: 'research', project: 'q1' })).toBe(1)
    expect(await total({ department: 'q1' })).toBe(0)
    expect(await total({ 'a."b': 1 })).toBe(1)
    expect(await total({})).toBe(3)
  })

  it.for([
    ['limit=0', 'limit'],
    ['limit=1001', 'limit'],
    ['limit=ten', 'limit'],
    ['limit=1.5', 'limit'],
    ['offset=-1', 'offset'],
    ['start_date=yesterday', 'start_date'],
    ['start_date=2026-02-30', 'start_date'],
    ['start_date=2026-13-01', 'start_date'],
    ['end_date=2026-01-01T25:00:00Z', 'end_date'],
    ['end_date=1969-01-01', 'end_date'],
    ['start_date=2026-01-02&end_date=2026-01-01', 'end_date'],
    ['success=yes', 'success'],
    ['outcome=fine', 'outcome'],
    ['status=99', 'status'],
    ['status=ok', 'status'],
    ['source=me', 'source'],
    ['min_cost=a', 'min_cost'],
    ['min_cost=1e3', 'min_cost'],
    ['max_cost=0.0000000001', 'max_cost'],
    ['min_cost=2&max_cost=1', 'max_cost'],
    ['cursor=x', 'cursor'],
    ['cursor=MS5ldnRfMQ', 'cursor'],
    ['tags=x', 'tags'],
    ['tags=[]', 'tags'],
    ['tags={"a":{}}', 'tags'],
  ] as const)('refuses %s, and says which parameter', async ([query, param], { expect }) => {
    const { call } = await setUp()
    const answer = await call('GET', `/v1/events?${encodeURI(query)}`)
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid', param } })
    expect(answer.body.detail).toContain(param)
  })
})

describe('cost analytics', () => {
  const NOVEMBER = { start_date: '2026-11-01', end_date: '2026-11-30' }

  async function withSomeCosts() {
    const tools = await setUp()
    await tools.book(
      [AT, { cost_nano: 1_500_000_001 }],
      [AT + HOUR, { cost_nano: 2_000_000_000, model: 'gpt-4o' }],
      [AT + DAY, { cost_nano: 7, provider: 'anthropic', model: 'claude', virtual_key_id: 'key-b' }],
    )
    return tools
  }

  const one = { events: 1, tokens: 120 }
  const first = { ...one, cost_usd: 1.500000001, cost_nano: '1500000001' }
  const second = { ...one, cost_usd: 2, cost_nano: '2000000000' }
  const third = { ...one, cost_usd: 7e-9, cost_nano: '7' }
  const both = { events: 2, tokens: 240, cost_usd: 3.500000001, cost_nano: '3500000001' }

  it.for([
    [
      'day',
      [
        { date: '2026-11-18', ...both },
        { date: '2026-11-19', ...third },
      ],
    ],
    [
      'hour',
      [
        { hour: '2026-11-18T10:00:00Z', ...first },
        { hour: '2026-11-18T11:00:00Z', ...second },
        { hour: '2026-11-19T10:00:00Z', ...third },
      ],
    ],
    [
      'provider',
      [
        { provider: 'anthropic', ...third },
        { provider: 'openai', ...both },
      ],
    ],
    [
      'model',
      [
        { model: 'claude', ...third },
        { model: 'gpt-4o', ...second },
        { model: 'gpt-4o-mini', ...first },
      ],
    ],
  ] as const)('tell costs apart by %s, the same before and after the roll-up', async ([group_by, data], { expect }) => {
    const { costs } = await withSomeCosts()
    const expected = {
      summary: {
        total_cost_usd: 3.500000008,
        total_cost_nano: '3500000008',
        total_events: 3,
        total_tokens: 360,
        average_cost_per_event: 3.500000008 / 3,
      },
      data,
    }
    const close = { ...expected.summary, average_cost_per_event: expect.closeTo(3.500000008 / 3, 12) }
    expect(await costs({ ...NOVEMBER, group_by })).toEqual({ data, summary: close })
    await rollUp(fakePorts().ports)
    expect(await costs({ ...NOVEMBER, group_by })).toEqual({ data, summary: close })
  })

  it('are filtered by provider, model and key, and by day where nothing is said', async ({ expect }) => {
    const { costs } = await withSomeCosts()
    expect((await costs({ ...NOVEMBER, provider: 'openai' })).data).toEqual([{ date: '2026-11-18', ...both }])
    expect((await costs({ ...NOVEMBER, model: 'gpt-4o' })).data).toEqual([{ date: '2026-11-18', ...second }])
    expect((await costs({ ...NOVEMBER, virtual_key_id: 'key-b' })).data).toEqual([{ date: '2026-11-19', ...third }])
  })

  it('count an event that came after its hour was rolled up', async ({ expect }) => {
    const { costs, book } = await withSomeCosts()
    await rollUp(fakePorts().ports)
    await book([AT + 1, { cost_nano: 1 }])
    expect((await costs(NOVEMBER)).summary).toMatchObject({ total_events: 4, total_cost_nano: '3500000009' })
  })

  it('are nothing where there is nothing', async ({ expect }) => {
    const { costs } = await setUp()
    const summary = { total_cost_usd: 0, total_cost_nano: '0', total_events: 0, total_tokens: 0 }
    expect(await costs(NOVEMBER)).toEqual({ summary: { ...summary, average_cost_per_event: 0 }, data: [] })
  })

  it.for([
    ['end_date=2026-11-30', 'start_date', /start_date must be given/],
    ['start_date=2026-11-01', 'end_date', /end_date must be given/],
    ['start_date=2026-11-01&end_date=2026-11-30&group_by=moon', 'group_by', /hour, day, week, month, provider, model/],
    ['start_date=2026-11-01&end_date=soon', 'end_date', /ISO 8601/],
    ['start_date=2025-01-01&end_date=2026-11-30&group_by=hour', 'end_date', /400 days/],
  ] as const)('refuse %s, and name the parameter', async ([query, param, detail], { expect }) => {
    const { call } = await setUp()
    const answer = await call('GET', `/v1/analytics/costs?${query}`)
    expect(answer).toMatchObject({ status: 400, body: { code: 'request_invalid', param } })
    expect(answer.body.detail).toMatch(detail)
  })
})

describe('the health of the reconciliation', () => {
  const hourMs = Date.UTC(2026, 10, 18, 10)
  const sums = { events: 2, costNano: 30, inputTokens: 200, outputTokens: 40 }

  async function withStatement(statement: Partial<typeof sums> = {}) {
    const tenant = await setUp()
    await tenant.book([AT, { cost_nano: 10 }])
    const statements = [{ hourMs, revision: 1, ...sums, ...statement, limits: [] }]
    const whose = { tenantId: tenant.tenantId, keyId: 'key-a', meter: 'm' }
    await putStatements(tenant.ports.events, { ...whose, statements, receivedMs: NOW })
    const runAt = (nowMs: number) => reconcile(fakePorts({ nowMs: () => nowMs }).ports)
    const health = async () => (await tenant.call('GET', '/v1/health/reconcile')).body
    return { ...tenant, runAt, health }
  }

  it('is unknown before the first run, and says what waits', async ({ expect }) => {
    const { health } = await withStatement()
    const nothing = { last_run: null, by_kind: {}, data: [] }
    const waiting = { statements_waiting: 1, oldest_waiting_hour: '2026-11-18T10:00:00.000Z' }
    expect(await health()).toEqual({ status: 'never_run', ...nothing, ...waiting })
  })

  it('is ok where all agrees', async ({ expect }) => {
    const { health, runAt } = await withStatement({ events: 1, costNano: 10, inputTokens: 100, outputTokens: 20 })
    await runAt(NOW)
    expect(await health()).toEqual({
      status: 'ok',
      last_run: { at: '2026-11-20T12:00:00.000Z', hours_checked: 1, differences_found: 0, corrections_made: 0 },
      statements_waiting: 0,
      oldest_waiting_hour: null,
      by_kind: {},
      data: [],
    })
  })

  it('names each difference until it is corrected, and after, and shows the correction among the events', async ({
    expect,
  }) => {
    const { health, runAt, list, costs } = await withStatement()
    await runAt(NOW)
    const found = await health()
    expect(found).toMatchObject({ status: 'differences', last_run: { differences_found: 4 }, statements_waiting: 1 })
    await runAt(NOW + 10 * MINUTE)
    const after = await health()
    expect(after).toMatchObject({ status: 'ok', last_run: { corrections_made: 1 }, statements_waiting: 0 })
    expect(after.by_kind.cost_nano).toEqual({ open: 0, corrected: 1 })
    expect(after.data).toContainEqual({
      ...{ hour: '2026-11-18T10:00:00.000Z', virtual_key_id: 'key-a', kind: 'cost_nano', subject: null },
      ...{ expected: '30', found: '10', first_seen_at: '2026-11-20T12:00:00.000Z' },
      corrected_at: '2026-11-20T12:10:00.000Z',
    })
    const { data } = await list({ outcome: 'correction' })
    expect(data).toMatchObject([{ provider: 'weir', model: 'correction', cost_nano: '20', is_estimated: false }])
    const total = await costs({ start_date: '2026-11-18', end_date: '2026-11-18' })
    expect(total.summary).toMatchObject({ total_cost_nano: '30', total_tokens: 240 })
  })

  it("shows nothing of another tenant's", async ({ expect }) => {
    const theirs = await withStatement()
    await theirs.runAt(NOW)
    const mine = await setUp()
    const nothing = { last_run: null, statements_waiting: 0, oldest_waiting_hour: null, by_kind: {}, data: [] }
    expect((await theirs.health()).data).toHaveLength(4)
    expect((await mine.call('GET', '/v1/health/reconcile')).body).toEqual({ status: 'never_run', ...nothing })
  })
})

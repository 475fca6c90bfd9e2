import { describe, it } from 'vitest'
import { reconcile } from '../../workers/accounting/reconcile.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { putStatements } from '../../workers/db/put-statements.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { eventsD1 } from '../shards/databases.ts'
import { fakeControl, NOW, newTenant, send } from './fake-ports.ts'
import { apiKeyOf } from './route-samples.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const iso = (ms: number) => new Date(ms).toISOString()

/** A report that is good as it is. */
const report = (fields: Record<string, unknown> = {}) => ({
  ...{ external_id: 'call-1', timestamp: iso(NOW - HOUR), provider: 'openai', model: 'gpt-4o-mini' },
  ...{ input_tokens: 1000, output_tokens: 100 },
  ...fields,
})
const numbered = (count: number, fields: Record<string, unknown> = {}) =>
  Array.from({ length: count }, (_, index) => report({ external_id: `call-${index}`, ...fields }))

async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const post = (body: unknown) => tenant.call('POST', '/v1/events', body)
  const count = async (table: string) =>
    eventsD1()
      .prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = ?1`)
      .bind(tenant.tenantId)
      .first<number>('n')
  const costs = async (query = '') =>
    (await tenant.call('GET', `/v1/analytics/costs?start_date=2026-10-01&end_date=2026-11-30${query}`)).body
  return { ...control, ...tenant, post, count, costs }
}

describe('a reported event', () => {
  it('is shown as what it is: reported, of no key, priced by the price list of its time', async ({ expect }) => {
    const { post, call } = await setUp()
    const attribution = { feature: 'f', team: 't', agent_name: 'a', user_id: 'u', entity_type: 'e', entity_id: '1' }
    const answer = await post(report({ ...attribution, tags: { k: 'v', n: 1 }, latency_ms: 1500, request_id: 'r-1' }))
    expect(answer).toMatchObject({ status: 201, body: { accepted: 1, created: 1, duplicates: 0 } })
    const [{ id, external_id, cost_usd, created }] = answer.body.data
    expect([external_id, created]).toEqual(['call-1', true])
    expect(id).toMatch(/^evt_[0-9a-f]{12}8[0-9a-f]{19}_1$/)
    // 1000 x $0.15 and 100 x $0.60 a million tokens.
    expect(cost_usd).toBe(0.00021)
    const { body } = await call('GET', `/v1/events/${id}`)
    expect(body).toMatchObject({
      ...{
        ...attribution,
        id,
        source: 'reported',
        virtual_key_id: null,
        request_id: 'r-1',
        timestamp: iso(NOW - HOUR),
      },
      ...{ tags: { k: 'v', n: '1' }, latency_ms: 1500, cost_nano: '210000', held_usd: 0, outcome: 'ok', success: true },
      cost_explanation: { basis: 'reported_usage', price_source: 'pricebook:openai/gpt-4o-mini' },
    })
  })

  it('costs what its tenant says, or else what its tenant has made of the prices', async ({ expect }) => {
    const { post, call, app: _, ...rest } = await setUp()
    const made = await call('POST', '/api/governance/pricing-overrides', {
      ...{ name: 'o', scope_kind: 'global', match_type: 'exact', pattern: 'gpt-4o-mini' },
      ...{ request_types: ['chat_completion'], patch: { input_cost_per_token: 0.000001 } },
    })
    expect(made.status).toBeLessThan(300)
    const said = await post(report({ cost_usd: 0.123456789 }))
    const reckoned = await post(report({ external_id: 'call-2', timestamp: iso(NOW) }))
    const before = await post(report({ external_id: 'call-3', timestamp: iso(NOW - DAY) }))
    expect([said, reckoned, before].map(({ body }) => body.data[0].cost_usd)).toEqual([0.123456789, 0.00106, 0.00021])
    expect((await call('GET', `/v1/events/${said.body.data[0].id}`)).body.cost_explanation).toBeNull()
    const none = await post(report({ external_id: 'call-4', model: 'nobody-knows-it' }))
    expect(none).toMatchObject({ status: 400, body: { code: 'request_invalid', param: 'cost_usd' } })
    expect(rest.tenantId).toBeTruthy()
  })

  it('is one row however often it is reported, alone, in a list, and at the same time', async ({ expect }) => {
    const { post, count, call } = await setUp()
    const events = numbered(20)
    const answers = await Promise.all([post({ events }), post({ events }), post(events[3]), post({ events })])
    expect(answers.every(({ status }) => status < 300)).toBe(true)
    expect(await count('usage_event')).toBe(20)
    const again = await post({ events: [...events].reverse() })
    expect(again).toMatchObject({ status: 200, body: { accepted: 20, created: 0, duplicates: 20 } })
    const more = await post({ events: [...events, report({ external_id: 'new' })] })
    expect(more).toMatchObject({ status: 201, body: { accepted: 21, created: 1, duplicates: 20 } })
    const trail = (await call('GET', '/v1/identity/audit')).body.data
    expect(trail.filter((row: { action: string }) => row.action === 'usage_event.report')[0]).toMatchObject({
      after: { events: 1, cost_nano: 210_000 },
    })
  })

  it('is never changed: the same call told otherwise is refused, with all that came with it', async ({ expect }) => {
    const { post, count } = await setUp()
    await post(report({ tags: { a: '1', b: '2' } }))
    expect((await post(report({ tags: { b: '2', a: '1' } }))).status).toBe(200)
    for (const other of [{ output_tokens: 101 }, { cost_usd: 1 }, { user_id: 'u' }, { tags: { a: '1' } }]) {
      const refused = await post({
        events: [report({ external_id: 'fresh' }), report({ tags: { a: '1', b: '2' }, ...other })],
      })
      expect(refused).toMatchObject({ status: 409, body: { code: 'event_reported', param: 'events[1].external_id' } })
    }
    expect(await count('usage_event')).toBe(1)
    expect((await post(report({ timestamp: iso(NOW - 2 * HOUR), output_tokens: 101 }))).status).toBe(201)
  })

  it('is another one of another tenant, whatever it is called', async ({ expect }) => {
    const one = await setUp()
    const other = await newTenant(one)
    const [mine, theirs] = [await one.post(report()), await other.call('POST', '/v1/events', report())]
    expect(theirs.status).toBe(201)
    expect(theirs.body.data[0].id).not.toBe(mine.body.data[0].id)
    expect((await other.call('GET', `/v1/events/${mine.body.data[0].id}`)).status).toBe(404)
  })

  it('is in the sums at once, and after its hour was summed', async ({ expect }) => {
    const { post, costs } = await setUp()
    await post({ events: numbered(3, { cost_usd: 1 }) })
    expect((await costs()).summary).toMatchObject({ total_cost_usd: 3, total_events: 3, total_tokens: 3300 })
    await rollUp(fakePorts().ports)
    await post(report({ external_id: 'late', cost_usd: 0.5 }))
    expect((await costs()).summary).toMatchObject({ total_cost_usd: 3.5, total_events: 4 })
    await rollUp(fakePorts().ports)
    expect((await costs('&group_by=provider')).data).toEqual([
      expect.objectContaining({ provider: 'openai', cost_usd: 3.5, events: 4 }),
    ])
  })

  it('is no difference to what meters counted, and no correction comes of it', async ({ expect }) => {
    const { post, ports, tenantId, call } = await setUp()
    const hourMs = NOW - 12 * HOUR
    const event = makeEvent(hourMs + 1, { tenant_id: tenantId, virtual_key_id: 'key-a', cost_nano: 10 })
    await insertEvents(ports.events, { tenantId, events: [event] })
    const sums = { events: 1, costNano: 10, inputTokens: 100, outputTokens: 20 }
    const limit = { limitId: 'l', scope: `tenant:${tenantId}`, unit: 'nano_usd', startMs: hourMs, amount: 10 } as const
    const limits = [{ ...limit, firstMs: hourMs, lastMs: hourMs + HOUR }]
    const statements = [{ hourMs, revision: 1, ...sums, limits }]
    await putStatements(ports.events, { tenantId, keyId: 'key-a', meter: 'm', statements, receivedMs: NOW })
    await post({ events: numbered(5, { timestamp: iso(hourMs + 2) }) })
    await rollUp(fakePorts().ports)
    const runAt = (nowMs: number) => reconcile(fakePorts({ nowMs: () => nowMs }).ports)
    for (const minutes of [0, 20, 40]) await runAt(NOW + minutes * 60_000)
    expect((await call('GET', '/v1/health/reconcile')).body).toMatchObject({
      ...{ status: 'ok', data: [] },
      last_run: { hours_checked: 1, differences_found: 0, corrections_made: 0 },
    })
    const total = async (query: string) => (await call('GET', `/v1/events?${query}`)).body.pagination.total
    expect([await total('outcome=correction'), await total('source=reported'), await total('source=gateway')]).toEqual([
      0, 5, 1,
    ])
  })
})

describe('a report', () => {
  it('takes a thousand events, and no more', async ({ expect }) => {
    const control = fakeControl({ maxBodyBytes: 10_000_000 })
    const { call } = await newTenant(control)
    const events = numbered(1000, { tags: { long: 'x'.repeat(256), more: 'y'.repeat(256) } })
    expect((await call('POST', '/v1/events', { events })).body).toMatchObject({ accepted: 1000, created: 1000 })
    const refused = await call('POST', '/v1/events', { events: [...events, report({ external_id: 'one more' })] })
    expect(refused).toMatchObject({ status: 400, body: { param: 'events' } })
    expect((await call('GET', '/v1/events?limit=1')).body.pagination.total).toBe(1000)
  })

  it('names each event that is wrong and all that is wrong with it, and books none', async ({ expect }) => {
    const { post, count } = await setUp()
    const events = [
      report(),
      report({ external_id: '', input_tokens: -1 }),
      report({ external_id: 'c', timestamp: 'yesterday' }),
      report({ external_id: 'call-1' }),
    ]
    const { status, body } = await post({ events })
    expect(status).toBe(400)
    const told = body.details.errors.map((one: { index: number; param: string }) => [one.index, one.param])
    expect(told).toEqual([
      [1, 'events[1].external_id'],
      [1, 'events[1].input_tokens'],
      [2, 'events[2].timestamp'],
      [3, 'events[3].external_id'],
    ])
    expect([await count('usage_event'), await count('dirty_hour')]).toEqual([0, 0])
  })

  it.for<[string, unknown, string]>([
    ['{', '{', ''],
    ['an empty list', { events: [] }, 'events'],
    ['a list of nothing', { events: [null] }, 'events[0]'],
    ['a list beside an event', { events: [report()], external_id: 'x' }, 'events'],
    ['a bare list', [report()], ''],
    ['text', 'null', ''],
    ['no model', report({ model: undefined }), 'model'],
    ['a number as text', report({ input_tokens: '5' }), 'input_tokens'],
    ['half a token', report({ input_tokens: 0.5 }), 'input_tokens'],
    ['an absurd number', report({ output_tokens: 1e300 }), 'output_tokens'],
    ['a negative cost', report({ cost_usd: -1 }), 'cost_usd'],
    ['an absurd cost', report({ cost_usd: 1e12 }), 'cost_usd'],
    ['a cost below the nano-dollar', report({ cost_usd: 1e-10 }), 'cost_usd'],
    ['a field that there is not', report({ input_token: 5 }), ''],
    ['a time without a zone', report({ timestamp: '2026-11-20T10:00:00' }), 'timestamp'],
    ['a day that is none', report({ timestamp: '2026-02-30T10:00:00Z' }), 'timestamp'],
    ['a time to come', report({ timestamp: iso(NOW + HOUR) }), 'timestamp'],
    ['a time long ago', report({ timestamp: iso(NOW - 401 * DAY) }), 'timestamp'],
    ['more cached than there is', report({ cached_input_tokens: 999, cache_write_tokens: 2 }), 'input_tokens'],
    ['more reasoning than output', report({ reasoning_tokens: 101 }), 'output_tokens'],
    ['two counts of one thing', report({ tokens_input: 5 }), 'tokens_input'],
    ['too many tags', report({ tags: Object.fromEntries(Array.from({ length: 33 }, (_, i) => [i, 'x'])) }), 'tags'],
    ['a status that is none', report({ status: 42 }), 'status'],
    ['an id with a space', report({ external_id: 'a b' }), 'external_id'],
  ])('refuses %s', async ([_, body, param], { expect }) => {
    const { post, count } = await setUp()
    const answer = await post(body)
    expect(answer.status).toBe(400)
    expect(answer.body.param ?? '').toBe(param)
    expect(answer.body.detail.length).toBeGreaterThan(5)
    expect(await count('usage_event')).toBe(0)
  })

  it('needs a credential that may write events', async ({ expect }) => {
    const tenant = await setUp()
    const with_ = async (input: Record<string, unknown>) =>
      send(tenant, await apiKeyOf(tenant, input), ['POST', '/v1/events', report({ external_id: crypto.randomUUID() })])
    expect((await with_({ role: 'developer', scopes: ['events:write'] })).status).toBe(201)
    expect((await with_({ role: 'developer', scopes: ['events:read'] })).status).toBe(403)
    expect((await with_({ role: 'auditor' })).status).toBe(403)
  })

  it('is read under the names of tokens of either family', async ({ expect }) => {
    const { post, call } = await setUp()
    const { input_tokens: _, output_tokens: __, ...rest } = report()
    const { body } = await post({ ...rest, tokens_input: 7, tokens_output: 3 })
    const shown = (await call('GET', `/v1/events/${body.data[0].id}`)).body
    expect(shown).toMatchObject({ input_tokens: 7, output_tokens: 3, total_tokens: 10 })
  })
})

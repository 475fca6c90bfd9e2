import { describe, it } from 'vitest'
import { checkAlertRules } from '../../workers/accounting/alerts/check-alert-rules.ts'
import type { AccountingPorts } from '../../workers/accounting/ports.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { fakeControl, NOW, newTenant } from './fake-ports.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const USD = 1e9
/** The body of the seed. */
const DAILY = {
  ...{ name: 'Daily Spend Alert', trigger: 'daily_spend_limit', threshold: 50.0, channels: ['email'] },
  filters: { tags: { environment: 'production' } },
}
const BUDGETS = { name: 'High Spend Alert', trigger: 'budget_threshold', threshold: 0.8 }
const PRODUCTION = { tags: { environment: 'production', other: 'x' } }

type Delivery = { payload: { event_type: string; data: Record<string, unknown> } }

/** A tenant with a webhook that wants alerts, and a clock. */
async function setUp() {
  const clock = { nowMs: NOW }
  const control = fakeControl({ nowMs: () => clock.nowMs })
  const tenant = await newTenant(control)
  const hook = await tenant.call('POST', '/v1/webhooks', { url: 'https://example.com/x', events: ['alert_triggered'] })
  const other = await tenant.call('POST', '/v1/webhooks', { url: 'https://example.com/y', events: ['cost_event'] })
  const make = async (body: object) => {
    const made = await tenant.call('POST', '/v1/alerts', body)
    if (made.status !== 201) throw new Error(JSON.stringify(made.body))
    return made.body
  }
  const told = async (id = hook.body.id): Promise<Delivery[]> =>
    (await tenant.call('GET', `/v1/webhooks/${id}/deliveries`)).body.data
  return {
    ...{ ...tenant, clock, make, told, otherHook: other.body.id as string },
    fired: async (id: string) => (await tenant.call('GET', `/v1/alerts/${id}/triggered`)).body,
    spend: (atMs: number, usd: number, fields: Partial<UsageEvent> = PRODUCTION) =>
      insertEvents(control.ports.events, {
        tenantId: tenant.tenantId,
        events: [{ ...makeEvent(atMs, { cost_nano: usd * USD, ...fields }), tenant_id: tenant.tenantId }],
      }),
    /** The cron, a minute later. */
    check: async (over: Pick<Partial<AccountingPorts>, 'readBudgets'> = {}) => {
      clock.nowMs += 60_000
      return checkAlertRules(fakePorts({ nowMs: () => clock.nowMs, ...over }).ports)
    },
  }
}

describe('a rule of alerts', () => {
  it('is made in the words of the seed, shown, changed and deleted', async ({ expect }) => {
    const { call, make } = await setUp()
    const made = await make(DAILY)
    expect(made).toMatchObject({ ...DAILY, active: true, notes: [expect.stringMatching(/nothing by email/)] })
    const path = `/v1/alerts/${made.id}`
    expect((await call('GET', path)).body).toEqual(made)
    expect((await call('GET', '/v1/alerts')).body).toMatchObject({ data: [made], pagination: { total: 1 } })
    const changed = await call('PUT', path, { threshold: 75.5, channels: ['webhook', 'webhook'], active: false })
    expect(changed.body).toMatchObject({
      name: made.name,
      threshold: 75.5,
      channels: ['webhook'],
      notes: [],
      active: false,
    })
    expect((await call('PUT', path, { trigger: 'monthly_spend_limit' })).body).toMatchObject({ threshold: 75.5 })
    const other = await call('PUT', path, { trigger: 'budget_threshold' })
    expect([other.status, other.body.param]).toEqual([400, 'threshold'])
    const part = { trigger: 'budget_threshold', threshold: 0.9, filters: {} }
    expect((await call('PUT', path, part)).body).toMatchObject(part)
    expect((await call('DELETE', path)).body).toEqual({ deleted: true })
    expect((await call('GET', path)).status).toBe(404)
  })

  it.for([
    [{ ...DAILY, threshold: 0 }, /threshold must be dollars/],
    [{ ...DAILY, threshold: -1 }, /threshold must be dollars/],
    [{ ...DAILY, threshold: 1e300 }, /threshold must be dollars/],
    [{ ...DAILY, threshold: 0.0000000001 }, /threshold must be dollars/],
    [{ ...DAILY, threshold: '50' }, /threshold/],
    [{ ...DAILY, trigger: 'hourly' }, /must be one of budget_threshold, daily_spend_limit/],
    [{ ...DAILY, channels: [] }, /one or more of webhook, email, slack/],
    [{ ...DAILY, channels: ['pager'] }, /one or more of webhook, email, slack/],
    [{ ...DAILY, filters: { agent: 'a' } }, /agent/],
    [{ ...DAILY, filters: { tags: { 'a=b': 'c' } } }, /names without =/],
    [{ ...DAILY, filters: { tags: { a: 1 } } }, /tags/],
    [{ ...DAILY, name: '' }, /name/],
    [{ ...DAILY, name: 'x'.repeat(257) }, /name/],
    [{ trigger: DAILY.trigger, threshold: 1 }, /name/],
    [{ ...BUDGETS, threshold: 0.805 }, /whole percents/],
    [{ ...BUDGETS, threshold: 10.01 }, /whole percents/],
    [{ ...BUDGETS, threshold: 80 }, /whole percents/],
    [[], /object/],
    ['{', /Invalid JSON/],
  ] as const)('is refused with what to change: %j', async ([body, words], { expect }) => {
    const { call } = await setUp()
    const answer = await call('POST', '/v1/alerts', body)
    expect(answer.status).toBe(400)
    expect(JSON.stringify(answer.body)).toMatch(words)
  })

  it('is one of fifty at most', async ({ expect }) => {
    const { call, make } = await setUp()
    for (let n = 0; n < 50; n++) await make({ ...DAILY, name: `rule ${n}`, active: false })
    const more = await call('POST', '/v1/alerts', DAILY)
    expect([more.status, more.body.detail]).toEqual([400, 'A tenant has at most 50 alerts: delete one first.'])
  })
})

describe('a rule of spending', () => {
  it('is met at its threshold, of the requests that it is of alone, and told once in a window', async ({ expect }) => {
    const { spend, make, check, told, fired, clock, otherHook } = await setUp()
    const rule = await make(DAILY)
    await spend(NOW - 13 * HOUR, 100)
    await spend(NOW - HOUR, 100, { tags: { environment: 'test' } })
    await spend(NOW - 12 * HOUR, 20)
    await spend(NOW - HOUR, 29.999999999)
    await check()
    expect(await told()).toEqual([])
    await spend(NOW - HOUR, 0.000000001)
    await check()
    const noticed_at = new Date(clock.nowMs).toISOString()
    const data = {
      ...{ alert_id: rule.id, ...DAILY, limit_id: null, scope: null, max_usd: 50, used_usd: 50, noticed_at },
      window: { starts_at: '2026-11-20T00:00:00.000Z', resets_at: '2026-11-21T00:00:00.000Z' },
    }
    const [delivery] = await told()
    expect(delivery?.payload).toMatchObject({ event_type: 'alert_triggered', data })
    expect((await fired(rule.id)).data).toEqual([delivery?.payload.data])
    await spend(NOW - HOUR, 500)
    for (let minutes = 0; minutes < 3; minutes++) await check()
    expect([(await told()).length, await told(otherHook), (await fired(rule.id)).pagination.total]).toEqual([1, [], 1])
    clock.nowMs = NOW + DAY
    await check()
    expect(await told()).toHaveLength(1)
    await spend(NOW + DAY - HOUR, 60)
    await check()
    expect([(await told()).length, (await fired(rule.id)).data[0].used_usd]).toEqual([2, 60])
  })

  it('that gets another threshold is told of that, too; one that is off or gone of nothing', async ({ expect }) => {
    const { spend, make, check, told, call } = await setUp()
    const [rule, off, gone] = [await make(DAILY), await make({ ...DAILY, active: false }), await make(DAILY)]
    await call('DELETE', `/v1/alerts/${gone.id}`)
    await spend(NOW - HOUR, 60)
    await check()
    await call('PUT', `/v1/alerts/${rule.id}`, { threshold: 61 })
    await check()
    expect(await told()).toHaveLength(1)
    await spend(NOW - HOUR, 1)
    await check()
    const all = (await told()).map(({ payload }) => [payload.data.alert_id, payload.data.threshold])
    expect(all.sort()).toEqual([
      [rule.id, 50],
      [rule.id, 61],
    ])
    await call('PUT', `/v1/alerts/${off.id}`, { active: true })
    await check()
    expect((await told()).map(({ payload }) => payload.data.alert_id)).toContain(off.id)
  })

  it.for([
    ['weekly_spend_limit', Date.UTC(2026, 10, 16)],
    ['monthly_spend_limit', Date.UTC(2026, 10, 1)],
  ] as const)('counts from the beginning of its window: %s', async ([trigger, startMs], { expect }) => {
    const { spend, make, check, told } = await setUp()
    await make({ name: 'r', trigger, threshold: 10, filters: { agent_name: 'a', model: 'm' } })
    const fields = { agent_name: 'a', model: 'm' }
    await spend(startMs - 1, 50, fields)
    await spend(startMs, 9.99, fields)
    await spend(startMs, 9, { ...fields, agent_name: 'b' })
    await spend(startMs, 9, { ...fields, model: 'n' })
    await check()
    expect(await told()).toEqual([])
    await spend(NOW - 1, 0.01, fields)
    await check()
    const window = { starts_at: new Date(startMs).toISOString() }
    expect((await told())[0]?.payload.data).toMatchObject({ trigger, used_usd: 10, window })
  })
})

describe('a rule of budgets', () => {
  const window = { startMs: NOW - HOUR, endMs: NOW + HOUR, lent: 0, free: 0 }

  it('is met by each budget that it looks at, as the budget itself counts it', async ({ expect }) => {
    const { make, check, told, call, tenantId } = await setUp()
    const budget = async (owner: object) =>
      (await call('POST', '/v1/budgets', { ...owner, amount_usd: 10, period: 'daily' })).body
    const mine = await budget({ agent_name: 'expensive_agent' })
    const both = await budget({ agent_name: 'expensive_agent', tags: { a: 'b' } })
    const other = await budget({ agent_name: 'other' })
    await make({ ...BUDGETS, filters: { agent_name: 'expensive_agent' } })
    const spent = new Map<string, number>([other.id, 'x:tokens'].map(id => [id, 10 * USD]))
    const asked: string[] = []
    const readBudgets: AccountingPorts['readBudgets'] = async owner => {
      expect(owner.tenantId).toBe(tenantId)
      asked.push(owner.scope)
      const ids = [mine, both, other].filter(one => one.scope === owner.scope).map(one => one.id as string)
      // What is no money is passed over.
      return [...ids, 'x:tokens'].map(limitId => ({
        ...window,
        limitId,
        max: 10 * USD,
        spent: spent.get(limitId) ?? 9e9 - 1e9 - 1,
      }))
    }
    await check({ readBudgets })
    expect([await told(), asked.sort()]).toEqual([[], [mine.scope, both.scope].sort()])
    spent.set(both.id, 8 * USD)
    for (let minutes = 0; minutes < 2; minutes++) await check({ readBudgets })
    const [first, ...others] = await told()
    expect(first?.payload.data).toMatchObject({
      limit_id: both.id,
      scope: both.scope,
      threshold: 0.8,
      max_usd: 10,
      used_usd: 8,
    })
    expect(others).toEqual([])
    spent.set(mine.id, 11 * USD)
    await check({ readBudgets })
    expect(await told()).toHaveLength(2)
  })

  it('that cannot be looked at keeps no other waiting, and is looked at again', async ({ expect }) => {
    const { make, check, told, call, spend } = await setUp()
    await call('POST', '/v1/budgets', { amount_usd: 10, period: 'daily' })
    const [broken, whole] = [await make(BUDGETS), await make({ ...DAILY, threshold: 1 })]
    await spend(NOW - HOUR, 2)
    const readBudgets = async () => Promise.reject(new Error('unreachable'))
    await check({ readBudgets })
    expect((await told()).map(({ payload }) => payload.data.alert_id)).toEqual([whole.id])
    await check({
      readBudgets: async ({ scope }) => [
        { ...window, limitId: (await call('GET', '/v1/budgets')).body.data[0].id, max: 1, spent: 1, scope },
      ],
    })
    expect((await told()).map(({ payload }) => payload.data.alert_id)).toContain(broken.id)
  })

  it('that is changed or deleted while it is looked at says nothing by what it was', async ({ expect }) => {
    const { make, check, told, fired, call } = await setUp()
    const { id: limitId } = (await call('POST', '/v1/budgets', { amount_usd: 10, period: 'daily' })).body
    const [changed, gone] = [await make(BUDGETS), await make(BUDGETS)]
    const standings = [{ ...window, limitId, max: 10 * USD, spent: 8 * USD }]
    const readBudgets = async () => {
      await call('PUT', `/v1/alerts/${changed.id}`, { threshold: 0.81 })
      await call('DELETE', `/v1/alerts/${gone.id}`)
      return standings
    }
    await check({ readBudgets })
    expect([await told(), (await fired(changed.id)).data]).toEqual([[], []])
    await check({ readBudgets: async () => [{ ...window, limitId, max: 10 * USD, spent: 8.1 * USD }] })
    expect((await told()).map(({ payload }) => payload.data.threshold)).toEqual([0.81])
  })

  it('is told once by two crons at once', async ({ expect }) => {
    const { make, told, fired, spend } = await setUp()
    const rule = await make({ ...DAILY, threshold: 1 })
    await spend(NOW - HOUR, 2)
    await Promise.all([1, 2, 3].map(n => checkAlertRules(fakePorts({ nowMs: () => NOW + n * 60_000 }).ports)))
    const [deliveries, firings] = [await told(), (await fired(rule.id)).data]
    expect(deliveries.map(({ payload }) => payload.data)).toEqual(firings)
    expect(firings).toHaveLength(1)
  })
})

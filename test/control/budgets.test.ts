import fc from 'fast-check'
import { describe, it } from 'vitest'
import { burnOf } from '../../workers/core/quota/burn.ts'
import { joinedIn, joinedScope, partsOf } from '../../workers/core/quota/joined-scope.ts'
import { scopesOf } from '../../workers/core/quota/scope.ts'
import { KEYS, NOW, openTenant } from './fake-ports.ts'

const BUDGETS = '/v1/budgets'
const DAY = 86_400_000
/** The month that NOW is in: noon of its twentieth day. */
const MONTH = { period_start: '2026-11-01T00:00:00.000Z', period_end: '2026-12-01T00:00:00.000Z' }
const GOOD = { agent_name: 'a', amount_usd: 5, period: 'monthly' }

/** A tenant whose clock stands still until it is set. */
async function setUp() {
  const clock = { nowMs: NOW }
  const tenant = await openTenant({ nowMs: () => clock.nowMs })
  const spend = (limitId: string, usd: number) => {
    tenant.scopeUsage.length = 0
    tenant.scopeUsage.push({ limitId, used: usd * 1e9, startMs: Date.UTC(2026, 10, 1), endMs: Date.UTC(2026, 11, 1) })
  }
  return { ...tenant, clock, spend }
}

describe('a budget', () => {
  it('is made as the seed makes it, of what has both names, and is a limit in force', async ({ expect }) => {
    const { call, get, latestOf, latest, make } = await setUp()
    const key = await make(KEYS, { name: 'k' })
    const seed = {
      ...{ agent_name: 'new_agent', amount_usd: 50.0, period: 'monthly', alert_threshold: 0.8 },
      ...{ enforcement: 'block', tags: { Department: 'marketing' } },
    }
    const made = await call('POST', BUDGETS, seed)
    const scope = 'all:["agent:new_agent","tag:Department=marketing"]'
    expect(made).toMatchObject({ status: 201, headers: expect.anything() })
    expect(made.body).toEqual({
      ...{ id: expect.any(String), user_id: null, scope, status: 'active', ...seed },
      ...{ spent_usd: 0, remaining_usd: 50, burn_rate_usd_per_day: null, projected_exhaustion_at: null, ...MONTH },
      ...{ created_at: new Date(NOW).toISOString(), updated_at: new Date(NOW).toISOString() },
    })
    expect(await get(`${BUDGETS}/${made.body.id}`)).toEqual(made.body)
    const window = { duration: '1M', isAligned: true, anchorMs: NOW }
    const limit = { id: made.body.id, scope, unit: 'nano_usd', max: 50e9, window, thresholds: [80, 100] }
    expect(latestOf(scope)?.limits).toEqual([limit])
    expect(latest(key.id)?.limits).toContainEqual(limit)
    const shown = { scope, unit: 'nano_usd', max_usd: 50, on_exceed: 'refuse', alert_thresholds: [80, 100] }
    expect(await get(`/v1/limits/${made.body.id}`)).toMatchObject(shown)
  })

  it.for([
    [{}, (tenantId: string) => `tenant:${tenantId}`],
    [{ agent_name: 'a' }, () => 'agent:a'],
    [{ user_id: 'u' }, () => 'user:u'],
    [{ tags: { k: 'v=w' } }, () => 'tag:k=v=w'],
    [{ user_id: 'u', agent_name: 'a' }, () => 'all:["agent:a","user:u"]'],
    [{ tags: { z: '1', a: '"2"' } }, () => 'all:["tag:a=\\"2\\"","tag:z=1"]'],
  ] as [object, (tenantId: string) => string][])(
    'of %j has the scope that its requests fall under',
    async ([owner, scopeOf], { expect }) => {
      const { call, tenantId } = await setUp()
      const made = await call('POST', BUDGETS, { amount_usd: 1, period: 'daily', enforcement: 'warn', ...owner })
      const nobody = { agent_name: null, user_id: null, tags: {} }
      expect(made.body).toMatchObject({ scope: scopeOf(tenantId), ...nobody, ...owner, enforcement: 'warn' })
    },
  )

  it('says where it goes: spent, left, how fast, until when, and how that stands', async ({ expect }) => {
    const { call, get, spend, clock } = await setUp()
    const { id } = (await call('POST', BUDGETS, { ...GOOD, amount_usd: 10, alert_threshold: 0.5 })).body
    const at = async (days: number, usd: number) => {
      clock.nowMs = NOW + days * DAY
      spend(id, usd)
      return get(`${BUDGETS}/${id}`)
    }
    expect(await at(2, 4)).toMatchObject({
      ...{ spent_usd: 4, remaining_usd: 6, burn_rate_usd_per_day: 2, status: 'active' },
      projected_exhaustion_at: new Date(NOW + 5 * DAY).toISOString(),
    })
    const slow = { burn_rate_usd_per_day: 0.5, projected_exhaustion_at: null }
    expect(await at(10, 5)).toMatchObject({ ...slow, status: 'warning' })
    expect(await at(4, 10)).toMatchObject({ remaining_usd: 0, status: 'exceeded', projected_exhaustion_at: null })
    expect(await at(4, 12.5)).toMatchObject({ spent_usd: 12.5, remaining_usd: 0, burn_rate_usd_per_day: 3.125 })
    expect(await at(15, 10)).toMatchObject({ spent_usd: 0, period_start: MONTH.period_end, status: 'active' })
  })

  it('changes what the body names, keeps its id and what was spent, and stays whose it is', async ({ expect }) => {
    const { call, get, spend, latestOf } = await setUp()
    const { id, ...made } = (await call('POST', BUDGETS, GOOD)).body
    spend(id, 3)
    const path = `${BUDGETS}/${id}`
    const seed = await call('PUT', path, { amount_usd: 75.0, alert_threshold: 0.9 })
    expect(seed.body).toMatchObject({ id, amount_usd: 75, alert_threshold: 0.9, spent_usd: 3, period: 'monthly' })
    expect(latestOf('agent:a')?.limits[0]).toMatchObject({ id, max: 75e9, thresholds: [90, 100] })
    const warned = await call('PUT', path, { ...made, amount_usd: 2, enforcement: 'warn', alert_threshold: null })
    expect(warned.body).toMatchObject({ amount_usd: 2, enforcement: 'warn', alert_threshold: 1, status: 'exceeded' })
    expect((await call('PUT', path, { period: 'weekly' })).body).toMatchObject({ period: 'weekly', amount_usd: 2 })
    for (const other of [{ agent_name: 'b' }, { agent_name: null }, { user_id: 'u' }, { tags: { k: 'v' } }]) {
      const refused = await call('PUT', path, other)
      expect([refused.status, refused.body.param]).toEqual([400, Object.keys(other)[0]])
      expect(refused.body.detail).toContain('Make another one')
    }
    expect((await get(path)).agent_name).toBe('a')
    expect((await call('DELETE', path)).body).toEqual({ deleted: true })
    expect((await call('GET', path)).status).toBe(404)
    expect(latestOf('agent:a')?.limits).toEqual([])
  })

  it('is one of its owner and period, and two of one owner in one period are refused', async ({ expect }) => {
    const { call } = await setUp()
    const tags = { a: '1', b: '2' }
    expect((await call('POST', BUDGETS, { ...GOOD, tags })).status).toBe(201)
    const again = await call('POST', BUDGETS, { ...GOOD, tags: { b: '2', a: '1' } })
    expect([again.status, again.body.code]).toEqual([409, 'already_exists'])
    expect((await call('POST', BUDGETS, { ...GOOD, tags, period: 'daily' })).status).toBe(201)
  })

  it.for([
    [{ ...GOOD, amount_usd: 0 }, 'amount_usd must be more than 0'],
    [{ ...GOOD, amount_usd: -1 }, 'amount_usd must be more than 0'],
    [{ ...GOOD, amount_usd: 1e300 }, 'amount_usd must be more than 0, at most 9000000'],
    [{ ...GOOD, amount_usd: 0.1234567891 }, 'at most 9 decimal places'],
    [{ ...GOOD, amount_usd: '5' }, 'amount_usd'],
    [{ ...GOOD, amount_usd: null }, 'amount_usd'],
    [{ ...GOOD, period: 'fortnightly' }, 'must be one of daily, weekly, monthly, quarterly, yearly'],
    [{ agent_name: 'a', amount_usd: 5 }, 'must be one of daily'],
    [{ ...GOOD, enforcement: 'explode' }, 'must be one of block, warn'],
    [{ ...GOOD, alert_threshold: 80 }, 'alert_threshold must be a part of the amount'],
    [{ ...GOOD, alert_threshold: 0 }, 'alert_threshold must be a part of the amount'],
    [{ ...GOOD, alert_threshold: 0.805 }, 'alert_threshold must be a part of the amount'],
    [{ ...GOOD, agent_name: '' }, 'agent_name'],
    [{ ...GOOD, agent_name: 'x'.repeat(257) }, 'agent_name'],
    [{ ...GOOD, tags: { 'a=b': 'c' } }, 'must be names without = of 1 to 256 characters'],
    [{ ...GOOD, tags: { a: 1 } }, 'tags'],
    [{ ...GOOD, tags: ['a'] }, 'tags'],
    [{ ...GOOD, tags: { a: 'x'.repeat(200), b: 'x'.repeat(200), c: 'x'.repeat(200) } }, 'more than 512 characters'],
    ['{"amount_usd":', 'Invalid JSON'],
    ['"x"', 'object'],
  ] as [unknown, string][])('is not made of %j', async ([body, words], { expect }) => {
    const { call, pushOrder } = await setUp()
    const answer = await call('POST', BUDGETS, body)
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(words) } })
    expect([pushOrder, (await call('GET', BUDGETS)).body.pagination.total]).toEqual([[], 0])
  })
})

describe('the list of budgets', () => {
  it('has the limits of money that are budgets, made here or there, and no others', async ({ expect }) => {
    const { call, make, clock } = await setUp()
    const money = { unit: 'nano_usd', max_usd: 1, duration: '12h' }
    const limit = await make('/v1/limits', { ...money, scope: 'agent:l', on_exceed: 'clamp' })
    for (const scope of ['feature:f', 'all:["feature:f","agent:a"]']) await make('/v1/limits', { ...money, scope })
    await make('/v1/limits', { scope: 'agent:l', unit: 'tokens', max: 5, duration: '1d' })
    await make('/api/governance/teams', { name: 't', budgets: [{ max_limit: 1, reset_duration: '1d' }] })
    clock.nowMs += 1
    const made = (await call('POST', BUDGETS, GOOD)).body
    const { data, pagination } = (await call('GET', BUDGETS)).body
    expect(data).toEqual([
      expect.objectContaining({ id: limit.id, period: '12h', enforcement: 'clamp', alert_threshold: null }),
      made,
    ])
    expect(pagination).toMatchObject({ total: 2, limit: 50, offset: 0 })
    const limits: { id: string }[] = (await call('GET', '/v1/limits')).body.data
    const others = limits.filter(({ id }) => id !== limit.id && id !== made.id)
    expect(others).toHaveLength(4)
    for (const other of others) {
      for (const method of ['GET', 'PUT', 'DELETE']) {
        const answer = await call(method, `${BUDGETS}/${other.id}`, method === 'PUT' ? { amount_usd: 1 } : undefined)
        expect([answer.status, answer.body.detail]).toEqual([404, 'There is no such budget.'])
      }
    }
  })

  it('says that it cannot tell, where a budget object does not answer', async ({ expect }) => {
    const readScopeUsage = async () => {
      throw new Error('no answer')
    }
    const { call } = await openTenant({ readScopeUsage })
    expect(await call('POST', BUDGETS, GOOD)).toMatchObject({ status: 503, body: { code: 'meter_unavailable' } })
    expect((await call('GET', BUDGETS)).status).toBe(503)
  })
})

describe('a joined scope', () => {
  it.for([
    ['all:["agent:a"]', 'must be all: and a JSON array of 2 to 8'],
    ['all:["agent:a","agent:a"]', 'must be all: and a JSON array of 2 to 8'],
    ['all:agent:a', 'must be all: and a JSON array of 2 to 8'],
    ['all:["agent:a",5]', 'must be all: and a JSON array of 2 to 8'],
    ['all:["agent:a","team:t"]', 'is governed elsewhere'],
    ['all:["agent:a","all:[\\"user:u\\",\\"tag:a=b\\"]"]', 'must be all: and a JSON array of 2 to 8'],
    ['all:["agent:a","provider:nobody"]', 'names a provider that is not configured'],
    [`all:${JSON.stringify('abcdefghi'.split('').map(name => `user:${name}`))}`, 'must be all: and a JSON array of 2'],
  ] as [string, string][])('is not %s', async ([scope, words], { expect }) => {
    const { call } = await setUp()
    const body = { scope, unit: 'requests', max: 5, duration: '1h' }
    const answer = await call('POST', '/v1/limits', body)
    expect(answer).toMatchObject({ status: 400, body: { param: 'scope', detail: expect.stringContaining(words) } })
  })

  it('binds the requests that fall under all of its scopes, whatever their names and order, and no others', ({
    expect,
  }) => {
    const name = fc.string({ minLength: 1, maxLength: 4 })
    const request = fc.record({ agent: name, user: name, tags: fc.dictionary(name, name, { maxKeys: 3 }) })
    const facts = { keyId: 'k', teamId: null, customerId: null, tenantId: 't', provider: 'p', model: 'm' }
    fc.assert(
      fc.property(request, fc.array(name, { maxLength: 3 }), (one, foreign) => {
        const scopes = scopesOf({ ...facts, feature: null, entity: null, ...one })
        const mine = scopes.slice(2)
        const good = joinedScope(mine)
        expect(joinedScope(mine.toReversed())).toBe(good)
        expect(partsOf(good)).toEqual([...new Set(mine)].toSorted())
        const missing = foreign.map(text => `feature:${text}`)
        const bad = missing.length > 0 ? [joinedScope([...mine, ...missing])] : []
        const limits = [good, ...bad, ...mine, good].map(scope => ({ scope }))
        expect(joinedIn(limits, scopes)).toEqual([good])
      }),
    )
  })
})

describe('where a budget goes', () => {
  it('is known after a minute, never past its end, and not of what is used up', ({ expect }) => {
    const at = { used: 10, max: 100, sinceMs: 0, endMs: 10 * DAY }
    expect(burnOf({ ...at, nowMs: 59_999 })).toEqual({ perDay: undefined, exhaustedMs: undefined })
    expect(burnOf({ ...at, nowMs: DAY })).toEqual({ perDay: 10, exhaustedMs: undefined })
    expect(burnOf({ ...at, endMs: 10 * DAY + 1, nowMs: DAY })).toEqual({ perDay: 10, exhaustedMs: 10 * DAY })
    expect(burnOf({ ...at, used: 0, nowMs: DAY })).toEqual({ perDay: 0, exhaustedMs: undefined })
    expect(burnOf({ ...at, used: 100, nowMs: DAY })).toEqual({ perDay: 100, exhaustedMs: undefined })
  })
})

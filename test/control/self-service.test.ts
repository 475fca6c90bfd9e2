import { describe, it } from 'vitest'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'

const DAY = 86_400_000
const ME = '/v1/me'

/** Two keys of one tenant, each with events of its own: mine cost 1, 2 and 4 dollars, the last one long ago; the other's 100. */
async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const newKey = async (over = {}) => {
    const budgets = [{ max_limit: 50, reset_duration: '1M' }]
    return (await tenant.call('POST', KEYS, { name: crypto.randomUUID(), budgets, ...over })).body.virtual_key
  }
  const [mine, theirs] = [await newKey(), await newKey()]
  const { tenantId } = tenant
  const spent = (virtual_key_id: string, [days, usd]: [number, number]) =>
    makeEvent(NOW - days * DAY, { tenant_id: tenantId, virtual_key_id, cost_nano: usd * 1e9, user_id: `u${usd}` })
  const costs: [number, number][] = [
    [1, 1],
    [2, 2],
    [40, 4],
  ]
  const events = costs.map(one => spent(mine.id, one))
  const other = spent(theirs.id, [1, 100])
  await insertEvents(control.ports.events, { tenantId, events: [...events, other] })
  const as = (key: string | undefined) => (path: string) => send(control, key, ['GET', `${ME}${path}`])
  return { control, ...tenant, newKey, mine, theirs, events, other, as, ask: as(mine.value) }
}

const total = ({ body }: { body: { summary: { total_cost_usd: number } } }) => body.summary.total_cost_usd

describe('a virtual key', () => {
  it('sees what it has spent and how it stands, of the last thirty days unless it says otherwise', async ({
    expect,
  }) => {
    const { control, mine, ask, as, theirs } = await setUp()
    control.usage.push({ limitId: mine.budgets[0].id, used: 3e9, startMs: NOW - 1, endMs: NOW + DAY })
    const usage = await ask('/usage')
    expect(usage).toMatchObject({ status: 200, body: { summary: { total_cost_usd: 3, total_events: 2 } } })
    expect(usage.body.virtual_key).toMatchObject({
      ...{ id: mine.id, virtual_key_name: mine.name, is_active: true },
      budgets: [{ max_limit: 50, current_usage: 3 }],
    })
    const range = { start_date: new Date(NOW - 30 * DAY).toISOString(), end_date: new Date(NOW).toISOString() }
    expect(usage.body).toMatchObject(range)
    expect(JSON.stringify(usage.body)).not.toMatch(new RegExp(`${theirs.id}|sk-bf|${mine.value}`))
    expect(total(await ask('/usage?start_date=2026-10-01&end_date=2026-10-31&group_by=model'))).toBe(4)
    expect(total(await ask('/usage?end_date=2026-10-31'))).toBe(4)
    expect(total(await as(theirs.value)('/usage'))).toBe(100)
    expect(usage.headers.get('x-ratelimit-limit')).toBe('1000')
  })

  it('sees its own events and no other, whatever it asks for', async ({ expect }) => {
    const { ask, as, events, theirs, other } = await setUp()
    const ids = async (path: string) => (await ask(path)).body.data.map(({ id }: { id: string }) => id)
    const own = events.map(({ id }) => id)
    expect(await ids('/events')).toEqual(own)
    expect(await ids(`/events?virtual_key_id=${theirs.id}`)).toEqual(own)
    expect(await ids('/events?user_id=u2')).toEqual([own[1]])
    expect(await ids('/events?user_id=u100')).toEqual([])
    expect((await ask('/events?limit=1')).body.pagination).toMatchObject({ total: 3, has_more: true })
    const [first] = own
    expect((await ask(`/events/${first}`)).body).toMatchObject({ id: first, cost_usd: 1, cost_explanation: {} })
    const foreign = await ask(`/events/${other.id}`)
    const unknown = await ask(`/events/evt_${'0'.repeat(32)}_1`)
    for (const one of [foreign, unknown]) {
      expect([one.status, one.body.code, one.body.detail]).toEqual([404, 'not_found', 'There is no such event.'])
    }
    expect((await as(theirs.value)(`/events/${other.id}`)).status).toBe(200)
    expect(total(await ask(`/usage?virtual_key_id=${theirs.id}`))).toBe(3)
  })

  it.for([
    '/usage?group_by=key',
    '/usage?start_date=x',
    '/usage?end_date=x',
    '/usage?start_date=2000-01-01',
    '/events?limit=0',
    '/events?tags=x',
  ])('is told what is wrong with %s', async (path, { expect }) => {
    const { ask } = await setUp()
    expect(await ask(path)).toMatchObject({ status: 400, body: { code: 'request_invalid', param: expect.any(String) } })
  })

  it('is the only credential that opens this, while it is there', async ({ expect }) => {
    const { control, adminKey, call, mine, newKey, as, events } = await setUp()
    const stranger = await newTenant(control)
    for (const path of ['/usage', '/events', `/events/${events[0]?.id}`]) {
      for (const key of [undefined, adminKey, stranger.adminKey, 'x']) {
        expect([path, (await as(key)(path)).status]).toEqual([path, 401])
      }
      const forged = await as(`${mine.value.slice(0, -1)}x`)(path)
      expect([forged.status, forged.body.code]).toEqual([401, 'key_invalid'])
    }
    const off = await newKey({ is_active: false })
    expect((await as(off.value)('/usage')).body.virtual_key.is_active).toBe(false)
    await call('DELETE', `${KEYS}/${mine.id}`)
    expect((await as(mine.value)('/usage')).status).toBe(401)
  })

  it('waits where it asks too often, and opens nothing else of the management API', async ({ expect }) => {
    const { mine } = await setUp()
    const full = { ok: false, limit: 60, remaining: 0, resetMs: NOW + 30_000 }
    const busy = fakeControl({ takeKeyRequest: async () => full })
    const limited = await send(busy, mine.value, ['GET', `${ME}/usage`])
    expect([limited.status, limited.headers.get('retry-after')]).toEqual([429, '30'])
    for (const path of ['/v1/events', '/v1/analytics/costs', '/v1/me', '/v1/budgets', '/v1/webhooks']) {
      expect((await send(busy, mine.value, ['GET', path])).status).toBe(403)
    }
  })
})

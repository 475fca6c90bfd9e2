import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { runScheduled } from '../../workers/accounting/run-scheduled.ts'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { PLACE_HOLDS_MS, shardedDatabases } from '../../workers/db/shards.ts'
import { batchOf, fakePorts, messageOf } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { type Call, type Control, fakeControl, NOW, newTenant, send } from '../control/fake-ports.ts'
import { alertOf } from '../support/alert-of.ts'
import { EVENT_TABLES } from './databases.ts'

const START = Date.UTC(2026, 10, 19, 8)
const D1S = [env.DB, env.DB_SHARD_1]

beforeAll(() => applyD1Migrations(env.DB_SHARD_1, env.TEST_MIGRATIONS))

/** D1 that does not answer. */
function down(): D1Database {
  const refuse = () => {
    throw new Error('D1_ERROR: down')
  }
  return { prepare: refuse, batch: refuse } as unknown as D1Database
}

/** A deployment with two databases, as its planes see it. */
function deployment({ second = env.DB_SHARD_1, nowMs = () => NOW } = {}) {
  const databases = shardedDatabases(openDatabase(env.DB), [openDatabase(second)], nowMs)
  const accounting = fakePorts()
  Object.assign(accounting.ports, databases)
  const control = fakeControl()
  Object.assign(control.ports, databases)
  return { ...databases, accounting, control }
}

async function placeOf(tenantId: string): Promise<number | null> {
  return env.DB.prepare('SELECT shard FROM tenant WHERE id = ?1').bind(tenantId).first<number>('shard')
}

/** One tenant on each shard, in the order of the shards; tests have moved some, so that more are made until there are both. */
async function pair(control: Control) {
  const made = new Map<number | null, Awaited<ReturnType<typeof newTenant>>>()
  for (let tries = 0; tries < 6; tries++) {
    const tenant = await newTenant(control)
    made.set(await placeOf(tenant.tenantId), tenant)
  }
  const [zero, one] = [made.get(0), made.get(1)]
  if (!zero || !one) throw new Error(`not one on each: ${[...made.keys()]}`)
  return [zero, one] as const
}

const eventsOf = (tenant_id: string) =>
  [0, 1, 2].map(index =>
    makeEvent(START + index, { tenant_id, cost_nano: 1000 * (index + 1), user_id: `u${index % 2}`, tags: { a: 'b' } }),
  )

/** How many rows of a tenant's each database has in any table of events. */
async function rowsOf(tenantId: string): Promise<number[]> {
  const tables = [...EVENT_TABLES, 'webhook_delivery']
  const counts = D1S.map(async d1 => {
    const ask = (table: string) => d1.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = ?1`).bind(tenantId)
    const answers = await d1.batch<{ n: number }>(tables.map(ask))
    return answers.reduce((sum, { results }) => sum + (results[0]?.n ?? 0), 0)
  })
  return Promise.all(counts)
}

const QUESTIONS = [
  '/v1/events?limit=10',
  '/v1/analytics/costs?start_date=2026-11-01&end_date=2026-11-30&group_by=user',
  '/v1/analytics/usage?start_date=2026-11-01&end_date=2026-11-30',
  '/v1/cost/summary?start_date=2026-11-01&end_date=2026-11-30',
  '/v1/ai/spend?start_date=2026-11-01&end_date=2026-11-30',
  '/v1/alerts/reached',
  '/v1/health/reconcile',
]

describe('a tenant', () => {
  it('that is new goes where fewest tenants are, and stays there whatever is added', async ({ expect }) => {
    const { control } = deployment()
    const [zero, one] = await pair(control)
    expect([await placeOf(zero.tenantId), await placeOf(one.tenantId)]).toEqual([0, 1])
    const three = shardedDatabases(openDatabase(env.DB), [env.DB_SHARD_1, down()].map(openDatabase), () => NOW)
    expect(await three.shardForNew()).toBe(2)
    expect((await three.eventsDb(zero.tenantId)).$client).toBe(env.DB)
    expect((await three.eventsDb(one.tenantId)).$client).toBe(env.DB_SHARD_1)
  })

  it('whose database is not bound is told so, and no other', async ({ expect }) => {
    const { control, eventsDb } = deployment()
    const [zero, one] = await pair(control)
    await env.DB.prepare('UPDATE tenant SET shard = 7 WHERE id = ?1').bind(one.tenantId).run()
    await expect(eventsDb(one.tenantId)).rejects.toThrow('shard 7, and DB_SHARDS is 2')
    expect((await eventsDb(zero.tenantId)).$client).toBe(env.DB)
  })

  it('is looked for anew after half a minute, and not before', async ({ expect }) => {
    const clock = { nowMs: NOW }
    const { control, eventsDb } = deployment({ nowMs: () => clock.nowMs })
    const [, one] = await pair(control)
    const where = async () => D1S.indexOf((await eventsDb(one.tenantId)).$client)
    expect(await where()).toBe(1)
    await env.DB.prepare('UPDATE tenant SET shard = 0 WHERE id = ?1').bind(one.tenantId).run()
    clock.nowMs += PLACE_HOLDS_MS - 1
    expect(await where()).toBe(1)
    clock.nowMs += 1
    expect(await where()).toBe(0)
  })
})

describe('events of two tenants in two databases', () => {
  it('are each where their tenant is, count once, and are shown alike and to nobody else', async ({ expect }) => {
    const { accounting, control } = deployment()
    const tenants = await pair(control)
    const bodies = tenants.flatMap(({ tenantId }) => {
      const message = messageOf(eventsOf(tenantId))
      const from = { tenantId, scope: 'user:u1' }
      return [message, message, { v: 1, from, alerts: [alertOf({ limitId: 'limit' })] }]
    })
    const { batch, answers } = batchOf(bodies)
    await consumeUsage(batch, accounting.ports)
    expect(answers).toEqual(bodies.map(() => 'ack'))
    const [zero, one] = tenants
    expect(await rowsOf(zero.tenantId)).toEqual([5, 0])
    expect(await rowsOf(one.tenantId)).toEqual([0, 5])
    const show = async () => {
      const answersOf = tenants.map(async ({ tenantId, call }) => {
        const bodiesOf = await Promise.all(QUESTIONS.map(async path => [path, (await call('GET', path)).body]))
        // Ids are of the tenant and of chance; all else is the same.
        const text = JSON.stringify(bodiesOf).replaceAll(tenantId, 'TENANT')
        return text.replaceAll(/evt_[0-9a-f-]+_\d|[0-9a-f]{20,}|"next_cursor":"[^"]*"/g, 'ID')
      })
      const [a, b] = await Promise.all(answersOf)
      expect(b).toBe(a)
      return a
    }
    const before = await show()
    expect(before?.match(/"total":3/g)?.length).toBeGreaterThan(0)
    await runScheduled(accounting.ports)
    expect(await rowsOf(one.tenantId)).toEqual([0, expect.any(Number)])
    expect((await rowsOf(one.tenantId))[1]).toBe((await rowsOf(zero.tenantId))[0])
    expect((await rowsOf(one.tenantId))[1]).toBeGreaterThan(5)
    await show()
    const mine = (await one.call('GET', '/v1/events')).body.data.map(({ id }: { id: string }) => id)
    for (const id of mine) expect((await zero.call('GET', `/v1/events/${id}`)).status).toBe(404)
  })

  it('that are reported are in the audit trail of the one and in the database of the other', async ({ expect }) => {
    const { control } = deployment()
    const [, one] = await pair(control)
    const report = {
      external_id: 'x',
      timestamp: new Date(START).toISOString(),
      provider: 'p',
      model: 'm',
      cost_usd: 1,
    }
    for (const status of [201, 200]) expect((await one.call('POST', '/v1/events', report)).status).toBe(status)
    expect(await rowsOf(one.tenantId)).toEqual([0, 2])
    const trail = (await one.call('GET', '/v1/identity/audit?action=usage_event.report')).body
    expect(trail.pagination.total).toBe(1)
  })
})

describe('a database that is down', () => {
  it('delays its own tenants and no other', async ({ expect }) => {
    const { control } = deployment()
    const [zero, one] = await pair(control)
    const { accounting } = deployment({ second: down() })
    const bodies = [one, zero].map(({ tenantId }) => messageOf(eventsOf(tenantId)))
    const { batch, answers } = batchOf(bodies)
    await consumeUsage(batch, accounting.ports)
    expect(answers).toEqual(['retry after 5 s', 'ack'])
    expect(await rowsOf(zero.tenantId)).toEqual([4, 0])
    await runScheduled(accounting.ports)
    const dirty = env.DB.prepare('SELECT count(*) AS n FROM dirty_hour WHERE tenant_id = ?1').bind(zero.tenantId)
    expect(await dirty.first('n')).toBe(0)
    expect(accounting.logged).toContainEqual(expect.objectContaining({ event: 'shard_failed', shard: 1 }))
    const again = batchOf(bodies)
    await consumeUsage(again.batch, deployment().accounting.ports)
    expect(again.answers).toEqual(['ack', 'ack'])
    expect(await rowsOf(one.tenantId)).toEqual([0, 4])
  })
})

describe('a webhook of a tenant whose events are elsewhere', () => {
  it('is told of events and of what is configured, in one log', async ({ expect }) => {
    const { accounting, control } = deployment()
    const [, one] = await pair(control)
    const hook = { url: 'https://example.com/hook', events: ['cost_event'] }
    const { id } = (await one.call('POST', '/v1/webhooks', hook)).body
    await one.call('POST', `/v1/webhooks/${id}/test`)
    await consumeUsage(batchOf([messageOf(eventsOf(one.tenantId))]).batch, accounting.ports)
    const list = async (query: string) => (await one.call('GET', `/v1/webhooks/${id}/deliveries?${query}`)).body
    const all = await list('')
    expect(all.pagination).toMatchObject({ total: 4, has_more: false })
    const ids = all.data.map((row: { id: string }) => row.id)
    expect(ids).toEqual([...ids].sort().reverse())
    const pages = await Promise.all([0, 1, 2, 3].map(offset => list(`limit=1&offset=${offset}`)))
    expect(pages.flatMap(({ data }) => data.map((row: { id: string }) => row.id))).toEqual(ids)
    expect((await list('event_type=cost_event')).pagination.total).toBe(3)
    for (const each of ids) {
      const again = await one.call('POST', `/v1/webhooks/${id}/deliveries/${each}/redeliver`)
      expect(again.status).toBe(202)
    }
    expect((await one.call('DELETE', `/v1/webhooks/${id}`)).status).toBe(200)
    expect((await rowsOf(one.tenantId))[0]).toBe(0)
    expect(
      await env.DB_SHARD_1.prepare('SELECT count(*) AS n FROM webhook_delivery WHERE tenant_id = ?1')
        .bind(one.tenantId as TenantId)
        .first('n'),
    ).toBe(0)
  })
})

describe('sums of a tenant', () => {
  const rollups = (tenantId: string) => `/v1/admin/tenants/${tenantId}/rollups`
  const range = { start_date: '2026-11-01', end_date: '2026-11-20' }
  const operate = (control: Control, call: Call) => send(control, 'setup-token', call)

  it('that are wrong are made anew from its events, on either shard, and of no other', async ({ expect }) => {
    const clock = { nowMs: NOW }
    const { accounting, control, eventsDb } = deployment()
    accounting.ports.nowMs = () => clock.nowMs
    const tenants = await pair(control)
    const bodies = tenants.map(({ tenantId }) => messageOf(eventsOf(tenantId)))
    await consumeUsage(batchOf(bodies).batch, accounting.ports)
    await runScheduled(accounting.ports)
    for (const { tenantId, call } of tenants) {
      const d1 = (await eventsDb(tenantId)).$client
      const spoil = (text: string) => d1.prepare(`${text} WHERE tenant_id = ?1`).bind(tenantId).run()
      const cost = async () => {
        const path = '/v1/analytics/costs?start_date=2026-11-19&end_date=2026-11-19&group_by=day'
        return (await call('GET', path)).body.data.map((row: { cost_usd: number }) => row.cost_usd)
      }
      const before = await cost()
      await spoil('UPDATE rollup_hour SET cost_nano = cost_nano + 1000000000')
      // Nobody knows any more that this hour has events; they are found all the same.
      await spoil('DELETE FROM rolled_hour')
      const query = new URLSearchParams(range)
      const asked = await operate(control, ['POST', rollups(tenantId), range])
      expect([asked.status, asked.body.data.waiting_hours]).toEqual([202, 1])
      await runScheduled(accounting.ports)
      const left = await operate(control, ['GET', `${rollups(tenantId)}?${query}`])
      expect(left.body.data).toEqual({ waiting_hours: 0, waiting_days: 0, archived_days: 0 })
      expect(await cost()).toEqual(before)
      const wrong = d1.prepare('SELECT max(cost_nano) AS n FROM rollup_hour WHERE tenant_id = ?1').bind(tenantId)
      expect(await wrong.first('n')).toBeLessThan(10_000)
    }
  })

  it('of archived days stay as they are', async ({ expect }) => {
    const { accounting, control } = deployment()
    const [, one] = await pair(control)
    const old = Date.UTC(2026, 6, 1)
    const events = [0, 1].map(index => makeEvent(old + index * 86_400_000, { tenant_id: one.tenantId }))
    await consumeUsage(batchOf([messageOf(events)]).batch, accounting.ports)
    for (const _ of [0, 1]) await runScheduled(accounting.ports)
    const body = { start_date: '2026-07-01', end_date: '2026-07-02' }
    const asked = await operate(control, ['POST', rollups(one.tenantId), body])
    expect(asked.body.data).toMatchObject({ waiting_hours: 0, archived_days: 2 })
  })

  it('are asked for by the operator, of a month at most, and of a tenant that there is', async ({ expect }) => {
    const { control } = deployment()
    const [zero] = await pair(control)
    const status = async (tenantId: string, body: object) =>
      (await operate(control, ['POST', rollups(tenantId), body])).status
    expect(await status('nobody', range)).toBe(404)
    expect(await status(zero.tenantId, { ...range, end_date: '2027-01-01' })).toBe(400)
    expect(await status(zero.tenantId, { start_date: '2026-11-02' })).toBe(400)
    expect(await status(zero.tenantId, { ...range, start_date: 'soon' })).toBe(400)
    expect((await send(control, zero.adminKey, ['POST', rollups(zero.tenantId), range])).status).toBe(401)
  })
})

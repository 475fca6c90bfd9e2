import { applyD1Migrations } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { beforeAll, describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { runExport } from '../../workers/accounting/exports/run-export.ts'
import { PAUSE_MS, SETTLE_MS } from '../../workers/accounting/moves/move-step.ts'
import { moveTenants } from '../../workers/accounting/moves/move-tenants.ts'
import { runScheduled } from '../../workers/accounting/run-scheduled.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { movedTables } from '../../workers/db/move/moved-tables.ts'
import { PLACE_HOLDS_MS, shardedDatabases } from '../../workers/db/shards.ts'
import { batchOf, fakePorts, messageOf } from '../accounting/fake-ports.ts'
import { mortalD1 } from '../accounting/killed.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { fakeControl, NOW, newTenant, send } from '../control/fake-ports.ts'
import { EVENT_TABLES } from './databases.ts'

/** Seconds on a quiet machine: a move has many runs. */
const LONG = { timeout: 90_000 }
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const D1S = [env.DB, env.DB_SHARD_1]
const RANGE = { start_date: '2026-06-01', end_date: '2026-12-31' }

beforeAll(() => applyD1Migrations(env.DB_SHARD_1, env.TEST_MIGRATIONS))

/** A deployment with two databases and a clock, as an isolate sees it. */
function isolate(clock: { nowMs: number }, wrap = (d1: D1Database) => d1) {
  const nowMs = () => clock.nowMs
  const databases = shardedDatabases(openDatabase(wrap(env.DB)), [openDatabase(wrap(env.DB_SHARD_1))], nowMs)
  const { ports, logged } = fakePorts({ nowMs })
  return { ports: { ...ports, ...databases }, logged, databases }
}

/** A tenant with events of all ages: archived, rolled up, and of today; with alerts, statements and a webhook. */
async function settledTenant() {
  const clock = { nowMs: NOW }
  const { ports, databases } = isolate(clock)
  const control = fakeControl({ nowMs: () => clock.nowMs })
  Object.assign(control.ports, databases)
  const tenant = await newTenant(control)
  const { tenantId } = tenant
  const [placed] = await placeOf(tenantId)
  const events = new Map<string, UsageEvent>()
  const book = async (made: UsageEvent, through = ports) => {
    const { batch, answers } = batchOf([messageOf([made])])
    await consumeUsage(batch, through)
    if (answers[0] !== 'ack') throw new Error(`${answers}`)
    const known = events.get(made.id)
    if (!known || known.revision < made.revision) events.set(made.id, made)
  }
  const event = (atMs: number, more: Partial<UsageEvent> = {}) => makeEvent(atMs, { tenant_id: tenantId, ...more })
  await tenant.call('POST', '/v1/webhooks', { url: 'https://example.com/hook', events: ['cost_event'] })
  for (const days of [150, 150, 149, 30, 29, 2, 1, 0]) await book(event(NOW - days * DAY - 3 * MINUTE * (days + 1)))
  const tick = (minutes = 1) => {
    clock.nowMs += minutes * MINUTE
    return runScheduled(ports)
  }
  // What the key's meter says of one of these hours, which is compared here and, where it is touched, there.
  const stated = [...events.values()].filter(({ timestamp_ms }) => Math.floor((NOW - timestamp_ms) / DAY) === 29)
  const hourMs = Math.floor((stated[0]?.timestamp_ms ?? 0) / HOUR) * HOUR
  const statement = { hourMs, revision: 1, events: 1, costNano: 27_000, inputTokens: 100, outputTokens: 20, limits: [] }
  const said = { v: 1, meter: { tenantId, keyId: 'key-a' }, statements: [statement] }
  await consumeUsage(batchOf([said]).batch, ports)
  for (const _ of [0, 1, 2]) await tick()
  const operate = (...call: [method: string, path: string, body?: unknown]) => send(control, 'setup-token', call)
  const path = `/v1/admin/tenants/${tenantId}/shard`
  const total = async () => (await tenant.call('GET', `/v1/analytics/costs?${new URLSearchParams(RANGE)}`)).body.summary
  return { ...tenant, clock, ports, control, from: placed ?? 0, events, book, event, tick, operate, path, total }
}

async function placeOf(tenantId: string): Promise<number[]> {
  const row = env.DB.prepare('SELECT shard FROM tenant WHERE id = ?1').bind(tenantId)
  return [(await row.first<number>('shard')) ?? -1]
}

async function rowsIn(shard: number, tenantId: string): Promise<Record<string, number>> {
  const ask = async ({ name }: { name: string }) => {
    const text = `SELECT count(*) AS n FROM ${name} WHERE tenant_id = ?1`
    return [name, await D1S[shard]?.prepare(text).bind(tenantId).first<number>('n')]
  }
  return Object.fromEntries(await Promise.all(movedTables().map(ask)))
}

type Settled = Awaited<ReturnType<typeof settledTenant>>

// By an export, which reads both the database and the archive.
async function exported({ call, ports }: Settled): Promise<Map<string, string>> {
  const { body: job } = await call('POST', '/v1/exports', { ...RANGE, format: 'ndjson' })
  const id = job.id.slice('exp_'.length)
  const row = env.DB.prepare(
    'SELECT tenant_id AS tenantId, object_key AS objectKey FROM export_job WHERE id = ?1',
  ).bind(id)
  const { tenantId, objectKey } = (await row.first<{ tenantId: never; objectKey: string }>()) ?? { objectKey: '' }
  await runExport({ tenantId: tenantId as never, id }, ports)
  const text = await (await env.ARCHIVE.get(objectKey))?.text()
  if (text === undefined) throw new Error('it is not written')
  const lines = text.split('\n').filter(line => line !== '')
  const read = lines.map(line => JSON.parse(line)).map(one => [one.id, one.cost_nano] as const)
  if (new Set(read.map(([name]) => name)).size !== read.length) throw new Error('an event is there twice')
  return new Map(read)
}

async function untilDone(settled: Settled, tick = settled.tick): Promise<void> {
  for (let ticks = 0; ticks < 300; ticks += 1) {
    await tick()
    if ((await settled.operate('GET', settled.path)).body.data.move === null) return
  }
  throw new Error('it does not end')
}

async function checkAll(settled: Settled, to: number, expect: import('vitest').ExpectStatic): Promise<void> {
  const { tenantId, events, tick, total, operate, path } = settled
  expect((await operate('GET', path)).body.data).toEqual({ shard: to, move: null })
  expect(Object.values(await rowsIn(1 - to, tenantId)).every(count => count === 0)).toBe(true)
  // What came late for an archived day is brought back, summed and archived anew.
  for (let round = 0; round < 6; round += 1) await tick(11)
  const want = [...events.values()]
  expect(await exported(settled)).toEqual(new Map(want.map(({ id, cost_nano }) => [id, String(cost_nano)])))
  const costs = await total()
  expect([costs.total_events, costs.total_cost_nano]).toEqual([
    want.length,
    String(want.reduce((sum, { cost_nano }) => sum + cost_nano, 0)),
  ])
  expect((await settled.call('GET', '/v1/health/reconcile')).body).toMatchObject({ status: 'ok', data: [] })
  const hot = await rowsIn(to, tenantId)
  expect(hot.webhook_delivery).toBeGreaterThanOrEqual(want.length)
}

describe('a move of a tenant to another database', () => {
  it('has all that there is of events, in the order in which it must go', ({ expect }) => {
    const names = movedTables().map(({ name }) => name)
    expect(names.toSorted()).toEqual(
      [...EVENT_TABLES.filter(name => name !== 'moving_tenant'), 'webhook_delivery'].sort(),
    )
    expect(names.slice(-2)).toEqual(['dirty_hour', 'webhook_delivery'])
  })

  it('loses and doubles nothing, whatever comes meanwhile and whoever does not know yet', LONG, async ({ expect }) => {
    const settled = await settledTenant()
    const { clock, from, operate, path, book, event } = settled
    const to = 1 - from
    const before = await settled.total()
    expect((await operate('PUT', path, { shard: to })).status).toBe(202)
    expect((await operate('PUT', path, { shard: to })).status).toBe(409)
    const stale = { nowMs: clock.nowMs }
    const old = isolate(stale).ports
    const seen = new Set<string>()
    await untilDone(settled, async () => {
      const { data } = (await operate('GET', path)).body
      seen.add(data.move.state)
      await book(event(clock.nowMs - MINUTE))
      await book(event(NOW - 30 * DAY - MINUTE * seen.size))
      // An isolate that read the place just before it was another, as long as it may believe that.
      const isBelieved = data.move.state !== 'settling' || clock.nowMs < Date.parse(data.move.since) + PLACE_HOLDS_MS
      if (isBelieved && data.move.state !== 'emptying') await book(event(clock.nowMs - 2 * MINUTE), old)
      const [late] = [...settled.events.values()].slice(-1)
      if (late) await book({ ...late, revision: late.revision + 1, cost_nano: late.cost_nano + 7 })
      if (data.move.state === 'copying') await book(event(NOW - 150 * DAY))
      await settled.tick()
      stale.nowMs = clock.nowMs
    })
    expect([...seen]).toEqual(['marking', 'pausing', 'settling', 'emptying'].filter(state => seen.has(state)))
    expect(before).not.toEqual(await settled.total())
    await checkAll(settled, to, expect)
  })

  it('ends well wherever it is killed, and can be made back', LONG, async ({ expect }) => {
    const settled = await settledTenant()
    const { clock, operate, path, book, event } = settled
    const way = [1 - settled.from, settled.from]
    for (const to of way) {
      expect((await operate('PUT', path, { shard: to })).status).toBe(202)
      let atCall = 6
      await untilDone(settled, async () => {
        atCall = atCall >= 24 ? 6 : atCall + 1
        const { ports } = isolate(clock, mortalD1(atCall).mortal)
        await moveTenants(ports).catch(() => undefined)
        await book(event(clock.nowMs - MINUTE))
        // Longer than a lease, so that the next one takes it up.
        clock.nowMs += 3 * MINUTE
      })
      await checkAll(settled, to, expect)
    }
  })

  it(
    'waits as long as somebody may still be at work at the old place, and leaves sums alone until then',
    LONG,
    async ({ expect }) => {
      const settled = await settledTenant()
      const { clock, from, operate, path, ports, tenantId, book, event } = settled
      await operate('PUT', path, { shard: 1 - from })
      const state = async () => (await operate('GET', path)).body.data.move?.state
      await moveTenants(ports)
      const start = clock.nowMs
      await book(event(NOW - 5 * DAY))
      clock.nowMs = start + PAUSE_MS - 1
      await runScheduled(ports)
      expect(await state()).toBe('pausing')
      expect((await rowsIn(from, tenantId)).dirty_hour).toBeGreaterThan(0)
      clock.nowMs = start + PAUSE_MS
      await moveTenants(ports)
      expect(await state()).toBe('settling')
      // What is exported now could lack the last events of the old place: it waits.
      await expect(exported(settled)).rejects.toThrow('not written')
      expect((await rowsIn(from, tenantId)).usage_event).toBe((await rowsIn(1 - from, tenantId)).usage_event)
      clock.nowMs += SETTLE_MS - 1
      await moveTenants(ports)
      expect(await state()).toBe('settling')
      clock.nowMs += 1
      await moveTenants(ports)
      expect(await state()).toBeUndefined()
      await checkAll(settled, 1 - from, expect)
    },
  )

  it('is refused where there is no such database, and is none where the tenant is', async ({ expect }) => {
    const { operate, path, from } = await settledTenant()
    expect((await operate('PUT', path, { shard: 2 })).status).toBe(400)
    expect((await operate('PUT', path, { shard: -1 })).status).toBe(400)
    expect((await operate('PUT', path, {})).status).toBe(400)
    expect((await operate('PUT', path, { shard: from })).body.data).toEqual({ shard: from, move: null })
    expect((await operate('PUT', '/v1/admin/tenants/nobody/shard', { shard: 0 })).status).toBe(404)
  })
})

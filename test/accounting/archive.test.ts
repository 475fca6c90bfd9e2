import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { keepArchive } from '../../workers/accounting/archive/keep-archive.ts'
import { readEvents } from '../../workers/accounting/exports/read-events.ts'
import type { ShardPorts } from '../../workers/accounting/ports.ts'
import { reconcile } from '../../workers/accounting/reconcile.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import type { TenantId } from '../../workers/core/access/tenant-id.ts'
import { eventIdFloor, type UsageEvent } from '../../workers/core/usage.ts'
import type { EventQuery } from '../../workers/db/event-query.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { putStatements } from '../../workers/db/put-statements.ts'
import { eventArchive } from '../../workers/db/schema/exports.ts'
import { sumUsage } from '../../workers/db/sum-usage.ts'
import { eventsD1, eventsHere, shardHere } from '../shards/databases.ts'
import { fakePorts } from './fake-ports.ts'
import { countCalls, mortalPorts } from './killed.ts'
import { makeEvent } from './make-event.ts'

// Long, and the same wherever events are.
const itOnce = it.skipIf(shardHere() > 0)
const HOUR = 3_600_000
const DAY = 24 * HOUR
const NOW = Date.UTC(2026, 10, 20, 12)
const OLD = Date.UTC(2026, 7, 1)
const db = eventsHere()

async function newTenant(settings: object = {}): Promise<TenantId> {
  const id = crypto.randomUUID()
  const insert = 'INSERT INTO tenant (id, name, created_ms, settings, shard) VALUES (?1, ?1, 1, ?2, ?3)'
  await env.DB.prepare(insert).bind(id, JSON.stringify(settings), shardHere()).run()
  return id as TenantId
}

async function book(tenantId: TenantId, events: UsageEvent[]): Promise<void> {
  await insertEvents(db, { tenantId, events: events.map(event => ({ ...event, tenant_id: tenantId })) })
}

const eventsOn = (dayMs: number, count: number): UsageEvent[] =>
  Array.from({ length: count }, (_, index) => makeEvent(dayMs + index * 0.7 * HOUR, { cost_nano: 1000 + index }))

/** A tenant whose events are all rolled up. */
async function settled(events: UsageEvent[], settings?: object): Promise<TenantId> {
  const tenantId = await newTenant(settings)
  await book(tenantId, events)
  await rollUp(fakePorts().ports)
  return tenantId
}

async function countHot(tenantId: TenantId): Promise<number> {
  const text = 'SELECT count(*) AS n FROM usage_event WHERE tenant_id = ?1'
  return (await eventsD1().prepare(text).bind(tenantId).first<number>('n')) ?? -1
}

async function filesOf(tenantId: TenantId) {
  const rows = await db.select().from(eventArchive)
  return rows.filter(one => one.tenantId === tenantId)
}

async function objectsOf(tenantId: TenantId): Promise<string[]> {
  return (await env.ARCHIVE.list({ prefix: `archive/${tenantId}/` })).objects.map(({ key }) => key)
}

/** All events of a tenant, wherever they are, as exports read them. */
async function everything(tenantId: TenantId, wanted: Partial<EventQuery> = {}): Promise<string> {
  const query = { tenantId, startMs: 0, endMs: NOW, filter: {}, ...wanted }
  const ids: string[] = []
  for await (const event of readEvents(query, eventIdFloor(0), { db, ...fakePorts().ports.exports }))
    ids.push(JSON.stringify(event))
  return ids.join('\n')
}

async function costOf(tenantId: TenantId, startMs = 0, endMs = NOW): Promise<number> {
  const sums = await sumUsage(db, { tenantId, range: { startMs, endMs }, groupBy: ['day'], sums: ['cost_nano'] })
  return Number(sums.reduce((sum, one) => sum + one.cost_nano, 0n))
}

async function keepUntilQuiet(ports: ShardPorts = fakePorts().ports): Promise<void> {
  let quiet = 0
  for (let round = 0; round < 30; round++) {
    const { done, failed } = await keepArchive(ports)
    await rollUp(ports)
    quiet = done + failed === 0 ? quiet + 1 : 0
    // Once more after what rolling up has made clean.
    if (quiet === 2) return
  }
  throw new Error('it never comes to rest')
}

// Every call would take minutes on a busy machine: so many of them, from the first to the last.
const spread = (total: number) => Array.from({ length: 14 }, (_, index) => 1 + Math.round((index * (total - 1)) / 13))

describe('the archive', () => {
  it('takes days that are old enough out of D1, and nothing else changes', async ({ expect }) => {
    const [old, young] = [eventsOn(OLD, 30), eventsOn(Date.UTC(2026, 10, 1), 5)]
    const tenantId = await settled([...old, ...young])
    const [before, cost] = [await everything(tenantId), await costOf(tenantId)]
    await keepUntilQuiet()
    expect(await countHot(tenantId)).toBe(young.length)
    expect([await everything(tenantId), await costOf(tenantId)]).toEqual([before, cost])
    const [file] = await filesOf(tenantId)
    expect(file).toMatchObject({
      ...{ dayMs: OLD, state: 'archived', rowCount: 30, firstId: old[0]?.id, lastId: old.at(-1)?.id },
      ...{ costNano: old.reduce((sum, one) => sum + one.cost_nano, 0), emptiedMs: NOW },
      objectKey: expect.stringMatching(new RegExp(`^archive/${tenantId}/2026/08/01\\.[0-9a-f-]{36}\\.ndjson\\.gz$`)),
    })
    expect((await objectsOf(tenantId)).length).toBe(1)
  })

  itOnce(
    'loses nothing and repeats nothing wherever it is killed, and shows all at any moment',
    {
      timeout: 60_000,
    },
    async ({ expect }) => {
      const events = [...eventsOn(OLD, 5), ...eventsOn(OLD + DAY, 1)]
      const run = async (ports: ShardPorts) => {
        for (let round = 0; round < 4; round++) await keepArchive(ports)
      }
      const several = { archive: { retentionDays: 90, fileRows: 3 } }
      await settled(events)
      const total = await countCalls(run, several)
      expect(total).toBeGreaterThan(20)
      for (const atCall of spread(total)) {
        const tenantId = await settled(events)
        const [before, cost] = [await everything(tenantId), await costOf(tenantId)]
        await run(mortalPorts(atCall, several).ports).catch(() => undefined)
        expect([atCall, await everything(tenantId), await costOf(tenantId)]).toEqual([atCall, before, cost])
        await keepUntilQuiet()
        expect([atCall, await everything(tenantId), await costOf(tenantId)]).toEqual([atCall, before, cost])
        expect([atCall, await countHot(tenantId)]).toEqual([atCall, 0])
        const keys = (await filesOf(tenantId)).map(({ objectKey }) => objectKey)
        expect([atCall, (await objectsOf(tenantId)).sort()]).toEqual([atCall, keys.sort()])
      }
    },
  )

  itOnce(
    'brings a day back for an event that comes late, and archives it anew, wherever it is killed',
    {
      timeout: 60_000,
    },
    async ({ expect }) => {
      const events = eventsOn(OLD, 8)
      const late = makeEvent(OLD + 2 * HOUR, { cost_nano: 5_000_000 })
      const corrected = { ...(events[3] as UsageEvent), revision: 2, cost_nano: 7_000_000 }
      const again = events[5] as UsageEvent
      const archived = async () => {
        const tenantId = await settled(events)
        await keepUntilQuiet()
        const before = await costOf(tenantId)
        await book(tenantId, [late, corrected, again])
        return { tenantId, before }
      }
      const run = async (ports: ShardPorts) => {
        for (let round = 0; round < 3; round++) {
          await keepArchive(ports)
          await rollUp(ports)
        }
      }
      const first = await archived()
      const total = await countCalls(run)
      const whole = await everything(first.tenantId)
      expect(whole.split('\n')).toHaveLength(9)
      const after = first.before + late.cost_nano + corrected.cost_nano - (events[3]?.cost_nano ?? 0)
      for (const atCall of spread(total)) {
        const { tenantId, before } = await archived()
        const mine = whole.replaceAll(first.tenantId, tenantId)
        await rollUp(fakePorts().ports)
        await run(mortalPorts(atCall).ports).catch(() => undefined)
        expect([before, after]).toContain(await costOf(tenantId))
        expect([atCall, await everything(tenantId)]).toEqual([atCall, mine])
        await keepUntilQuiet()
        expect([atCall, await costOf(tenantId), await everything(tenantId)]).toEqual([atCall, after, mine])
        expect([atCall, await countHot(tenantId), (await objectsOf(tenantId)).length]).toEqual([atCall, 0, 1])
      }
    },
  )

  it('is filtered as the database is', async ({ expect }) => {
    const tagged = [{ model: 'a', tags: { k: 'v', l: 'w' } }, { model: 'b', tags: { k: 'v' } }, { model: 'a' }]
    // The last one was there earlier than it was corrected.
    const fields = [...tagged, { model: 'c', revision: 2 }]
    const tenantId = await settled(fields.map((one, index) => makeEvent(OLD + index, one)))
    const queries: Partial<EventQuery>[] = [
      ...[{ filter: { model: 'a' } }, { tags: { k: 'v' } }, { filter: { success: false } }, { asOfMs: OLD + 500 }],
      ...[{ startMs: OLD + 1 }, { endMs: OLD + 2 }, { filter: { model: 'a' }, tags: { l: 'w' } }],
    ]
    const read = () => Promise.all(queries.map(query => everything(tenantId, query)))
    const before = await read()
    expect(before.map(text => (text === '' ? 0 : text.split('\n').length))).toEqual([2, 2, 0, 2, 3, 2, 1])
    await keepUntilQuiet()
    expect([await countHot(tenantId), await read()]).toEqual([0, before])
  })

  it('is not taken for a loss by reconciling', async ({ expect }) => {
    const events = eventsOn(OLD, 3).map(event => ({ ...event, virtual_key_id: 'key-a' }))
    const tenantId = await settled(events)
    await keepUntilQuiet()
    const [one] = events
    // Of the first hour, in which there are two.
    const costNano = (one?.cost_nano ?? 0) * 2 + 1
    const statement = { hourMs: OLD, revision: 1, events: 2, costNano, inputTokens: 200, outputTokens: 40, limits: [] }
    await putStatements(db, { tenantId, keyId: 'key-a', meter: 'm', statements: [statement], receivedMs: NOW })
    const later = (minutes: number) => fakePorts({ nowMs: () => NOW + minutes * 60_000 }).ports
    for (let minutes = 0; minutes < 90; minutes += 15) {
      await reconcile(later(minutes))
      await keepArchive(later(minutes))
      await rollUp(later(minutes))
    }
    expect(await everything(tenantId)).not.toContain('correction')
    expect([await countHot(tenantId), (await filesOf(tenantId)).length]).toEqual([0, 1])
    const waits = 'SELECT count(*) AS n FROM meter_hour WHERE tenant_id = ?1 AND reconciled_seq < change_seq'
    expect(await eventsD1().prepare(waits).bind(tenantId).first('n')).toBe(0)
  })

  it('deletes nothing of a file that is not what was written', async ({ expect }) => {
    const tenantId = await settled(eventsOn(OLD, 3))
    const { ports, logged } = fakePorts()
    const store = new Proxy(env.ARCHIVE, {
      get(target, name) {
        const value = Reflect.get(target, name)
        if (name !== 'put') return value.bind(target)
        const other = makeEvent(OLD)
        const gzip = new Blob([`${JSON.stringify(other)}\n`]).stream().pipeThrough(new CompressionStream('gzip'))
        return async (key: string) => target.put(key, await new Response(gzip).arrayBuffer())
      },
    })
    await keepArchive({ ...ports, exports: { ...ports.exports, store } })
    expect(await countHot(tenantId)).toBe(3)
    expect(logged).toContainEqual(expect.objectContaining({ event: 'archive_failed', tenant_id: tenantId }))
    await keepUntilQuiet()
    expect([await countHot(tenantId), (await objectsOf(tenantId)).length]).toEqual([0, 1])
  })

  it('leaves days whose hours are not rolled up, and keeps what its tenant wants to be kept', async ({ expect }) => {
    const [days, keeps] = [await newTenant(), await settled(eventsOn(OLD, 2), { data_retention_days: 365 })]
    const eager = await settled(eventsOn(NOW - 12 * DAY, 2), { data_retention_days: 10 })
    await book(days, eventsOn(OLD, 2))
    await keepArchive(fakePorts().ports)
    expect([await countHot(days), await countHot(keeps), await countHot(eager)]).toEqual([2, 2, 0])
  })

  it('counts each hour of an archived day once, whatever ranges it is asked in', async ({ expect }) => {
    const tenantId = await settled(eventsOn(OLD, 20))
    const whole = await costOf(tenantId)
    await keepUntilQuiet()
    for (const atMs of [OLD + 1, OLD + 0.5 * HOUR, OLD + 3 * HOUR, OLD + 7.3 * HOUR, OLD + DAY - 1]) {
      expect((await costOf(tenantId, 0, atMs)) + (await costOf(tenantId, atMs))).toBe(whole)
    }
  })

  it('takes a day with more events than a file holds in several, and brings all of them back', async ({ expect }) => {
    const { ports } = fakePorts({ archive: { retentionDays: 90, fileRows: 7 } })
    const tenantId = await settled(eventsOn(OLD, 30))
    const [before, cost] = [await everything(tenantId), await costOf(tenantId)]
    for (const left of [23, 16, 9, 2, 0]) {
      await keepArchive(ports)
      expect([await countHot(tenantId), await everything(tenantId)]).toEqual([left, before])
    }
    const files = await filesOf(tenantId)
    expect(files.map(({ rowCount }) => rowCount)).toEqual([7, 7, 7, 7, 2])
    await book(tenantId, [makeEvent(OLD, { cost_nano: 50 })])
    expect(await costOf(tenantId)).toBe(cost)
    await keepUntilQuiet(ports)
    expect([await countHot(tenantId), await costOf(tenantId)]).toEqual([0, cost + 50])
    expect((await everything(tenantId)).split('\n')).toHaveLength(31)
    expect((await objectsOf(tenantId)).length).toBe(5)
  })
})

import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { keepArchive } from '../../workers/accounting/archive/keep-archive.ts'
import type { ShardPorts } from '../../workers/accounting/ports.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import { packDay } from '../../workers/accounting/segments/pack-day.ts'
import { packDays } from '../../workers/accounting/segments/pack-days.ts'
import { asTenantId, type TenantId } from '../../workers/core/access/tenant-id.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { EventsArchived } from '../../workers/db/rollup/events-archived.ts'
import type { SumQuery } from '../../workers/db/rollup/sum-query.ts'
import type { UsageGroup } from '../../workers/db/rollup/usage-group.ts'
import type { SegmentObject } from '../../workers/db/schema/segments.ts'
import type { ReadObject } from '../../workers/db/segment/scan-days.ts'
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
const START = Date.UTC(2026, 10, 10)
const OLD = Date.UTC(2026, 7, 1)
const db = eventsHere()

async function book(tenantId: TenantId, events: UsageEvent[]): Promise<void> {
  await insertEvents(db, { tenantId, events: events.map(event => ({ ...event, tenant_id: tenantId })) })
}

const eventsOn = (dayMs: number, count: number, fields: Partial<UsageEvent> = {}): UsageEvent[] =>
  Array.from({ length: count }, (_, index) =>
    makeEvent(dayMs + index * 0.7 * HOUR, {
      ...{ cost_nano: 1000 + index, agent_name: `agent-${index % 3}`, team: index % 2 ? 'core' : null },
      ...{ feature: 'search', tags: { env: index % 2 ? 'prod' : 'test', cell: `c${index % 4}` }, ...fields },
    }),
  )

async function newTenant(events: UsageEvent[]): Promise<TenantId> {
  const id = crypto.randomUUID()
  const insert = 'INSERT INTO tenant (id, name, created_ms, settings, shard) VALUES (?1, ?1, 1, ?2, ?3)'
  await env.DB.prepare(insert).bind(id, '{}', shardHere()).run()
  const tenantId = asTenantId(id)
  await book(tenantId, events)
  await rollUp(fakePorts().ports)
  return tenantId
}

/** Reads R2, and counts how often. */
function countingRead(): { read: ReadObject; reads: () => number } {
  let reads = 0
  const read: ReadObject = async (key, range) => {
    reads += 1
    return (await (await env.ARCHIVE.get(key, { range }))?.arrayBuffer()) ?? null
  }
  return { read, reads: () => reads }
}

const THREE: UsageGroup[] = ['agent', 'team', 'feature', 'tag:env']

function ask(tenantId: TenantId, read?: ReadObject, other: Partial<SumQuery> = {}) {
  const range = { startMs: OLD, endMs: NOW }
  const sums = ['events', 'cost_nano', 'input_cost_nano', 'first_ms', 'last_ms'] as const
  const columns = read && { read, minEvents: 1 }
  return sumUsage(db, { tenantId, range, groupBy: THREE, ...other, sums }, columns)
}

async function objectsOf(tenantId: TenantId): Promise<string[]> {
  return (await env.ARCHIVE.list({ prefix: `segments/${tenantId}/` })).objects.map(({ key }) => key).sort()
}

async function namedObjects(tenantId: TenantId): Promise<string[]> {
  const text = 'SELECT objects FROM day_segment WHERE tenant_id = ?1 AND due = 0'
  const { results } = await eventsD1().prepare(text).bind(tenantId).all<{ objects: string }>()
  return results.flatMap(row => (JSON.parse(row.objects) as SegmentObject[]).map(({ key }) => key)).sort()
}

async function settle(ports: ShardPorts = fakePorts().ports): Promise<void> {
  for (let round = 0; round < 3; round++) {
    await rollUp(ports)
    await packDays(ports)
    await keepArchive(ports)
  }
}

describe('a day in columns', () => {
  it('tells what its events tell, one request each, and parts of days are told beside it', async ({ expect }) => {
    const tenantId = await newTenant([...eventsOn(START, 30), ...eventsOn(START + DAY, 20), ...eventsOn(NOW - HOUR, 2)])
    await settle()
    const { read, reads } = countingRead()
    const questions: Partial<SumQuery>[] = [
      ...[{}, { filter: { agent_name: 'agent-1' } }, { tags: { env: 'prod', cell: 'c1' } }],
      ...[{ groupBy: ['hour', 'tag:cell', 'tag:env'] as UsageGroup[] }],
      ...[{ groupBy: ['week', 'agent', 'team', 'feature'] as UsageGroup[] }],
    ]
    for (const question of questions) {
      const before = reads()
      expect(await ask(tenantId, read, question)).toEqual(await ask(tenantId, undefined, question))
      expect(reads() - before).toBe(2)
    }
    const edges = { range: { startMs: START + 5 * HOUR + 7, endMs: START + DAY + 12 * HOUR + 1 } }
    expect(await ask(tenantId, read, edges)).toEqual(await ask(tenantId, undefined, edges))
    // Of a day all rows, and what entities and users come to.
    expect(await namedObjects(tenantId)).toHaveLength(2 * 3)
  })

  it('has a row for each entity and each user, by which questions of these alone are told', async ({ expect }) => {
    // A tag of its own for each event, so that no row of all columns is of two.
    const events = eventsOn(START, 30).map((event, at) => ({
      ...event,
      ...{ entity_type: 'customer', entity_id: `c${at % 3}`, user_id: `u${at % 4}`, tags: { nth: `${at}` } },
    }))
    const tenantId = await newTenant(events)
    await settle()
    const rows = 'SELECT value FROM day_segment, json_each(objects) WHERE tenant_id = ?1'
    const { results } = await eventsD1().prepare(rows).bind(tenantId).all<{ value: string }>()
    const objects = results.map(({ value }) => JSON.parse(value) as SegmentObject)
    expect(objects.map(({ names, layout }) => [names?.join(), layout.rows])).toEqual([
      [undefined, 30],
      ['entity_type,entity_id', 3],
      ['user_id', 4],
    ])
    const keyOf = (name: string | undefined) => objects.find(({ names }) => names?.[0] === name)?.key
    const cases: [Partial<SumQuery>, string | undefined][] = [
      [{ groupBy: ['entity'] }, 'entity_type'],
      [{ groupBy: ['entity', 'day'] }, 'entity_type'],
      [{ groupBy: ['entity'], filter: { entity_type: 'customer' } }, 'entity_type'],
      [{ groupBy: ['user'] }, 'user_id'],
      [{ groupBy: ['user'], filter: { user_id: 'u1', entity_id: 'c1' } }, undefined],
      [{ groupBy: ['entity', 'user'] }, undefined],
      [{ groupBy: ['hour', 'entity'] }, undefined],
      [{ groupBy: ['entity'], filter: { agent_name: 'agent-1' } }, undefined],
    ]
    for (const [question, name] of cases) {
      const seen = new Set<string>()
      const read: ReadObject = (key, range) => {
        seen.add(key)
        return countingRead().read(key, range)
      }
      expect(await ask(tenantId, read, question)).toEqual(await ask(tenantId, undefined, question))
      expect([question, [...seen]]).toEqual([question, [keyOf(name)]])
    }
  })

  it('is not read where an event came late, and is written anew', async ({ expect }) => {
    const events = eventsOn(START, 10)
    const tenantId = await newTenant(events)
    await settle()
    const [first] = await namedObjects(tenantId)
    const revised = { ...(events[4] as UsageEvent), revision: 2, cost_nano: 9_000_000_000_000_000, agent_name: 'other' }
    await book(tenantId, [makeEvent(START + 3 * HOUR, { cost_nano: 7, agent_name: 'late' }), revised])
    const { read, reads } = countingRead()
    for (const step of [async () => {}, () => rollUp(fakePorts().ports)]) {
      await step()
      expect(await ask(tenantId, read)).toEqual(await ask(tenantId))
      expect(reads()).toBe(0)
    }
    await settle()
    const answer = await ask(tenantId, read)
    expect([reads(), answer]).toEqual([1, await ask(tenantId)])
    expect(answer.map(one => one.group.agent_name)).toContain('late')
    const now = await namedObjects(tenantId)
    expect([now.length, now.includes(first ?? ''), await objectsOf(tenantId)]).toEqual([3, false, now])
  })

  it('waits still where an event came while it was written, whether it was read or not', async ({ expect }) => {
    for (const isRolledUp of [false, true]) {
      const tenantId = await newTenant(eventsOn(START, 10))
      const { ports } = fakePorts()
      const put = async (key: string, bytes: Uint8Array) => {
        await book(tenantId, [makeEvent(START + HOUR, { cost_nano: 5, agent_name: 'late' })])
        if (isRolledUp) await rollUp(ports)
        return env.ARCHIVE.put(key, bytes)
      }
      const store = new Proxy(env.ARCHIVE, {
        get: (target, name) => (name === 'put' ? put : Reflect.get(target, name).bind(target)),
      })
      await packDay({ tenantId, dayMs: START }, { ...ports, exports: { ...ports.exports, store } })
      const { read, reads } = countingRead()
      expect([await ask(tenantId, read), reads()]).toEqual([await ask(tenantId), 0])
      await settle()
      expect([await ask(tenantId, read), reads()]).toEqual([await ask(tenantId), 1])
      expect(await objectsOf(tenantId)).toEqual(await namedObjects(tenantId))
    }
  })

  itOnce('tells the same wherever who writes it is killed, and leaves no object behind', async ({ expect }) => {
    const events = eventsOn(START, 12)
    const run = (tenantId: TenantId) => (ports: ShardPorts) => packDay({ tenantId, dayMs: START }, ports, 5)
    const total = await countCalls(run(await newTenant(events)))
    expect(total).toBe(13)
    for (let atCall = 1; atCall <= total; atCall++) {
      const tenantId = await newTenant(events)
      const before = await ask(tenantId)
      await run(tenantId)(mortalPorts(atCall).ports).catch(() => undefined)
      const { read, reads } = countingRead()
      expect([atCall, await ask(tenantId, read)]).toEqual([atCall, before])
      await settle()
      expect([atCall, await ask(tenantId, read)]).toEqual([atCall, before])
      expect([atCall, await objectsOf(tenantId), reads()]).toEqual([atCall, await namedObjects(tenantId), 1])
    }
  })

  it('is not read where it has so few events that D1 tells them sooner', async ({ expect }) => {
    const tenantId = await newTenant([...eventsOn(START, 3), ...eventsOn(START + DAY, 4), ...eventsOn(OLD, 2)])
    await settle()
    const { read, reads } = countingRead()
    const range = { startMs: OLD, endMs: NOW }
    const asked = (minEvents: number) =>
      sumUsage(db, { tenantId, range, groupBy: THREE, sums: ['cost_nano'] }, { read, minEvents })
    const answer = await asked(1)
    // The third is of the archive, where nothing else tells it.
    expect([answer.length, reads()]).toEqual([4, 3])
    expect([await asked(4), reads()]).toEqual([answer, 5])
    expect([await asked(5), reads()]).toEqual([answer, 6])
  })

  it('is done without where its objects are gone, or cannot be read', async ({ expect }) => {
    const tenantId = await newTenant(eventsOn(START, 10))
    await settle()
    const fails: ReadObject = async () => {
      throw new Error('R2 is out of order')
    }
    for (const read of [async () => null, fails]) expect(await ask(tenantId, read)).toEqual(await ask(tenantId))
  })

  it('is asked for anew where it is replaced under a question', async ({ expect }) => {
    const tenantId = await newTenant(eventsOn(START, 10))
    await settle()
    const { read, reads } = countingRead()
    let isFirst = true
    const replacing: ReadObject = async (key, range) => {
      if (isFirst) {
        isFirst = false
        await book(tenantId, [makeEvent(START + HOUR, { cost_nano: 5, agent_name: 'late' })])
        await settle()
      }
      return read(key, range)
    }
    const before = await ask(tenantId)
    const meanwhile = await ask(tenantId, replacing)
    expect([before, await ask(tenantId)]).toContainEqual(meanwhile)
    expect(await ask(tenantId, read)).toEqual(await ask(tenantId))
    expect(reads()).toBeGreaterThan(1)
  })

  it('is not made of a day with more tags than columns are for', async ({ expect }) => {
    const many = eventsOn(START, 30).map((event, at) => ({
      ...event,
      tags: { [`a${at}`]: 'x', [`b${at}`]: 'y', [`c${at}`]: 'z' },
    }))
    const tenantId = await newTenant(many)
    await settle()
    const { read, reads } = countingRead()
    expect([await ask(tenantId, read), reads()]).toEqual([await ask(tenantId), 0])
    expect([await namedObjects(tenantId), await objectsOf(tenantId)]).toEqual([[], []])
  })

  it('tells of an archived day what its sums do not', async ({ expect }) => {
    const tenantId = await newTenant(eventsOn(OLD, 20))
    const before = await ask(tenantId)
    await settle()
    await expect(ask(tenantId)).rejects.toThrow(EventsArchived)
    const { read } = countingRead()
    expect(await ask(tenantId, read)).toEqual(before)
    await book(tenantId, [makeEvent(OLD + HOUR, { cost_nano: 5, agent_name: 'late' })])
    await settle()
    const after = await ask(tenantId, read)
    expect(after.map(one => one.group.agent_name)).toContain('late')
    expect(after.reduce((sum, one) => sum + one.cost_nano, 0n)).toBe(
      before.reduce((sum, one) => sum + one.cost_nano, 5n),
    )
    expect(await objectsOf(tenantId)).toEqual(await namedObjects(tenantId))
  })
})

import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import { runScheduled } from '../../workers/accounting/run-scheduled.ts'
import { asTenantId } from '../../workers/core/access/tenant-id.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { countRuleSkips } from '../../workers/db/count-rule-skips.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { rollUpDay } from '../../workers/db/roll-up-day.ts'
import { rollUpHour } from '../../workers/db/roll-up-hour.ts'
import { PAIRS } from '../../workers/db/rollup/facets.ts'
import { sumUsage } from '../../workers/db/sum-usage.ts'
import { batchOf, fakePorts, messageOf } from './fake-ports.ts'
import { makeEvent } from './make-event.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 18)

const newTenant = () => `tenant-${crypto.randomUUID()}`

type Table = 'rollup_hour' | 'rollup_day'

async function rows(table: Table, tenantId: string, facet?: string) {
  const order = 'facet, 3, user_id, provider, model, virtual_key_id'
  const text = `SELECT * FROM ${table} WHERE tenant_id = ?1 AND facet = coalesce(?2, facet) ORDER BY ${order}`
  return (
    await env.DB.prepare(text)
      .bind(tenantId, facet ?? null)
      .all()
  ).results
}

async function missing(span: 'hour' | 'day', tenantId: string) {
  const text = `SELECT missing FROM rolled_${span} WHERE tenant_id = ?1`
  return JSON.parse((await env.DB.prepare(text).bind(tenantId).first<string>('missing')) ?? 'null')
}

/** D1 that adds up what its statements write. */
function counting(written: { rows: number }): D1Database {
  const add = ({ meta }: D1Result) => {
    written.rows += meta.rows_written
  }
  return {
    prepare: (text: string) => ({
      bind: (...values: unknown[]) => {
        const statement = env.DB.prepare(text).bind(...values)
        const run = async () => {
          const result = await statement.run()
          add(result)
          return result
        }
        return Object.assign(Object.create(statement), { run, all: run, raw: () => statement.raw(), statement })
      },
    }),
    async batch(statements: (D1PreparedStatement & { statement?: D1PreparedStatement })[]) {
      const results = await env.DB.batch(statements.map(one => one.statement ?? one))
      for (const result of results) add(result)
      return results
    },
  } as unknown as D1Database
}

async function book(events: UsageEvent[]): Promise<void> {
  const { batch, answers } = batchOf(events.map(event => messageOf([event])))
  await consumeUsage(batch, fakePorts().ports)
  if (answers.some(answer => answer !== 'ack')) throw new Error('not booked')
}

/** So many like it that sums of them are kept. */
const twenty = (atMs: number, fields: Partial<UsageEvent>) =>
  Array.from({ length: 20 }, (_, index) => makeEvent(atMs + index, fields))

describe('rolling up', () => {
  it('sums the events of an hour and of a day that are over, by each of their dimensions', async ({ expect }) => {
    const tenant_id = newTenant()
    const names = {
      user_id: 'u',
      entity_type: 'ticket',
      entity_id: '7',
      agent_name: 'bot',
      team: 'core',
      feature: 'chat',
    }
    await book([
      ...twenty(START, { tenant_id, ...names, tags: { env: 'prod', none: '' } }),
      ...twenty(START + HOUR - 20, {
        tenant_id,
        provider: 'anthropic',
        model: 'claude',
        success: false,
        overrun_nano: 7,
      }),
      ...twenty(START + HOUR, { tenant_id }),
    ])
    await rollUp(fakePorts().ports)
    const sums = { input_tokens: 100, output_tokens: 20, cached_input_tokens: 10, cache_write_tokens: 5 }
    const one = { ...sums, reasoning_tokens: 3, cost_nano: 27_000, latency_ms: 500, events: 1, successes: 1 }
    const times = (count: number) =>
      Object.fromEntries(Object.entries(one).map(([name, value]) => [name, count * value]))
    const claude = { ...times(20), provider: 'anthropic', model: 'claude', successes: 0, overrun_nano: 140 }
    const gpt = { ...times(20), provider: 'openai', model: 'gpt-4o-mini', overrun_nano: 0 }
    expect(await rows('rollup_hour', tenant_id, 'model')).toEqual([
      expect.objectContaining({ ...claude, hour_ms: START, first_ms: START + HOUR - 20, last_ms: START + HOUR - 1 }),
      expect.objectContaining({ ...gpt, hour_ms: START, first_ms: START, last_ms: START + 19 }),
      expect.objectContaining({ ...gpt, hour_ms: START + HOUR }),
    ])
    expect(await rows('rollup_day', tenant_id, 'model')).toEqual([
      expect.objectContaining({ ...claude, day_ms: START }),
      expect.objectContaining({ ...gpt, ...times(40), day_ms: START, first_ms: START, last_ms: START + HOUR + 19 }),
    ])
    const named = async (facet: string) => (await rows('rollup_day', tenant_id, facet)).filter(row => row.events === 20)
    expect(await named('user')).toEqual([expect.objectContaining({ user_id: 'u', agent_name: '', model: '' })])
    expect(await named('entity')).toEqual([expect.objectContaining({ entity_type: 'ticket', entity_id: '7' })])
    expect(await named('tag')).toEqual([expect.objectContaining({ tag_key: 'env', tag_value: 'prod' })])
    const [{ by_model = '' } = {}] = await rows('rollup_day', tenant_id, 'key')
    expect(JSON.parse(String(by_model)).map((part: unknown[]) => part.slice(0, 3))).toEqual([
      ['anthropic', 'claude', 20],
      ['openai', 'gpt-4o-mini', 40],
    ])
  })

  it('waits for an hour to be over, and for a day', async ({ expect }) => {
    const tenant_id = newTenant()
    await book(twenty(START, { tenant_id }))
    const at = (nowMs: number) => rollUp(fakePorts({ nowMs: () => nowMs }).ports)
    const count = async () => [
      (await rows('rollup_hour', tenant_id)).length > 0,
      (await rows('rollup_day', tenant_id)).length > 0,
    ]
    await at(START + HOUR)
    expect(await count()).toEqual([false, false])
    await at(START + HOUR + 10 * MINUTE)
    expect(await count()).toEqual([true, false])
    await at(START + DAY)
    expect(await count()).toEqual([true, false])
    await at(START + DAY + HOUR)
    expect(await count()).toEqual([true, true])
  })

  it('keeps no sums that would have about as many rows as there are events', async ({ expect }) => {
    const tenant_id = newTenant()
    const users = Array.from({ length: 40 }, (_, index) => ({
      user_id: `u${index}`,
      tags: { id: `${index}`, env: 'e' },
    }))
    await book(users.map((fields, index) => makeEvent(START + index, { ...fields, tenant_id })))
    await rollUp(fakePorts().ports)
    expect((await rows('rollup_hour', tenant_id)).map(row => row.facet)).toEqual([
      'agent',
      'entity',
      'entity_type',
      'feature',
      'key',
      'model',
      'tag',
      'team',
    ])
    expect(await missing('hour', tenant_id)).toEqual([...PAIRS, 'tag:id', 'user', 'all'])
    expect(await missing('day', tenant_id)).toEqual(['tag:id', 'user', 'all'])
    const pairs = (await rows('rollup_day', tenant_id)).map(row => row.facet).filter(name => String(name).includes('_'))
    expect(pairs.sort()).toEqual(['entity_type', ...PAIRS].sort())
    const other = newTenant()
    const tags = Object.fromEntries(Array.from({ length: 30 }, (_, index) => [`key ${index}`, 'x']))
    const many = Array.from({ length: 4 }, (_, n) =>
      Object.fromEntries(Object.keys(tags).map(key => [`${n} ${key}`, 'x'])),
    )
    await book(many.flatMap(one => twenty(START, { tenant_id: other, tags: one })))
    await rollUp(fakePorts().ports)
    expect(await rows('rollup_hour', other, 'tag')).toEqual([])
    expect(await missing('hour', other)).toContain('tag:*')
  })

  it('counts for each hour and rule how often it could not be evaluated, before and after, and takes back what is corrected', async ({
    expect,
  }) => {
    const tenantId = asTenantId(newTenant())
    const skipping = (atMs: number, rules_skipped: string[] | null) => {
      return makeEvent(atMs, { tenant_id: tenantId, rule_id: 'r3', ...(rules_skipped && { rules_skipped }) })
    }
    const first = skipping(START, ['r1', 'r2'])
    await book([first, skipping(START + 1, ['r1']), skipping(START + 2, null), skipping(START + HOUR, ['r2'])])
    const { db } = fakePorts().ports
    const counts = async (sinceMs = START) =>
      (await countRuleSkips(db, { tenantId, sinceMs })).map(({ ruleId, hourMs, events }) => [
        ruleId,
        (hourMs - START) / HOUR,
        events,
      ])
    const expected = [
      ['r1', 0, 2],
      ['r2', 0, 1],
      ['r2', 1, 1],
    ]
    expect(await counts()).toEqual(expected)
    await rollUp(fakePorts().ports)
    await rollUp(fakePorts().ports)
    expect(await counts()).toEqual(expected)
    expect(await counts(START + HOUR)).toEqual(expected.slice(2))
    await book([{ ...first, revision: 2, rules_skipped: null }])
    expect(await counts()).toEqual([['r1', 0, 1], ...expected.slice(2)])
    await rollUp(fakePorts().ports)
    expect(await counts()).toEqual([['r1', 0, 1], ...expected.slice(2)])
    expect(await countRuleSkips(db, { tenantId: asTenantId(newTenant()), sinceMs: 0 })).toEqual([])
  })

  it('changes nothing when it is done twice, or beside itself', async ({ expect }) => {
    const tenant_id = newTenant()
    const events = Array.from({ length: 60 }, (_, i) => makeEvent(START + i * 0.1 * HOUR, { tenant_id, cost_nano: i }))
    await book(events)
    const { ports } = fakePorts()
    await rollUp(ports)
    const once = [await rows('rollup_hour', tenant_id), await rows('rollup_day', tenant_id)]
    expect(once.every(one => one.length > 0)).toBe(true)
    await book(events)
    await Promise.all([rollUp(ports), rollUp(ports), rollUp(ports)])
    await rollUp(ports)
    expect([await rows('rollup_hour', tenant_id), await rows('rollup_day', tenant_id)]).toEqual(once)
  })

  it('follows a correction, also one that takes an event to another model', async ({ expect }) => {
    const tenant_id = newTenant()
    const { ports } = fakePorts()
    const assumed = twenty(START, { tenant_id, outcome: 'assumed', cost_nano: 90_000 })
    await book(assumed)
    await rollUp(ports)
    await book(assumed.map(event => ({ ...event, revision: 2, model: 'gpt-4o', cost_nano: 27_000 })))
    await rollUp(ports)
    const corrected = [expect.objectContaining({ model: 'gpt-4o', cost_nano: 540_000, events: 20 })]
    expect(await rows('rollup_hour', tenant_id, 'model')).toEqual(corrected)
    expect(await rows('rollup_day', tenant_id, 'model')).toEqual(corrected)
  })

  it('goes on with other hours when one fails, and leaves that one for the next run', async ({ expect }) => {
    const tenants = [newTenant(), newTenant()]
    await rollUp(fakePorts().ports)
    await book(tenants.flatMap(tenant_id => twenty(START, { tenant_id })))
    let batches = 0
    const broken = {
      prepare: (text: string) => env.DB.prepare(text),
      batch: (statements: D1PreparedStatement[]) =>
        batches++ === 0 ? Promise.reject(new Error('D1_ERROR: busy')) : env.DB.batch(statements),
    } as D1Database
    const { ports, logged } = fakePorts({ db: openDatabase(broken) })
    // The other's hour and day.
    expect(await rollUp(ports)).toEqual({ done: 2, failed: 1 })
    expect(logged).toContainEqual(expect.objectContaining({ event: 'roll_up_failed' }))
    expect(await rollUp(ports)).toEqual({ done: 2, failed: 0 })
    for (const tenantId of tenants) expect(await rows('rollup_hour', tenantId, 'model')).toHaveLength(1)
  })

  it('leaves a day due whose hours were rolled up while it was made', async ({ expect }) => {
    const tenant_id = newTenant()
    await book(twenty(START, { tenant_id }))
    await rollUp(fakePorts({ nowMs: () => START + 2 * HOUR }).ports)
    let isFirst = true
    const slow = {
      prepare: (text: string) => env.DB.prepare(text),
      async batch(statements: D1PreparedStatement[]) {
        const results = await env.DB.batch(statements)
        if (isFirst) {
          isFirst = false
          await book([makeEvent(START + 1, { tenant_id })])
          await rollUpHour(openDatabase(env.DB), { tenantId: asTenantId(tenant_id), hourMs: START })
        }
        return results
      },
    } as D1Database
    await rollUpDay(openDatabase(slow), { tenantId: asTenantId(tenant_id), dayMs: START })
    const due = () => env.DB.prepare('SELECT due FROM rolled_day WHERE tenant_id = ?1').bind(tenant_id).first('due')
    expect(await due()).toBe(1)
    await rollUp(fakePorts().ports)
    expect(await due()).toBe(0)
    expect(await rows('rollup_day', tenant_id, 'model')).toEqual([expect.objectContaining({ events: 21 })])
  })

  it('writes less than two rows for an event in all, and few for one that comes late', async ({ expect }) => {
    const tenant_id = newTenant()
    const written = { rows: 0 }
    const db = openDatabase(counting(written))
    const any = (index: number, count: number) => `n${(index * 7919) % count}`
    const events = Array.from({ length: 3000 }, (_, index) =>
      makeEvent(START + index * 28_000, {
        ...{ tenant_id, model: any(index, 8), virtual_key_id: any(index, 11), agent_name: any(index, 13) },
        ...{
          user_id: any(index, 701),
          entity_type: 'customer',
          entity_id: any(index, 307),
          tags: { env: any(index, 3) },
        },
      }),
    )
    const tenantId = asTenantId(tenant_id)
    for (let from = 0; from < events.length; from += 100) {
      await insertEvents(db, { tenantId, events: events.slice(from, from + 100) })
    }
    const { ports } = fakePorts({ db })
    await rollUp(ports)
    expect((await rows('rollup_day', tenant_id)).length).toBeGreaterThan(100)
    expect(written.rows / events.length).toBeLessThan(2)
    expect(written.rows).toBeGreaterThan(events.length)
    written.rows = 0
    await insertEvents(db, { tenantId, events: [makeEvent(START + 7, { tenant_id, model: 'n1', user_id: 'n1' })] })
    await rollUp(ports)
    expect(written.rows).toBeLessThan(40)
  })
})

describe('sums', () => {
  it('read clean days from their sums, not from its events', async ({ expect }) => {
    const tenant_id = newTenant()
    const from = Date.UTC(2025, 0, 1)
    const days = Array.from({ length: 10 }, (_, day) => day)
    const hours = [0, 9, 20]
    await book(
      days.flatMap(day => hours.flatMap(hour => twenty(from + day * DAY + hour * HOUR, { tenant_id }).slice(0, 10))),
    )
    for (let left = 1; left > 0; ) left = (await rollUp(fakePorts().ports)).done
    await rollUp(fakePorts().ports)
    const read: number[] = []
    const metered = {
      prepare: (text: string) => env.DB.prepare(text),
      batch: async (statements: D1PreparedStatement[]) => {
        const results = await env.DB.batch(statements)
        read.push(results.reduce((rows, { meta }) => rows + meta.rows_read, 0))
        return results
      },
    } as unknown as D1Database
    const range = { startMs: from, endMs: from + 10 * DAY }
    const sums = ['events', 'cost_nano'] as const
    const found = await sumUsage(openDatabase(metered), {
      tenantId: asTenantId(tenant_id),
      range,
      groupBy: ['provider'],
      sums,
    })
    expect(found).toEqual([{ group: { provider: 'openai' }, events: 300, cost_nano: 8_100_000n }])
    // Of 300 events; ten days, and whether any of their sums are lost.
    expect(read[0]).toBeLessThan(160)
  })
})

describe('the cron', () => {
  it('does its other task when one fails, and says how much it did', async ({ expect }) => {
    const tenant_id = newTenant()
    await rollUp(fakePorts().ports)
    await book(twenty(START, { tenant_id }))
    const noSnapshots = {
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
      prepare(text: string) {
        if (text.includes('key_snapshot')) throw new Error('D1_ERROR: no such table')
        return env.DB.prepare(text)
      },
    } as D1Database
    const { ports, logged } = fakePorts({ db: openDatabase(noSnapshots) })
    await runScheduled(ports)
    expect(logged).toContainEqual({ event: 'scheduled', task: 'roll_up', done: 2, failed: 0 })
    expect(logged).toContainEqual(expect.objectContaining({ event: 'scheduled_failed', task: 'repush_snapshots' }))
    expect(await rows('rollup_hour', tenant_id, 'model')).toHaveLength(1)
  })
})

import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import { runScheduled } from '../../workers/accounting/run-scheduled.ts'
import { asTenantId } from '../../workers/core/access/tenant-id.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { countRuleSkips } from '../../workers/db/count-rule-skips.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { sumUsage, type UsageGroup } from '../../workers/db/sum-usage.ts'
import { batchOf, fakePorts, messageOf } from './fake-ports.ts'
import { makeEvent } from './make-event.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const START = Date.UTC(2026, 10, 18)

const newTenant = () => `tenant-${crypto.randomUUID()}`

async function rows(table: 'rollup_hour' | 'rollup_day', tenantId: string) {
  const order = 'provider, model, virtual_key_id'
  const text = `SELECT * FROM ${table} WHERE tenant_id = ?1 ORDER BY 2, ${order}`
  return (await env.DB.prepare(text).bind(tenantId).all()).results
}

async function book(events: UsageEvent[]): Promise<void> {
  const { batch, answers } = batchOf(events.map(event => messageOf([event])))
  await consumeUsage(batch, fakePorts().ports)
  if (answers.some(answer => answer !== 'ack')) throw new Error('not booked')
}

describe('rolling up', () => {
  it('sums the events of an hour, and the hours of a day, by provider, model and key', async ({ expect }) => {
    const tenant_id = newTenant()
    await book([
      makeEvent(START, { tenant_id }),
      makeEvent(START + HOUR - 1, { tenant_id, success: false, outcome: 'provider_error', overrun_nano: 7 }),
      makeEvent(START + HOUR, { tenant_id }),
      makeEvent(START + 1, { tenant_id, provider: 'anthropic', model: 'claude', virtual_key_id: 'key-b' }),
    ])
    await rollUp(fakePorts().ports)
    const sums = { input_tokens: 100, output_tokens: 20, cached_input_tokens: 10, cache_write_tokens: 5 }
    const one = { ...sums, reasoning_tokens: 3, cost_nano: 27_000, overrun_nano: 0, events: 1, successes: 1 }
    const two = Object.fromEntries(Object.entries(one).map(([name, value]) => [name, 2 * value]))
    const openai = { tenant_id, provider: 'openai', model: 'gpt-4o-mini', virtual_key_id: 'key-a' }
    const claude = { tenant_id, provider: 'anthropic', model: 'claude', virtual_key_id: 'key-b' }
    expect(await rows('rollup_hour', tenant_id)).toEqual([
      { ...claude, ...one, hour_ms: START },
      { ...openai, ...two, hour_ms: START, successes: 1, overrun_nano: 7 },
      { ...openai, ...one, hour_ms: START + HOUR },
    ])
    const three = Object.fromEntries(Object.entries(one).map(([name, value]) => [name, 3 * value]))
    expect(await rows('rollup_day', tenant_id)).toEqual([
      { ...claude, ...one, day_ms: START },
      { ...openai, ...three, day_ms: START, successes: 2, overrun_nano: 7 },
    ])
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
    const events = Array.from({ length: 12 }, (_, i) => makeEvent(START + i * 0.6 * HOUR, { tenant_id, cost_nano: i }))
    await book(events)
    const { ports } = fakePorts()
    await rollUp(ports)
    const once = [await rows('rollup_hour', tenant_id), await rows('rollup_day', tenant_id)]
    await book(events)
    await Promise.all([rollUp(ports), rollUp(ports), rollUp(ports)])
    await rollUp(ports)
    expect([await rows('rollup_hour', tenant_id), await rows('rollup_day', tenant_id)]).toEqual(once)
  })

  it('follows a correction, also one that takes the event to another model', async ({ expect }) => {
    const tenant_id = newTenant()
    const { ports } = fakePorts()
    const assumed = makeEvent(START, { tenant_id, outcome: 'assumed', cost_nano: 90_000 })
    await book([assumed])
    await rollUp(ports)
    await book([{ ...assumed, revision: 2, model: 'gpt-4o', cost_nano: 27_000 }])
    await rollUp(ports)
    expect(await rows('rollup_hour', tenant_id)).toEqual([
      expect.objectContaining({ model: 'gpt-4o', cost_nano: 27_000, events: 1 }),
    ])
    expect(await rows('rollup_day', tenant_id)).toEqual([
      expect.objectContaining({ model: 'gpt-4o', cost_nano: 27_000, events: 1 }),
    ])
  })

  it('goes on with other hours when one fails, and leaves that one for the next run', async ({ expect }) => {
    const tenants = [newTenant(), newTenant()]
    await rollUp(fakePorts().ports)
    await book(tenants.map(tenant_id => makeEvent(START, { tenant_id })))
    let batches = 0
    const broken = {
      prepare: (text: string) => env.DB.prepare(text),
      batch: (statements: D1PreparedStatement[]) =>
        batches++ === 0 ? Promise.reject(new Error('D1_ERROR: busy')) : env.DB.batch(statements),
    } as D1Database
    const { ports, logged } = fakePorts({ db: openDatabase(broken) })
    expect(await rollUp(ports)).toEqual({ done: 1, failed: 1 })
    expect(logged).toContainEqual(expect.objectContaining({ event: 'roll_up_failed' }))
    expect(await rollUp(ports)).toEqual({ done: 1, failed: 0 })
    for (const tenantId of tenants) expect(await rows('rollup_hour', tenantId)).toHaveLength(1)
  })
})

type Stored = Map<string, UsageEvent>

const MINUTE = 60_000
const aTime = fc.integer({ min: START, max: START + 3 * DAY - 1 })
const anEvent = fc.record({
  atMs: fc.oneof(
    aTime,
    fc.integer({ min: 0, max: 71 }).map(hour => START + hour * HOUR),
  ),
  provider: fc.constantFrom('openai', 'anthropic'),
  model: fc.constantFrom('m1', 'm2'),
  virtual_key_id: fc.constantFrom('key-a', 'key-b'),
  cost_nano: fc.integer({ min: 0, max: 9_000_000_000 }),
  input_tokens: fc.integer({ min: 0, max: 1000 }),
})
const aStep = fc.oneof(
  fc.record({ kind: fc.constant('book' as const), events: fc.array(anEvent, { minLength: 1, maxLength: 8 }) }),
  fc.record({
    kind: fc.constant('correct' as const),
    pick: fc.nat(),
    cost_nano: fc.nat(),
    model: fc.constantFrom('m1', 'm3'),
  }),
  fc.record({ kind: fc.constant('roll up' as const) }),
)
const aQuestion = fc.record({
  range: fc
    .tuple(
      fc.oneof(aTime, fc.constantFrom(START, START + DAY, START + HOUR)),
      fc.constantFrom(1, MINUTE, HOUR, 90 * MINUTE, DAY, 2 * DAY + 5, 3 * DAY),
    )
    .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs })),
  groupBy: fc.constantFrom<UsageGroup>('day', 'hour', 'provider', 'model'),
  provider: fc.option(fc.constant('openai'), { nil: undefined }),
  virtualKeyId: fc.option(fc.constant('key-b'), { nil: undefined }),
})
type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never
type Question = typeof aQuestion extends fc.Arbitrary<infer T> ? T : never

async function take(step: Step, stored: Stored, tenantId: string): Promise<void> {
  if (step.kind === 'roll up') return void (await rollUp(fakePorts().ports))
  const events = step.kind === 'book' ? newEvents(step.events, tenantId) : correction(step, stored)
  await book(events)
  for (const event of events) stored.set(event.id, event)
}

function newEvents(drafts: Extract<Step, { kind: 'book' }>['events'], tenant_id: string): UsageEvent[] {
  return drafts.map(({ atMs, ...fields }) => makeEvent(atMs, { ...fields, tenant_id }))
}

function correction({ pick, cost_nano, model }: Extract<Step, { kind: 'correct' }>, stored: Stored): UsageEvent[] {
  const known = [...stored.values()]
  const event = known[pick % Math.max(1, known.length)]
  return event ? [{ ...event, revision: event.revision + 1, cost_nano, model }] : []
}

const BUCKET: Record<UsageGroup, (event: UsageEvent) => string | number> = {
  day: event => event.timestamp_ms - (event.timestamp_ms % DAY),
  hour: event => event.timestamp_ms - (event.timestamp_ms % HOUR),
  provider: event => event.provider,
  model: event => event.model,
}

function countByHand(stored: Stored, { range, groupBy, provider, virtualKeyId }: Question) {
  const wanted = [...stored.values()].filter(
    event =>
      event.timestamp_ms >= range.startMs &&
      event.timestamp_ms < range.endMs &&
      (provider ?? event.provider) === event.provider &&
      (virtualKeyId ?? event.virtual_key_id) === event.virtual_key_id,
  )
  const groups = [...Map.groupBy(wanted, BUCKET[groupBy])].sort(([a], [b]) => (a < b ? -1 : 1))
  return groups.map(([bucket, events]) => ({
    bucket,
    events: events.length,
    tokens: events.reduce((sum, event) => sum + event.input_tokens + event.output_tokens, 0),
    cost_nano: events.reduce((sum, event) => sum + event.cost_nano, 0),
  }))
}

describe('sums', () => {
  it('equal the sum of the events at every stage: rolled up or not, late, corrected, at any edge', async ({
    expect,
  }) => {
    const db = openDatabase(env.DB)
    const steps = fc.array(fc.tuple(aStep, fc.array(aQuestion, { minLength: 1, maxLength: 4 })), { maxLength: 10 })
    await fc.assert(
      fc.asyncProperty(steps, async script => {
        const tenantId = newTenant()
        const stored: Stored = new Map()
        await book([makeEvent(START, { cost_nano: 1_000_000_000_000, tenant_id: newTenant() })])
        for (const [step, questions] of script) {
          await take(step, stored, tenantId)
          for (const question of questions) {
            const { provider, virtualKeyId, ...rest } = question
            const filter = { ...(provider && { provider }), ...(virtualKeyId && { virtualKeyId }) }
            expect(await sumUsage(db, { tenantId: asTenantId(tenantId), ...rest, ...filter })).toEqual(
              countByHand(stored, question),
            )
          }
        }
      }),
      { numRuns: 40 },
    )
  }, 60_000)

  it('read a clean month from its days, not from its events', async ({ expect }) => {
    const tenant_id = newTenant()
    const from = Date.UTC(2025, 0, 1)
    const days = Array.from({ length: 30 }, (_, day) => day)
    const hours = [0, 5, 9, 14, 20]
    await book(days.flatMap(day => hours.map(hour => makeEvent(from + day * DAY + hour * HOUR, { tenant_id }))))
    for (let left = 1; left > 0; ) left = (await rollUp(fakePorts().ports)).done
    await rollUp(fakePorts().ports)
    const read: number[] = []
    const metered = {
      prepare: (text: string) => ({
        bind: (...values: unknown[]) => ({
          all: async () => {
            const result = await env.DB.prepare(text)
              .bind(...values)
              .all()
            read.push(result.meta.rows_read)
            return result
          },
        }),
      }),
    } as unknown as D1Database
    const range = { startMs: from, endMs: from + 30 * DAY }
    const sums = await sumUsage(openDatabase(metered), { tenantId: asTenantId(tenant_id), range, groupBy: 'provider' })
    expect(sums).toEqual([{ bucket: 'openai', events: 150, tokens: 18_000, cost_nano: 4_050_000 }])
    expect(read[0]).toBeLessThan(150)
  })
})

describe('the cron', () => {
  it('does its other task when one fails, and says how much it did', async ({ expect }) => {
    const tenant_id = newTenant()
    await rollUp(fakePorts().ports)
    await book([makeEvent(START, { tenant_id })])
    const noSnapshots = {
      batch: (statements: D1PreparedStatement[]) => env.DB.batch(statements),
      prepare(text: string) {
        if (text.includes('key_snapshot')) throw new Error('D1_ERROR: no such table')
        return env.DB.prepare(text)
      },
    } as D1Database
    const { ports, logged } = fakePorts({ db: openDatabase(noSnapshots) })
    await runScheduled(ports)
    expect(logged).toContainEqual({ event: 'scheduled', task: 'roll_up', done: 1, failed: 0 })
    expect(logged).toContainEqual(expect.objectContaining({ event: 'scheduled_failed', task: 'repush_snapshots' }))
    expect(await rows('rollup_hour', tenant_id)).toHaveLength(1)
  })
})

import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, type ExpectStatic, it } from 'vitest'
import { packDay } from '../../workers/accounting/segments/pack-day.ts'
import { asTenantId, type TenantId } from '../../workers/core/access/tenant-id.ts'
import type { CostDetail, RecordedEvent, UsageEvent } from '../../workers/core/usage.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { rollUpDay } from '../../workers/db/roll-up-day.ts'
import { rollUpHour } from '../../workers/db/roll-up-hour.ts'
import type { GroupPage, SumQuery, UsageFilter } from '../../workers/db/rollup/sum-query.ts'
import { SUM_NAMES, type SumName } from '../../workers/db/rollup/sums.ts'
import { columnsOf, type GroupColumn, type TimeGroup, type UsageGroup } from '../../workers/db/rollup/usage-group.ts'
import type { ReadObject } from '../../workers/db/segment/scan-days.ts'
import { type SumPage, sumAllUsage } from '../../workers/db/sum-usage.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'

const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR
/** A Saturday, so that the days after it are of two weeks; the last of them is of another month. */
const START = Date.UTC(2026, 10, 28)

const db = openDatabase(env.DB)
const { ports } = fakePorts()
let reads = 0
const read: ReadObject = async (key, range) => {
  reads += 1
  return (await (await env.ARCHIVE.get(key, { range }))?.arrayBuffer()) ?? null
}
const newTenant = () => asTenantId(`tenant-${crypto.randomUUID()}`)

const aName = (...names: string[]) => fc.option(fc.constantFrom(...names), { nil: null })
const aTime = fc.oneof(
  fc.integer({ min: START, max: START + 4 * DAY - 1 }),
  fc.integer({ min: 0, max: 11 }).map(half => START + half * 20 * MINUTE),
  fc.integer({ min: 0, max: 95 }).map(hour => START + hour * HOUR),
)
const aDetail = fc.option(
  fc.record({
    ...{ tier: fc.constant('standard'), above: fc.constant(null), source: fc.constant('pricebook') },
    lines: fc.array(
      fc.tuple(
        fc.constantFrom('input', 'cached_input', 'output', 'reasoning', 'web_searches'),
        fc.nat({ max: 5000 }),
        fc.nat({ max: 9_999_999 }),
      ),
      { maxLength: 3 },
    ),
  }),
  { nil: null },
)
const fields = {
  provider: fc.constantFrom('openai', 'anthropic'),
  model: fc.constantFrom('m1', 'm2'),
  virtual_key_id: fc.constantFrom('key-a', 'key-b'),
  team: aName('core', 'ops'),
  agent_name: aName('bot', "o'hare"),
  feature: aName('search', 'chat'),
  user_id: aName('u1', 'u2', 'u3'),
  entity_type: aName('customer', 'ticket'),
  entity_id: aName('1', '2'),
  tags: fc.dictionary(fc.constantFrom('workflow', 'a."b', 'env'), fc.constantFrom('x', 'y', ''), { maxKeys: 2 }),
  cost_nano: fc.oneof(fc.nat({ max: 9_000_000 }), fc.constant(9_000_000_000_000_000)),
  cost_detail: aDetail,
  input_tokens: fc.nat({ max: 1000 }),
  success: fc.boolean(),
  outcome: fc.constantFrom('ok' as const, 'estimated' as const, 'assumed' as const),
}
const anEvent = fc.record({ atMs: aTime, ...fields })
const aBudget: fc.Arbitrary<number> = fc.constantFrom<number>(0, 0.2, 0.5, 0.8, 1.2, 3, 100)
const aStep = fc.oneof(
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('book' as const), events: fc.array(anEvent, { maxLength: 30 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('correct' as const), pick: fc.nat(), change: fc.record(fields) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('hours' as const),
      budget: aBudget,
      every: fc.constantFrom<number>(1, 1, 2),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('days' as const), budget: aBudget }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('pack' as const) }) },
)

const aTimeGroup = fc.constantFrom<UsageGroup>('hour', 'day', 'week', 'month')
const aNameGroup = fc.constantFrom<UsageGroup>(
  ...(['provider', 'model', 'virtual_key', 'team', 'agent', 'feature', 'user'] as const),
  ...(['entity_type', 'entity', 'tag:workflow', 'tag:a."b', 'tag:nobody'] as const),
)
const groups = fc
  .tuple(fc.option(aTimeGroup), fc.uniqueArray(aNameGroup, { maxLength: 3 }))
  .map(([time, names]) => [...(time ? [time] : []), ...names])
const aFilter: fc.Arbitrary<UsageFilter> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.record({ provider: fc.constant('openai') }) },
  { weight: 1, arbitrary: fc.record({ agent_name: fc.constant("o'hare"), model: fc.constant('m1') }) },
  { weight: 1, arbitrary: fc.record({ entity_type: fc.constant('ticket'), entity_id: fc.constant('1') }) },
  { weight: 1, arbitrary: fc.record({ user_id: fc.constant('u2') }) },
  { weight: 1, arbitrary: fc.record({ team: fc.constant('core'), feature: fc.constant('chat') }) },
)
const aTagFilter = fc.oneof(
  { weight: 3, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ workflow: 'x' }) },
  { weight: 1, arbitrary: fc.constant({ 'a."b': 'y', env: 'x' }) },
)
const aRange = fc
  .tuple(
    fc.oneof(aTime, fc.constantFrom(START, START + DAY, START + HOUR)),
    fc.constantFrom(1, MINUTE, HOUR, 90 * MINUTE, DAY, 2 * DAY + 5, 4 * DAY, 400 * DAY),
  )
  .map(([startMs, lengthMs]) => ({ startMs, endMs: startMs + lengthMs }))
const aPage: fc.Arbitrary<GroupPage | undefined> = fc.option(
  fc.record({
    by: fc.constantFrom<SumName | null>('cost_nano', 'events', 'last_ms', null),
    isDescending: fc.boolean(),
    limit: fc.integer({ min: 1, max: 3 }),
    offset: fc.constantFrom(0, 1, 50),
  }),
  { nil: undefined },
)
const aQuestion = fc.record({
  range: aRange,
  groupBy: groups,
  filter: aFilter,
  tags: aTagFilter,
  isNamed: fc.boolean(),
  page: aPage,
})
// What a period keeps is made anew after it was kept: the events of a busy hour are revised once it was rolled up.
const aBusyTime = fc.integer({ min: START + HOUR, max: START + 3 * HOUR - 1 })
const aBusyScript = fc
  .tuple(
    fc.array(fc.record({ ...fields, atMs: aBusyTime }), { minLength: 20, maxLength: 60 }),
    fc.array(aBudget, { minLength: 4, maxLength: 4 }),
  )
  .chain(([events, [first = 1, second = 1, third = 1, fourth = 1]]) =>
    fc
      .array(fc.record({ kind: fc.constant('correct' as const), pick: fc.nat(), change: fc.record(fields) }), {
        minLength: 3,
        maxLength: 9,
      })
      .map((corrections): Step[] => [
        { kind: 'book', events },
        { kind: 'hours', budget: first, every: 1 },
        { kind: 'days', budget: second },
        { kind: 'pack' },
        ...corrections,
        { kind: 'hours', budget: third, every: 1 },
        { kind: 'days', budget: fourth },
        { kind: 'pack' },
      ]),
  )
const withQuestions = (script: fc.Arbitrary<Step[]>) =>
  fc.tuple(script, fc.array(fc.array(aQuestion, { minLength: 3, maxLength: 8 }), { minLength: 20, maxLength: 20 }))
type Step = typeof aStep extends fc.Arbitrary<infer T> ? T : never
type Question = typeof aQuestion extends fc.Arbitrary<infer T> ? T : never

type Stored = Map<string, UsageEvent>

async function hoursOf(tenantId: TenantId, table: string): Promise<number[]> {
  const text = `SELECT hour_ms FROM ${table} WHERE tenant_id = ?1 ORDER BY hour_ms`
  const { results } = await env.DB.prepare(text).bind(tenantId).all<{ hour_ms: number }>()
  return results.map(row => row.hour_ms)
}

async function rollUpDays(tenantId: TenantId, budget: number): Promise<void> {
  const text = 'SELECT day_ms FROM rolled_day WHERE tenant_id = ?1 AND due <> 0'
  const { results } = await env.DB.prepare(text).bind(tenantId).all<{ day_ms: number }>()
  for (const { day_ms } of results)
    await rollUpDay(db, { tenantId, dayMs: day_ms }, { rowsPerEvent: budget, always: [], never: [] })
}

async function packDays(tenantId: TenantId): Promise<void> {
  const text = 'SELECT day_ms FROM day_segment WHERE tenant_id = ?1 AND due <> 0'
  const { results } = await env.DB.prepare(text).bind(tenantId).all<{ day_ms: number }>()
  for (const { day_ms } of results) await packDay({ tenantId, dayMs: day_ms }, ports, 7)
}

async function take(step: Step, stored: Stored, tenantId: TenantId): Promise<void> {
  if (step.kind === 'pack') return packDays(tenantId)
  if (step.kind === 'days') return rollUpDays(tenantId, step.budget)
  if (step.kind === 'hours') {
    const dirty = await hoursOf(tenantId, 'dirty_hour')
    for (const hourMs of dirty.filter((_, index) => index % step.every === 0)) {
      await rollUpHour(db, { tenantId, hourMs }, { rowsPerEvent: step.budget, always: [], never: [] })
    }
    return
  }
  const events = step.kind === 'book' ? newEvents(step.events, tenantId) : corrected(step, stored)
  await insertEvents(db, { tenantId, events: events as RecordedEvent[] })
  for (const event of events) stored.set(event.id, event)
}

function newEvents(drafts: Extract<Step, { kind: 'book' }>['events'], tenant_id: string): UsageEvent[] {
  return drafts.map(({ atMs, ...rest }) => makeEvent(atMs, { ...rest, tenant_id }))
}

function corrected({ pick, change }: Extract<Step, { kind: 'correct' }>, stored: Stored): UsageEvent[] {
  const known = [...stored.values()]
  const event = known[pick % Math.max(1, known.length)]
  return event ? [{ ...event, ...change, revision: event.revision + 1 }] : []
}

const BEGINS: Record<TimeGroup, (at: Date) => number> = {
  hour: at => at.setUTCMinutes(0, 0, 0),
  day: at => at.setUTCHours(0, 0, 0, 0),
  week: at => new Date(at.setUTCHours(0, 0, 0, 0)).setUTCDate(at.getUTCDate() - ((at.getUTCDay() + 6) % 7)),
  month: at => Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1),
}

function groupValue(event: UsageEvent, column: GroupColumn): string | number | null {
  if (column.kind === 'time') return BEGINS[column.name](new Date(event.timestamp_ms))
  return (column.kind === 'tag' ? event.tags[column.key] : event[column.name]) || null
}

const IN = ['input', 'cached_input']
const OUT = ['output', 'reasoning']
function costOf(detail: CostDetail | null, units: string[]): bigint {
  const lines = detail?.lines.filter(([unit]) => units.includes(unit)) ?? []
  return lines.reduce((sum, [, quantity, pico]) => sum + (BigInt(quantity) * BigInt(pico)) / 1000n, 0n)
}

function addUp(events: UsageEvent[], name: SumName): bigint | number {
  if (name === 'first_ms') return Math.min(...events.map(event => event.timestamp_ms))
  if (name === 'last_ms') return Math.max(...events.map(event => event.timestamp_ms))
  if (name === 'events') return events.length
  if (name === 'successes') return events.filter(event => event.success).length
  if (name === 'estimates') return events.filter(({ outcome }) => outcome !== 'ok').length
  if (name === 'input_cost_nano') return events.reduce((sum, event) => sum + costOf(event.cost_detail, IN), 0n)
  if (name === 'output_cost_nano') return events.reduce((sum, event) => sum + costOf(event.cost_detail, OUT), 0n)
  if (name.endsWith('_nano')) return events.reduce((sum, event) => sum + BigInt(event[name]), 0n)
  return events.reduce((sum, event) => sum + event[name], 0)
}

// As SQLite orders them: what is absent first, then numbers and texts.
function compare(a: unknown, b: unknown): number {
  if (a === b) return 0
  if (a === null) return -1
  if (b === null) return 1
  return (a as number) < (b as number) ? -1 : 1
}

function wanted({ range, filter, tags }: Question, event: UsageEvent): boolean {
  const isInRange = event.timestamp_ms >= range.startMs && event.timestamp_ms < range.endMs
  const hasNames = Object.entries(filter).every(([name, value]) => event[name as keyof UsageEvent] === value)
  return isInRange && hasNames && Object.entries(tags).every(([key, value]) => event.tags[key] === value)
}

type Counted = { group: Record<string, string | number | null> } & Record<SumName, bigint | number>

function countByHand(stored: Stored, question: Question): Counted[] {
  const columns = question.groupBy.flatMap(columnsOf)
  const isNamed = (event: UsageEvent) => !question.isNamed || columns.every(one => groupValue(event, one) !== null)
  const events = [...stored.values()].filter(event => wanted(question, event) && isNamed(event))
  const groups = Map.groupBy(events, event => JSON.stringify(columns.map(column => groupValue(event, column))))
  const rows = [...groups.values()].map(ofGroup => {
    const [first] = ofGroup
    const group = Object.fromEntries(columns.map(column => [column.name, first ? groupValue(first, column) : null]))
    return { group, ...Object.fromEntries(SUM_NAMES.map(name => [name, addUp(ofGroup, name)])) } as Counted
  })
  const byKeys = (a: Counted, b: Counted) =>
    columns.map(({ name }) => compare(a.group[name], b.group[name])).find(order => order !== 0) ?? 0
  return rows.sort(byKeys)
}

function pageOf(rows: Counted[], page: GroupPage | undefined): Counted[] {
  if (!page) return rows
  const { by, isDescending, limit, offset } = page
  const sign = isDescending ? -1 : 1
  const sorted =
    by === null ? (isDescending ? rows.toReversed() : rows) : rows.toSorted((a, b) => sign * compare(a[by], b[by]))
  return sorted.slice(offset, offset + limit)
}

const isOfTag = (question: Question) => question.groupBy.some(group => group.startsWith('tag:'))

// When events without a tag began is not told: their sums are what is left of all.
function comparable(rows: Counted[], question: Question) {
  return isOfTag(question) ? rows.map(({ first_ms: _, last_ms: __, ...rest }) => rest) : rows
}

function checkAnswers(expect: ExpectStatic, answers: SumPage<SumName>[], [asked, stored]: [Question[], Stored]): void {
  for (const [index, question] of asked.entries()) {
    const all = countByHand(stored, question)
    expect(answers[index]?.total).toBe(all.length)
    const sums = (answers[index]?.sums ?? []) as Counted[]
    expect(comparable(sums, question)).toEqual(comparable(pageOf(all, question.page), question))
  }
}

describe('sums', () => {
  it('equal the sum of the events at every stage: rolled up or not, late, corrected, at any edge, by anything', async ({
    expect,
  }) => {
    const scripts = withQuestions(fc.oneof(fc.array(aStep, { maxLength: 10 }), aBusyScript))
    await fc.assert(
      fc.asyncProperty(scripts, async ([script, asks]) => {
        const [tenantId, other] = [newTenant(), newTenant()]
        const stored: Stored = new Map()
        await insertEvents(db, { tenantId: other, events: [makeEvent(START, { cost_nano: 1, tenant_id: other })] })
        for (const [at, step] of script.entries()) {
          const questions = asks[at] ?? []
          await take(step, stored, tenantId)
          const asked = questions.map(question =>
            isOfTag(question) && question.page?.by === 'last_ms' ? { ...question, page: undefined } : question,
          )
          const queries = asked.map(
            ({ page, ...rest }): SumQuery => ({ tenantId, sums: SUM_NAMES, ...rest, ...(page && { page }) }),
          )
          for (const answers of [
            await sumAllUsage(db, queries),
            await sumAllUsage(db, queries, { read, minEvents: 0 }),
          ]) {
            checkAnswers(expect, answers, [asked, stored])
          }
        }
      }),
      { numRuns: 30 },
    )
    // They are compared with segments, and not with what falls back to the database.
    expect(reads).toBeGreaterThan(0)
  }, 600_000)
})

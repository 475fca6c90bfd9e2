import fc from 'fast-check'
import Papa from 'papaparse'
import { describe, it } from 'vitest'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import type { RecordedEvent } from '../../workers/core/usage.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { fakeControl, newTenant } from './fake-ports.ts'

const AT = Date.UTC(2026, 10, 18, 10)
const HOUR = 3_600_000

/** Few values, so that filters meet, and some that SQL or JSON could stumble over. */
const NAMES = ['a', 'b', "it's", '%', 'ä"\\']
const name = fc.option(fc.constantFrom(...NAMES), { nil: null })
const tags = fc.dictionary(fc.constantFrom('k', 'a."b', '__proto__x'), fc.constantFrom('1', '2', "'"), { maxKeys: 2 })

const fields = fc.record({
  ...{ agent_name: name, user_id: name, entity_type: name, entity_id: name, feature: name, team: name },
  provider: fc.constantFrom('openai', 'anthropic'),
  model: fc.constantFrom('m1', 'm2'),
  virtual_key_id: fc.constantFrom('k1', 'k2'),
  request_id: fc.constantFrom('r1', 'r2'),
  success: fc.boolean(),
  outcome: fc.constantFrom('ok', 'estimated', 'provider_error'),
  http_status: fc.constantFrom(200, 429, null),
  cost_nano: fc.constantFrom(0, 1, 1_000_000, 2_500_000_000),
  tags,
})
const draft = fc.record({ offsetMs: fc.nat({ max: 5 * HOUR }), fields })

const EXACT = [
  ...['agent_name', 'user_id', 'entity_type', 'entity_id', 'feature', 'team', 'provider', 'model', 'virtual_key_id'],
  ...['request_id', 'outcome'],
] as const

// One or two filters at a time: more would nearly always find nothing.
const maybe = <T>(arbitrary: fc.Arbitrary<T>) =>
  fc.oneof({ weight: 9, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary })
const wantedName = maybe(fc.constantFrom(...NAMES))
const query = fc.record({
  ...{ agent_name: wantedName, user_id: wantedName, entity_type: wantedName, entity_id: wantedName },
  ...{ feature: wantedName, team: wantedName },
  provider: maybe(fc.constantFrom('openai', 'anthropic')),
  model: maybe(fc.constantFrom('m1', 'm2')),
  virtual_key_id: maybe(fc.constantFrom('k1', 'k2')),
  request_id: maybe(fc.constantFrom('r1', 'r2')),
  outcome: maybe(fc.constantFrom('ok', 'estimated')),
  success: maybe(fc.boolean()),
  status: maybe(fc.constantFrom(200, 429)),
  min_cost: maybe(fc.constantFrom('0', '0.000000001', '0.001')),
  max_cost: maybe(fc.constantFrom('0.001', '2.5')),
  tags: maybe(tags),
  start: maybe(fc.nat({ max: 5 * HOUR })),
  end: maybe(fc.nat({ max: 5 * HOUR })),
})
type Wanted = typeof query extends fc.Arbitrary<infer T> ? T : never

function isWanted(event: RecordedEvent, wanted: Wanted): boolean {
  const { success, status, min_cost, max_cost, start, end } = wanted
  const isSame = EXACT.every(
    field => wanted[field as keyof Wanted] === undefined || event[field as 'model'] === wanted[field as 'model'],
  )
  const has = Object.entries(wanted.tags ?? {}).every(([key, value]) => event.tags[key] === value)
  const costs = event.cost_nano >= Number(min_cost ?? 0) * 1e9 && event.cost_nano <= Number(max_cost ?? 1e6) * 1e9
  const isIn = event.timestamp_ms >= AT + (start ?? 0) && event.timestamp_ms < AT + (end ?? 6 * HOUR)
  const ended = (success ?? event.success) === event.success && (status ?? event.http_status) === event.http_status
  return isSame && has && costs && isIn && ended
}

function asQuery({ start, end, tags: wanted, ...rest }: Wanted): Record<string, string> {
  const given = Object.entries(rest).flatMap(([key, value]) => (value === undefined ? [] : [[key, String(value)]]))
  return {
    ...Object.fromEntries(given),
    ...(start !== undefined && { start_date: new Date(AT + start).toISOString() }),
    ...(end !== undefined && { end_date: new Date(AT + end).toISOString() }),
    ...(wanted && { tags: JSON.stringify(wanted) }),
  }
}

async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  const stranger = await newTenant(control)
  const events: RecordedEvent[] = []
  const book = async (drafts: { offsetMs: number; fields: Partial<RecordedEvent> }[]) => {
    const made = drafts.map(one => ({ ...makeEvent(AT + one.offsetMs), ...one.fields, tenant_id: tenant.tenantId }))
    await insertEvents(control.ports.events, { tenantId: tenant.tenantId, events: made })
    // What another tenant has of the same is never in an answer.
    await insertEvents(control.ports.events, {
      tenantId: stranger.tenantId,
      events: made.map(one => ({ ...one, tenant_id: stranger.tenantId })),
    })
    events.push(...made)
  }
  const read = async (query: Record<string, string>) =>
    (await tenant.call('GET', `/v1/events?${new URLSearchParams(query)}`)).body
  const streamed = async (query: Record<string, string>, accept: string) => {
    const headers = { authorization: `Bearer ${tenant.adminKey}`, accept }
    return (await control.app.request(`/v1/events?${new URLSearchParams(query)}`, { headers })).text()
  }
  /** The ids of the same list as JSON lines. */
  const readLines = async (query: Record<string, string>) => {
    const lines = (await streamed(query, 'application/x-ndjson')).split('\n').filter(line => line !== '')
    return lines.map((line): string => JSON.parse(line).id)
  }
  /** The same as CSV: what each row costs under its id. */
  const readCsv = async (query: Record<string, string>) => {
    const { data } = Papa.parse<Record<string, string>>(await streamed(query, 'text/csv'), {
      header: true,
      skipEmptyLines: true,
    })
    return data.map(row => [row.id, row.cost_nano])
  }
  const newestFirst = () =>
    events
      .map(one => one.id)
      .sort()
      .reverse()
  return { ...control, ...tenant, events, book, read, readLines, readCsv, newestFirst }
}

const idsOf = (body: { data: { id: string }[] }) => body.data.map(one => one.id)

describe('events', () => {
  it('are those that all filters together say, in order and in number, before and after the roll-up', async ({
    expect,
  }) => {
    const { events, book, read, readLines, readCsv } = await setUp()
    await book(fc.sample(draft, { numRuns: 120, seed: 7 }))
    let found = 0
    const check = async (wanted: Wanted) => {
      const { start = 0, end = 6 * HOUR } = wanted
      if (end <= start) return
      const ids = events
        .filter(one => isWanted(one, wanted))
        .map(one => one.id)
        .sort()
        .reverse()
      if (ids.length > 0 && ids.length < events.length) found += 1
      const body = await read({ ...asQuery(wanted), limit: '1000' })
      expect(idsOf(body)).toEqual(ids)
      expect(await readLines(asQuery(wanted))).toEqual(ids)
      const shown: { id: string; cost_nano: string }[] = body.data
      expect(await readCsv(asQuery(wanted))).toEqual(shown.map(({ id, cost_nano }) => [id, cost_nano]))
      expect(body.pagination).toMatchObject({ total: ids.length, total_is_exact: true, has_more: false })
    }
    await fc.assert(fc.asyncProperty(query, check), { numRuns: 60, seed: 11 })
    await rollUp(fakePorts().ports)
    await fc.assert(fc.asyncProperty(query, check), { numRuns: 60, seed: 12 })
    expect(found).toBeGreaterThan(60)
  })

  it('are each given once by cursors, however many are booked in between', async ({ expect }) => {
    const page = fc.record({ limit: fc.integer({ min: 1, max: 9 }), between: fc.array(draft, { maxLength: 4 }) })
    const walk = async ([first, pages]: [
      { offsetMs: number; fields: Partial<RecordedEvent> }[],
      { limit: number; between: typeof first }[],
    ]) => {
      const { book, read, newestFirst } = await setUp()
      await book(first)
      const atStart = newestFirst()
      const seen: string[] = []
      let cursor: string | null = ''
      for (let turn = 0; cursor !== null; turn++) {
        // More than there are events: a cursor that goes nowhere ends here.
        expect(turn).toBeLessThan(60)
        const { limit = 3, between = [] } = pages[turn] ?? {}
        const body: { data: { id: string }[]; pagination: { next_cursor: string | null; has_more: boolean } } =
          await read({ limit: String(limit), ...(cursor && { cursor }) })
        expect(body.data.length).toBeLessThanOrEqual(limit)
        expect(body.pagination.has_more).toBe(body.pagination.next_cursor !== null)
        // A place that is counted moves with what is booked: it is that of the list as it is then.
        const byOffset = await read({ limit: String(limit), offset: String(turn) })
        expect(idsOf(byOffset)).toEqual(newestFirst().slice(turn, turn + limit))
        seen.push(...idsOf(body))
        cursor = body.pagination.next_cursor
        await book(between)
      }
      expect(seen).toEqual([...new Set(seen)].sort().reverse())
      expect(seen.filter(id => atStart.includes(id))).toEqual(atStart)
    }
    const run = fc.tuple(fc.array(draft, { minLength: 1, maxLength: 20 }), fc.array(page, { maxLength: 8 }))
    await fc.assert(fc.asyncProperty(run, walk), { numRuns: 12, seed: 3 })
  })

  it('are the same by offsets as by cursors where nothing is booked', async ({ expect }) => {
    const { book, read, newestFirst } = await setUp()
    await book(fc.sample(draft, { numRuns: 25, seed: 5 }))
    const byOffset: string[] = []
    // The last page is full, and there is none after it.
    for (let offset = 0; offset < 25; offset += 5) {
      const body = await read({ limit: '5', offset: String(offset) })
      expect(body.pagination).toMatchObject({ total: 25, offset, has_more: offset + 5 < 25 })
      byOffset.push(...idsOf(body))
    }
    expect(byOffset).toEqual(newestFirst())
  })

  it('have one place at a time: a cursor and an offset together are refused', async ({ expect }) => {
    const { book, read, call } = await setUp()
    await book(fc.sample(draft, { numRuns: 3, seed: 5 }))
    const { pagination } = await read({ limit: '1' })
    const both = await call('GET', `/v1/events?cursor=${pagination.next_cursor}&offset=1`)
    expect([both.status, both.body.code, both.body.param]).toEqual([400, 'request_invalid', 'offset'])
  })
})

describe('a streamed list of events', () => {
  async function withEvents(count: number, fields: Partial<RecordedEvent> = {}) {
    const tools = await setUp()
    await tools.book(Array.from({ length: count }, (_, index) => ({ offsetMs: index, fields })))
    const get = (path: string, accept?: string) => {
      const headers = { authorization: `Bearer ${tools.adminKey}`, ...(accept && { accept }) }
      return tools.app.request(path, { headers })
    }
    return { ...tools, get }
  }

  it('is JSON lines that are the events of the list, in its order', async ({ expect }) => {
    const { get, read } = await withEvents(1203)
    const answer = await get('/v1/events', 'application/x-ndjson')
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'application/x-ndjson'])
    expect(answer.headers.get('link')).toBeNull()
    const lines = (await answer.text()).trimEnd().split('\n')
    expect(lines.length).toBe(1203)
    const { data } = await read({ limit: '1000' })
    expect(lines.slice(0, 1000).map(line => JSON.parse(line))).toEqual(data)
    // Read in several parts, of which the first alone begins at the offset.
    expect((await (await get('/v1/events?offset=3', 'application/x-ndjson')).text()).trimEnd()).toBe(
      lines.slice(3).join('\n'),
    )
  })

  it('is CSV that no spreadsheet runs, and that still has its numbers', async ({ expect }) => {
    const names = { user_id: '=1+1', agent_name: '@SUM(A1)', feature: '-x', team: '\tt', entity_type: 'a"b,c' }
    const { get, book } = await withEvents(1, { ...names, tags: { k: '=v' } })
    const correction = { outcome: 'correction', cost_nano: -1_500_000_000, input_tokens: -5 } as const
    await book([{ offsetMs: 5, fields: correction }])
    const answer = await get('/v1/events', 'text/csv')
    expect(answer.headers.get('content-type')).toMatch(/^text\/csv; charset=utf-8/)
    expect(answer.headers.get('vary')).toMatch(/accept/i)
    const [head, taken, row, end] = (await answer.text()).split('\r\n')
    expect(end).toBe('')
    const columns = head?.split(',') ?? []
    expect(columns.slice(0, 4)).toEqual(['id', 'request_id', 'timestamp', 'source'])
    const cells = taken?.split(',') ?? []
    expect([cells[columns.indexOf('cost_usd')], cells[columns.indexOf('input_tokens')]]).toEqual(['-1.5', '-5'])
    for (const text of [",'=1+1,", ",'@SUM(A1),", ",'-x,", ",'\tt,", ',"a""b,c",', '"{""k"":""=v""}"'])
      expect(row).toContain(text)
  })

  it('ends where it was said to, and goes on behind its link, whatever is booked meanwhile', async ({ expect }) => {
    const { get, book, newestFirst } = await withEvents(30)
    const ids = newestFirst()
    const seen: string[] = []
    const lengths: number[] = []
    let path: string | undefined = '/v1/events?limit=12&offset=2'
    for (let turn = 0; path !== undefined && turn < 9; turn++) {
      const answer: Response = await get(path, 'application/x-ndjson')
      await book([{ offsetMs: 5000 + turn, fields: {} }])
      const lines = (await answer.text()).trimEnd().split('\n')
      lengths.push(lines.length)
      seen.push(...lines.map(line => JSON.parse(line).id))
      path = /^<(.*)>; rel="next"$/.exec(answer.headers.get('link') ?? '')?.[1]
    }
    expect([seen, lengths]).toEqual([ids.slice(2), [12, 12, 4]])
  })

  it('is a header alone where nothing matches, and refuses what a page refuses', async ({ expect }) => {
    const { get } = await withEvents(1)
    const none = await get('/v1/events?model=none', 'text/csv')
    expect((await none.text()).split('\r\n')).toHaveLength(2)
    expect(await (await get('/v1/events?model=none', 'application/x-ndjson')).text()).toBe('')
    const refused = await get('/v1/events?limit=100001', 'text/csv')
    expect([refused.status, refused.headers.get('content-type')]).toEqual([400, 'application/problem+json'])
  })

  it.for([
    [undefined, 'application/json'],
    ['*/*', 'application/json'],
    ['text/html', 'application/json'],
    ['text/html, text/csv;q=0.5', 'text/csv'],
    ['application/json;q=0.1, application/x-ndjson', 'application/x-ndjson'],
    ['text/csv;q=0, */*', 'application/json'],
    ['TEXT/CSV', 'text/csv'],
    [';;q=x,,', 'application/json'],
  ] as const)('is what Accept likes best: %s is answered %s', async ([accept, type], { expect }) => {
    const { get } = await withEvents(1)
    expect((await get('/v1/events', accept)).headers.get('content-type')).toMatch(new RegExp(`^${type}`))
  })
})

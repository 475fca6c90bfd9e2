import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { reconcile } from '../../workers/accounting/reconcile.ts'
import { rollUp } from '../../workers/accounting/roll-up.ts'
import type { HourStatement } from '../../workers/contracts/usage-message.ts'
import { asTenantId } from '../../workers/core/access/tenant-id.ts'
import { joinedScope } from '../../workers/core/quota/joined-scope.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { sumUsage } from '../../workers/db/sum-usage.ts'
import { eventsD1, eventsHere } from '../shards/databases.ts'
import { batchOf, fakePorts, messageOf } from './fake-ports.ts'
import { makeEvent } from './make-event.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const START = Date.UTC(2026, 10, 18, 10)
const DUE = START + HOUR + 15 * MINUTE
const KEY = 'key-a'

type Limit = HourStatement['limits'][number]

function limitOf(unit: Limit['unit'], scope: string, amount: number): Limit {
  const times = { startMs: START, firstMs: START, lastMs: START + HOUR }
  return { limitId: `${scope} ${unit}`, scope, unit, amount, ...times }
}

/** What a meter would say that these events came to. */
function statementOf(events: UsageEvent[], over: Partial<HourStatement> = {}): HourStatement {
  const sum = (amount: (event: UsageEvent) => number) => events.reduce((total, event) => total + amount(event), 0)
  return {
    hourMs: START,
    revision: 1,
    events: events.length,
    costNano: sum(event => event.cost_nano),
    inputTokens: sum(event => event.input_tokens),
    outputTokens: sum(event => event.output_tokens),
    limits: [],
    ...over,
  }
}

/** A tenant of its own, with a clock. */
function newTenant() {
  const tenantId = `tenant-${crypto.randomUUID()}`
  const clock = { nowMs: DUE }
  const { ports, logged, confirmedHours } = fakePorts({ nowMs: () => clock.nowMs })
  const consume = async (body: unknown) => {
    const { batch, answers } = batchOf([body])
    await consumeUsage(batch, ports)
    return answers[0]
  }
  const event = (over: Partial<UsageEvent> = {}) => makeEvent(START + MINUTE, { tenant_id: tenantId, ...over })
  const book = (...events: UsageEvent[]) => consume(messageOf(events))
  const state = (statement: HourStatement, keyId = KEY) =>
    consume({ v: 1, meter: { tenantId, keyId }, statements: [statement] })
  const rows = async (text: string) => (await eventsD1().prepare(text).bind(tenantId).all()).results
  const runAt = async (minutesAfterDue: number) => {
    clock.nowMs = DUE + minutesAfterDue * MINUTE
    await reconcile(ports)
  }
  const corrections = () =>
    rows(`SELECT virtual_key_id, cost_nano, input_tokens, output_tokens, revision, tags, provider, model, id
      FROM usage_event WHERE tenant_id = ?1 AND outcome = 'correction' ORDER BY id`)
  const differences = () =>
    rows(`SELECT kind, subject, expected, found, first_seen_ms - ${DUE} AS first_ms, corrected_ms - ${DUE} AS corrected_ms
      FROM reconcile_difference WHERE tenant_id = ?1 ORDER BY kind, subject`)
  const waiting = async () =>
    (await rows('SELECT 1 FROM meter_hour WHERE tenant_id = ?1 AND reconciled_seq < change_seq')).length
  const cost = async () => {
    const range = { startMs: START, endMs: START + HOUR }
    const sums = ['input_tokens', 'output_tokens', 'cost_nano'] as const
    const query = { tenantId: asTenantId(tenantId), range, groupBy: [], sums }
    const [sum] = await sumUsage(eventsHere(), query)
    return sum && { tokens: sum.input_tokens + sum.output_tokens, cost_nano: Number(sum.cost_nano) }
  }
  const told = { corrections, differences, waiting, cost, rows, logged, confirmedHours }
  return { tenantId, ports, event, book, consume, state, runAt, ...told }
}

describe('a statement', () => {
  it('is kept by its highest revision, whatever the order and number of its copies, and confirmed', async ({
    expect,
  }) => {
    const { state, rows, confirmedHours, tenantId } = newTenant()
    const of = (revision: number) => statementOf([], { revision, events: revision })
    for (const revision of [1, 2, 2, 1]) expect(await state(of(revision))).toBe('ack')
    expect(await rows('SELECT revision, events, change_seq FROM meter_hour WHERE tenant_id = ?1')).toEqual([
      { revision: 2, events: 2, change_seq: 2 },
    ])
    const meter = { tenantId, keyId: KEY }
    expect(confirmedHours[0]).toEqual({ meter, statements: [{ hourMs: START, revision: 1 }] })
    expect(confirmedHours).toHaveLength(4)
  })

  it('that is not one is buried, and its meter is told nothing', async ({ expect }) => {
    const { state, rows, confirmedHours, tenantId } = newTenant()
    expect(await state(statementOf([], { hourMs: START + 1 }))).toBe('ack')
    expect(await rows('SELECT 1 FROM meter_hour WHERE tenant_id = ?1')).toEqual([])
    const letters = 'SELECT reason FROM dead_letter WHERE instr(body, ?1) > 0'
    expect((await env.DB.prepare(letters).bind(tenantId).all()).results).toHaveLength(1)
    expect(confirmedHours).toEqual([])
  })

  it('is not compared in the first quarter of an hour after its hour', async ({ expect }) => {
    const { event, book, state, runAt, waiting } = newTenant()
    const only = event()
    await book(only)
    await state(statementOf([only]))
    await runAt(-1)
    expect(await waiting()).toBe(1)
    await runAt(0)
    expect(await waiting()).toBe(0)
  })
})

describe('a key whose meter, events and rollup agree', () => {
  it('leaves no difference, in any unit or kind of scope, also with a call that used nothing', async ({ expect }) => {
    const { tenantId, ports, event, book, state, runAt, differences, waiting } = newTenant()
    const facts = {
      user_id: 'u',
      agent_name: 'a',
      feature: 'f',
      entity_type: 'ticket',
      entity_id: '7/8',
      tags: { 'a"b': '=1' },
    }
    const whole = event({ ...facts, model: 'm/1', cost_nano: 10 })
    const free = event({ outcome: 'unreachable', cost_nano: 0, input_tokens: 0, output_tokens: 0 })
    const late = event({ ...facts, admitted_ms: START + HOUR - 1, cost_nano: 5 })
    await book(whole, free, late)
    await rollUp(ports)
    const ofWhole = ['user:u', 'agent:a', 'feature:f', 'entity:ticket/7/8', 'tag:a"b==1'].map(scope =>
      limitOf('nano_usd', scope, 15),
    )
    const joined = joinedScope(['user:u', 'tag:a"b==1', 'provider:openai'])
    ofWhole.push(limitOf('nano_usd', joined, 15))
    ofWhole.push(limitOf('nano_usd', joinedScope(['user:u', 'feature:other']), 0))
    const ofModel = ['model:m/1', 'model:m/1/provider:openai'].map(scope => limitOf('tokens', scope, 120))
    const ofKey = [
      `virtual_key:${KEY}`,
      `virtual_key:${KEY}/provider:openai`,
      'team:t',
      'customer:c',
      `tenant:${tenantId}`,
      'provider:openai',
    ]
    const requests = ofKey.map(scope => limitOf('requests', scope, 2))
    const ofOthers = ['user:x', 'provider:anthropic', 'model:m', 'tag:a"b=1', `virtual_key:${KEY}/provider:x`].map(
      scope => limitOf('nano_usd', scope, 0),
    )
    const ofWindow = { ...limitOf('nano_usd', 'team:w', 5), firstMs: START + HOUR - 1 }
    const limits = [...ofWhole, ...ofModel, ...requests, ...ofOthers, ofWindow]
    await state(statementOf([whole, free, late], { limits }))
    await runAt(0)
    expect([await differences(), await waiting()]).toEqual([[], 0])
    await state(
      statementOf([whole, free, late], {
        revision: 2,
        limits: limits.map(one => ({ ...one, amount: one.amount + 1 })),
      }),
    )
    await runAt(0)
    expect(await differences()).toHaveLength(limits.length)
  })

  it('is what all meters of the key say together', async ({ expect }) => {
    const { tenantId, event, book, state, runAt, differences } = newTenant()
    const [here, there] = [event({ cost_nano: 1 }), event({ cost_nano: 2 })]
    await book(here, there)
    await state(statementOf([here]))
    await eventsD1()
      .prepare(
        `INSERT INTO meter_hour SELECT tenant_id, hour_ms, virtual_key_id, 'elsewhere', 1, 1, 2, 100, 20, '[]', 0, 0, 1, 0
       FROM meter_hour WHERE tenant_id = ?1`,
      )
      .bind(tenantId)
      .run()
    await runAt(0)
    expect(await differences()).toEqual([])
  })
})

describe('an event that D1 has lost', () => {
  async function withLoss() {
    const tenant = newTenant()
    const [kept, lost] = [tenant.event({ cost_nano: 70 }), tenant.event({ cost_nano: 30, input_tokens: 7 })]
    await tenant.book(kept)
    const limits = [limitOf('nano_usd', `virtual_key:${KEY}`, 100), limitOf('requests', `virtual_key:${KEY}`, 2)]
    await tenant.state(statementOf([kept, lost], { limits }))
    return { ...tenant, lost }
  }

  it('is found, believed after ten minutes, and corrected exactly once by a visible event', async ({ expect }) => {
    const { ports, runAt, corrections, differences, cost, waiting } = await withLoss()
    await runAt(0)
    expect(await corrections()).toEqual([])
    const found = [
      { kind: 'cost_nano', subject: '', expected: 100, found: 70 },
      { kind: 'events', subject: '', expected: 2, found: 1 },
      { kind: 'input_tokens', subject: '', expected: 107, found: 100 },
      { kind: 'output_tokens', subject: '', expected: 40, found: 20 },
    ]
    expect(await differences()).toEqual(found.map(one => ({ ...one, first_ms: 0, corrected_ms: null })))
    await runAt(9)
    expect(await corrections()).toEqual([])
    await Promise.all([runAt(10), runAt(10), runAt(10)])
    for (const minutes of [11, 20, 300]) await runAt(minutes)
    const names = { virtual_key_id: KEY, provider: 'weir', model: 'correction', tags: '{"missing_events":"1"}' }
    const once = {
      ...names,
      cost_nano: 30,
      input_tokens: 7,
      output_tokens: 20,
      revision: 1,
      id: expect.stringMatching(/^evt_[0-9a-f]{32}_1$/),
    }
    expect(await corrections()).toEqual([once])
    expect(await differences()).toEqual(found.map(one => ({ ...one, first_ms: 0, corrected_ms: 10 * MINUTE })))
    expect([await cost(), await waiting()]).toEqual([{ tokens: 147, cost_nano: 100 }, 0])
    await rollUp(ports)
    expect(await cost()).toEqual({ tokens: 147, cost_nano: 100 })
  })

  it('and comes after all undoes the correction, which stays to be seen', async ({ expect }) => {
    const { lost, book, runAt, corrections, differences, cost } = await withLoss()
    await runAt(0)
    await runAt(10)
    await book(lost)
    expect(await cost()).toEqual({ tokens: 147 + 27, cost_nano: 130 })
    await runAt(11)
    expect(await corrections()).toEqual([
      expect.objectContaining({
        cost_nano: 0,
        input_tokens: 0,
        output_tokens: 0,
        revision: 2,
        tags: '{"missing_events":"0"}',
      }),
    ])
    expect(await cost()).toEqual({ tokens: 147, cost_nano: 100 })
    for (const { expected, found } of (await differences()) as { expected: number; found: number }[])
      expect(found).toBe(expected)
  })

  it('and comes before it is believed needs no correction', async ({ expect }) => {
    const { lost, book, runAt, corrections, differences, waiting } = await withLoss()
    await runAt(0)
    await book(lost)
    await runAt(10)
    expect([await corrections(), await waiting()]).toEqual([[], 0])
    expect(await differences()).toContainEqual(
      expect.objectContaining({ kind: 'cost_nano', expected: 100, found: 100 }),
    )
  })

  it('is heard of though D1 has no event of the key at all', async ({ expect }) => {
    const { event, state, runAt, corrections, cost } = newTenant()
    await state(statementOf([event({ cost_nano: 5 })]))
    await runAt(0)
    await runAt(10)
    expect(await corrections()).toHaveLength(1)
    expect(await cost()).toEqual({ tokens: 120, cost_nano: 5 })
  })

  it('is not corrected by a run that read the hour before something came', async ({ expect }) => {
    const { lost, book, runAt, ports, corrections, logged } = await withLoss()
    await runAt(0)
    const slow = {
      prepare: (text: string) => eventsD1().prepare(text),
      async batch(statements: D1PreparedStatement[]) {
        const results = await eventsD1().batch(statements)
        if (statements.length === 7 && (results[0]?.results.length ?? 0) > 0) await book(lost)
        return results
      },
    } as D1Database
    const { nowMs } = fakePorts({ nowMs: () => DUE + 10 * MINUTE }).ports
    expect(await reconcile({ ...ports, nowMs, events: openDatabase(slow) })).toMatchObject({ failed: 1 })
    expect(logged).toContainEqual(
      expect.objectContaining({ event: 'reconcile_failed', error: expect.stringContaining('NOT NULL') }),
    )
    expect(await corrections()).toEqual([])
    await runAt(11)
    expect(await corrections()).toEqual([])
  })
})

describe('other differences', () => {
  it('an event that no meter knows is taken out of the sums, when every meter of the key must have spoken', async ({
    expect,
  }) => {
    const { event, book, state, runAt, corrections, cost, differences, waiting } = newTenant()
    const [real, phantom] = [event({ cost_nano: 10 }), event({ cost_nano: 10 })]
    await book(real, phantom)
    await state(statementOf([real]))
    for (const minutes of [0, 10, 164]) await runAt(minutes)
    expect([await differences(), await waiting()]).toEqual([[], 1])
    await runAt(165)
    expect(await differences()).toHaveLength(4)
    expect(await corrections()).toEqual([])
    await runAt(175)
    expect(await corrections()).toEqual([
      expect.objectContaining({
        cost_nano: -10,
        input_tokens: -100,
        output_tokens: -20,
        tags: '{"missing_events":"-1"}',
      }),
    ])
    expect(await cost()).toEqual({ tokens: 120, cost_nano: 10 })
  })

  it('a rollup that is not what its events are is named, and made anew', async ({ expect }) => {
    const { tenantId, ports, event, book, state, runAt, differences, cost, rows } = newTenant()
    // So many that sums of them are kept.
    const events = Array.from({ length: 20 }, (_, index) => event({ cost_nano: index === 0 ? 10 : 0 }))
    await book(...events)
    await rollUp(ports)
    await eventsD1().prepare('UPDATE rollup_hour SET cost_nano = 11 WHERE tenant_id = ?1').bind(tenantId).run()
    expect(await cost()).toMatchObject({ cost_nano: 11 })
    await state(statementOf(events))
    await runAt(0)
    expect(await differences()).toEqual([
      { kind: 'rollup', subject: 'cost_nano', expected: 10, found: 11, first_ms: 0, corrected_ms: 0 },
    ])
    expect(await cost()).toMatchObject({ cost_nano: 10 })
    await rollUp(ports)
    expect(await rows('SELECT DISTINCT cost_nano FROM rollup_hour WHERE tenant_id = ?1')).toEqual([{ cost_nano: 10 }])
  })

  it('a limit that counted what its events do not say is named, and not hidden by a correction', async ({ expect }) => {
    const { event, book, state, runAt, differences, waiting } = newTenant()
    const [mine, lost] = [event({ feature: 'f', cost_nano: 10 }), event({ cost_nano: 3 })]
    await book(mine)
    const limits = [
      limitOf('nano_usd', 'feature:f', 10),
      limitOf('nano_usd', 'feature:g', 9),
      limitOf('nano_usd', 'feature:h', 3),
    ]
    await state(statementOf([mine, lost], { limits }))
    await runAt(0)
    expect(await waiting()).toBe(1)
    await runAt(10)
    const open = (await differences()).filter(one => one.corrected_ms === null)
    expect(open).toEqual([
      { kind: 'limit', subject: `feature:g nano_usd@${START}`, expected: 9, found: 0, first_ms: 0, corrected_ms: null },
    ])
    expect(await waiting()).toBe(0)
  })

  it('of one key and tenant are not put on another', async ({ expect }) => {
    const [mine, theirs] = [newTenant(), newTenant()]
    const ours = [mine.event({ cost_nano: 1 }), mine.event({ virtual_key_id: 'key-b', cost_nano: 2 })] as const
    await mine.book(ours[0])
    await mine.state(statementOf([ours[0]]))
    await mine.state(statementOf([ours[1]]), 'key-b')
    const good = theirs.event({ virtual_key_id: 'key-b', cost_nano: 4 })
    await theirs.book(good)
    await theirs.state(statementOf([good]), 'key-b')
    for (const minutes of [0, 10]) await mine.runAt(minutes)
    expect(await mine.corrections()).toEqual([expect.objectContaining({ virtual_key_id: 'key-b', cost_nano: 2 })])
    expect([await theirs.corrections(), await theirs.differences()]).toEqual([[], []])
  })
})

import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { consumeUsage } from '../../workers/accounting/consume-usage.ts'
import { asTenantId } from '../../workers/core/access/tenant-id.ts'
import type { UsageEvent } from '../../workers/core/usage.ts'
import { openDatabase } from '../../workers/db/database.ts'
import { findEvent } from '../../workers/db/find-event.ts'
import { alertOf } from '../support/alert-of.ts'
import { batchOf, failingOn, fakePorts, messageOf } from './fake-ports.ts'
import { makeEvent } from './make-event.ts'

const HOUR = 3_600_000
const AT = Date.UTC(2026, 10, 20, 10, 30)

/** An event as D1 has it after its meter shipped it. */
const booked = (event: UsageEvent) => ({ rule_id: null, rules_skipped: null, ...event, source: 'gateway' })

const newTenant = () => `tenant-${crypto.randomUUID()}`

async function count(table: string, tenantId: string): Promise<number> {
  const row = await env.DB.prepare(`SELECT count(*) AS n FROM ${table} WHERE tenant_id = ?1`).bind(tenantId).first('n')
  return Number(row)
}

async function deadLetters(containing: string) {
  const text = 'SELECT queue, reason, body, received_ms FROM dead_letter WHERE instr(body, ?1) > 0'
  return (await env.DB.prepare(text).bind(containing).all()).results
}

describe('booking', () => {
  it('stores every field of an event as it came', async ({ expect }) => {
    const { ports } = fakePorts()
    const tenant_id = newTenant()
    const event = makeEvent(AT, {
      tenant_id,
      tags: { department: "research's", 'a.b"c': '1' },
      agent_name: 'ü\u2028',
      first_byte_ms: null,
      is_stream: true,
      success: false,
      cost_nano: Number.MAX_SAFE_INTEGER,
    })
    await consumeUsage(batchOf([messageOf([event])]).batch, ports)
    expect(await findEvent(ports.db, { tenantId: asTenantId(tenant_id), id: event.id })).toEqual(booked(event))
  })

  it('counts a redelivered message once, and confirms it again', async ({ expect }) => {
    const { ports, confirmed } = fakePorts()
    const tenant_id = newTenant()
    const message = messageOf([makeEvent(AT, { tenant_id }), makeEvent(AT + HOUR, { tenant_id })])
    const first = batchOf([message, message])
    const again = batchOf([message])
    await consumeUsage(first.batch, ports)
    await consumeUsage(again.batch, ports)
    expect(await count('usage_event', tenant_id)).toBe(2)
    expect([...first.answers, ...again.answers]).toEqual(['ack', 'ack', 'ack'])
    expect(confirmed).toEqual(Array(3).fill({ meter: message.meter, seqs: [1, 2] }))
  })

  it('replaces an event by a higher revision, whatever the order they come in', async ({ expect }) => {
    const { ports } = fakePorts()
    const tenant_id = newTenant()
    const assumed = makeEvent(AT, { tenant_id, outcome: 'assumed', cost_nano: 90_000 })
    const settled = { ...assumed, revision: 2, outcome: 'ok', cost_nano: 27_000 } as const
    for (const event of [assumed, settled, assumed]) await consumeUsage(batchOf([messageOf([event])]).batch, ports)
    expect(await findEvent(ports.db, { tenantId: asTenantId(tenant_id), id: assumed.id })).toEqual(booked(settled))
  })

  it('marks each hour that has a new event', async ({ expect }) => {
    const { ports } = fakePorts()
    const tenant_id = newTenant()
    const events = [AT, AT + 1000, AT + HOUR].map(ms => makeEvent(ms, { tenant_id }))
    await consumeUsage(batchOf([messageOf(events)]).batch, ports)
    const hours = await env.DB.prepare('SELECT hour_ms FROM dirty_hour WHERE tenant_id = ?1 ORDER BY hour_ms')
      .bind(tenant_id)
      .raw()
    const hour = Date.UTC(2026, 10, 20, 10)
    expect(hours).toEqual([[hour], [hour + HOUR]])
  })

  it('keeps two tenants apart that ship the same event id', async ({ expect }) => {
    const { ports } = fakePorts()
    const mine = makeEvent(AT, { tenant_id: newTenant(), cost_nano: 1 })
    const theirs = { ...mine, tenant_id: newTenant(), cost_nano: 2, revision: 9 }
    await consumeUsage(batchOf([messageOf([mine]), messageOf([theirs])]).batch, ports)
    expect(await findEvent(ports.db, { tenantId: asTenantId(mine.tenant_id), id: mine.id })).toEqual(booked(mine))
  })

  it('keeps how a charge came about, and books the charge where that is told wrongly or by nobody', async ({
    expect,
  }) => {
    const { ports } = fakePorts()
    const tenant_id = newTenant()
    const cost_detail = {
      tier: 'flex',
      above: null,
      source: 'pricebook',
      lines: [['input', 5, 1_250_000]] as [string, number, number][],
    }
    const told = makeEvent(AT, { tenant_id, cost_detail, service_tier: 'flex' })
    const { cost_detail: _detail, service_tier: _tier, ...older } = makeEvent(AT + 1, { tenant_id })
    const wrong = makeEvent(AT + 2, { tenant_id })
    const message = messageOf([told, older as UsageEvent, { ...wrong, cost_detail: { lines: 'x' } } as never])
    await consumeUsage(batchOf([message]).batch, ports)
    const find = (id: string) => findEvent(ports.db, { tenantId: asTenantId(tenant_id), id })
    expect(await find(told.id)).toEqual(booked(told))
    expect(await find(older.id)).toEqual(booked({ ...older, service_tier: null, cost_detail: null }))
    expect(await find(wrong.id)).toEqual(booked(wrong))
  })

  it('takes a message of a hundred events, where D1 has a hundred parameters', async ({ expect }) => {
    const { ports } = fakePorts()
    const tenant_id = newTenant()
    const events = Array.from({ length: 100 }, (_, i) => makeEvent(AT + i, { tenant_id }))
    await consumeUsage(batchOf([messageOf(events)]).batch, ports)
    expect(await count('usage_event', tenant_id)).toBe(100)
  })
})

describe('what booking costs', () => {
  it('is one row of D1 per event and one per newly dirty hour; none for what is there', async ({ expect }) => {
    const written: number[] = []
    const metered = {
      prepare: (text: string) => env.DB.prepare(text),
      async batch(statements: D1PreparedStatement[]) {
        const results = await env.DB.batch(statements)
        written.push(results.reduce((sum, { meta }) => sum + meta.rows_written, 0))
        return results
      },
    } as D1Database
    const { ports } = fakePorts({ db: openDatabase(metered) })
    const tenant_id = newTenant()
    const cost_detail = { tier: 'standard', above: null, source: 'pricebook', lines: [] }
    const message = messageOf(Array.from({ length: 10 }, (_, i) => makeEvent(AT + i, { tenant_id, cost_detail })))
    const next = messageOf([makeEvent(AT + 20, { tenant_id })])
    for (const body of [message, message, next]) await consumeUsage(batchOf([body]).batch, ports)
    expect(written).toEqual([11, 0, 1])
  })
})

describe('what goes wrong', () => {
  const poison: [name: string, body: (tenantId: string) => unknown, reason: RegExp][] = [
    ['another shape', tenantId => ({ tenantId, hello: 1 }), /Unrecognized key|Invalid/],
    ['a negative cost', id => messageOf([makeEvent(AT, { tenant_id: id, cost_nano: -1 })]), /cost_nano/],
    ['no rows', id => ({ v: 1, meter: { tenantId: id, keyId: 'k' }, rows: [] }), /rows/],
    ['an event of another tenant', id => messageOf([makeEvent(AT)], { tenantId: id }), /not of its meter's tenant/],
  ]

  it.for(poison)(
    'puts poison aside with its reason, while the good message beside it lands: %s',
    async ([, bodyOf, reason], { expect }) => {
      const { ports, confirmed } = fakePorts()
      const tenant_id = newTenant()
      const good = messageOf([makeEvent(AT, { tenant_id })])
      const bad = `tenant-${crypto.randomUUID()}`
      const { batch, answers } = batchOf([bodyOf(bad), good])
      await consumeUsage(batch, ports)
      expect(answers).toEqual(['ack', 'ack'])
      expect(await deadLetters(bad)).toEqual([
        {
          queue: 'weir-usage',
          reason: expect.stringMatching(reason),
          body: expect.any(String),
          received_ms: ports.nowMs(),
        },
      ])
      expect(await count('usage_event', tenant_id)).toBe(1)
      expect(await count('usage_event', 'tenant-a')).toBe(0)
      expect(confirmed.filter(({ meter }) => meter.tenantId === tenant_id)).toHaveLength(1)
    },
  )

  it('books the rows beside a spoiled one, and confirms them all, since all are safe', async ({ expect }) => {
    const { ports, confirmed } = fakePorts()
    const tenant_id = newTenant()
    const spoiled = makeEvent(AT + 1, { tenant_id, cost_nano: -1 })
    const message = messageOf([makeEvent(AT, { tenant_id }), spoiled, makeEvent(AT + 2, { tenant_id })])
    const { batch, answers } = batchOf([message])
    await consumeUsage(batch, ports)
    expect(answers).toEqual(['ack'])
    expect(await count('usage_event', tenant_id)).toBe(2)
    expect(await deadLetters(spoiled.id)).toEqual([
      expect.objectContaining({ reason: expect.stringMatching(/cost_nano/) }),
    ])
    expect(confirmed.flatMap(({ seqs }) => seqs)).toHaveLength(3)
  })

  it('books an event of a newer Weir, which has a field more', async ({ expect }) => {
    const { ports } = fakePorts()
    const tenant_id = newTenant()
    const event = { ...makeEvent(AT, { tenant_id }), of_tomorrow: 1 }
    await consumeUsage(batchOf([messageOf([event])]).batch, ports)
    expect(await count('usage_event', tenant_id)).toBe(1)
  })

  it('retries a message that D1 refuses, later each time, and only that message', async ({ expect }) => {
    const [broken, whole] = [newTenant(), newTenant()]
    const { ports, confirmed } = fakePorts({ db: openDatabase(failingOn(broken)) })
    const bodies = [broken, whole].map(tenant_id => messageOf([makeEvent(AT, { tenant_id })]))
    const first = batchOf(bodies)
    const late = batchOf(bodies, { attempts: 9 })
    await consumeUsage(first.batch, ports)
    await consumeUsage(late.batch, ports)
    expect(first.answers).toEqual(['retry after 5 s', 'ack'])
    expect(late.answers).toEqual(['retry after 300 s', 'ack'])
    expect(confirmed.map(({ meter }) => meter.tenantId)).toEqual([whole, whole])
    expect(await count('usage_event', broken)).toBe(0)
    expect(await count('dirty_hour', broken)).toBe(0)
  })

  it('retries poison that cannot be put aside', async ({ expect }) => {
    const db = openDatabase({
      ...env.DB,
      prepare: () => {
        throw new Error('D1_ERROR: down')
      },
    } as unknown as D1Database)
    const { ports } = fakePorts({ db })
    const { batch, answers } = batchOf(['poison'])
    await consumeUsage(batch, ports)
    expect(answers).toEqual(['retry after 5 s'])
  })

  it('acks what is booked though its meter cannot be told: it ships again, and is counted once', async ({ expect }) => {
    const tenant_id = newTenant()
    const { ports, logged } = fakePorts({ confirm: () => Promise.reject(new Error('meter is gone')) })
    const message = messageOf([makeEvent(AT, { tenant_id })])
    const { batch, answers } = batchOf([message])
    await consumeUsage(batch, ports)
    await consumeUsage(batchOf([message]).batch, fakePorts().ports)
    expect(answers).toEqual(['ack'])
    expect(logged).toContainEqual(expect.objectContaining({ event: 'usage_confirm_failed' }))
    expect(await count('usage_event', tenant_id)).toBe(1)
  })

  it('keeps what the queue gave up on as a dead letter, once however often it comes', async ({ expect }) => {
    const { ports, confirmed } = fakePorts()
    const tenant_id = newTenant()
    const message = messageOf([makeEvent(AT, { tenant_id })])
    const { batch, answers } = batchOf([message, message], { queue: 'weir-usage-eu-dlq' })
    await consumeUsage(batch, ports)
    expect(answers).toEqual(['ack', 'ack'])
    expect(await deadLetters(tenant_id)).toEqual([
      {
        queue: 'weir-usage-eu-dlq',
        reason: 'max retries exceeded',
        body: JSON.stringify(message),
        received_ms: ports.nowMs(),
      },
    ])
    expect(confirmed).toEqual([])
    expect(await count('usage_event', tenant_id)).toBe(0)
  })

  it('keeps bodies that JSON cannot write', async ({ expect }) => {
    const { ports } = fakePorts()
    const { batch, answers } = batchOf([123n, undefined])
    await consumeUsage(batch, ports)
    expect(answers).toEqual(['ack', 'ack'])
    expect((await deadLetters('123')).length).toBeGreaterThan(0)
  })
})

describe('an alert', () => {
  const METER = (tenantId: string) => ({ tenantId, keyId: 'k', part: 'any.0' })
  const stored = async (tenantId: string) => {
    const text = 'SELECT threshold, used, noticed_ms FROM limit_alert WHERE tenant_id = ?1 ORDER BY threshold'
    return (await env.DB.prepare(text).bind(tenantId).all()).results
  }

  it('is stored once however often it comes and from whom, as it was noticed first, and confirmed each time', async ({
    expect,
  }) => {
    const { ports, confirmedAlerts } = fakePorts()
    const tenantId = newTenant()
    const first = alertOf({ used: 41e9, noticedMs: 7 })
    const owner = { tenantId, scope: 'user:u' }
    const bodies = [
      { v: 1, from: METER(tenantId), alerts: [first, alertOf({ threshold: 100 })] },
      { v: 1, from: owner, alerts: [{ ...first, used: 49e9, noticedMs: 9 }] },
    ]
    const answers = []
    for (const body of [...bodies, ...bodies]) {
      const { batch, answers: given } = batchOf([body])
      await consumeUsage(batch, ports)
      answers.push(...given)
    }
    expect(answers).toEqual(Array(4).fill('ack'))
    expect(await stored(tenantId)).toMatchObject([
      { threshold: 80, used: 41e9, noticed_ms: 7 },
      { threshold: 100, used: 40.01e9 },
    ])
    const ref = { limitId: 'limit-a', startMs: first.startMs, threshold: 80 }
    const both = [
      { from: METER(tenantId), alerts: [ref, { ...ref, threshold: 100 }] },
      { from: owner, alerts: [ref] },
    ]
    expect(confirmedAlerts).toEqual([...both, ...both])
  })

  it("is its own tenant's: another that ships the same is stored beside it", async ({ expect }) => {
    const { ports } = fakePorts()
    const [mine, theirs] = [newTenant(), newTenant()]
    const of = (tenantId: string, used: number) => ({ v: 1, from: METER(tenantId), alerts: [alertOf({ used })] })
    await consumeUsage(batchOf([of(mine, 1), of(theirs, 2)]).batch, ports)
    expect([await stored(mine), await stored(theirs)]).toMatchObject([[{ used: 1 }], [{ used: 2 }]])
  })

  it.for([
    ['no percent', { threshold: 0 }],
    ['a part of one', { threshold: 1.5 }],
    ['no window', { endMs: undefined }],
    ['less than nothing', { used: -1 }],
    ['another unit', { unit: 'euro' }],
  ] as [string, object][])('that is not one is buried, and nobody is told: %s', async ([, over], { expect }) => {
    const { ports, confirmedAlerts } = fakePorts()
    const tenantId = newTenant()
    const { batch, answers } = batchOf([{ v: 1, from: METER(tenantId), alerts: [{ ...alertOf(), ...over }] }])
    await consumeUsage(batch, ports)
    expect(answers).toEqual(['ack'])
    expect(await deadLetters(tenantId)).toHaveLength(1)
    expect(await stored(tenantId)).toEqual([])
    expect(confirmedAlerts).toEqual([])
  })

  it('that breaks a rule of its table is tried again, and not taken for one that is there', async ({ expect }) => {
    const { ports, confirmedAlerts } = fakePorts()
    const tenantId = newTenant()
    const { batch, answers } = batchOf([{ v: 1, from: METER(tenantId), alerts: [alertOf({ endMs: 1 })] }])
    await consumeUsage(batch, ports)
    expect(answers).toEqual(['retry after 5 s'])
    expect(await stored(tenantId)).toEqual([])
    expect(confirmedAlerts).toEqual([])
  })
})

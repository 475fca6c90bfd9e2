import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect as expectThat, it, vi } from 'vitest'
import type { MeterObject } from '../../durable-objects/meter/object.ts'
import { meterClient } from '../../workers/bindings/meter-client.ts'
import { SettleRides } from '../../workers/bindings/settle-rides.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { type MeterAdmit, type MeterExchange, meterName } from '../../workers/core/quota/meter-protocol.ts'
import type { SettleCommand } from '../../workers/core/quota/settle.ts'
import type { KeySnapshot } from '../../workers/core/snapshot.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const TENANT = '11111111-1111-4111-8111-111111111111'
const HOLD_MS = 60_000

function budget(max: number): Limit {
  return {
    id: 'b1',
    scope: 'virtual_key:k',
    unit: 'nano_usd',
    max,
    window: { duration: '1Y', isAligned: true, anchorMs: 0 },
  }
}

function snapshotOf(keyId: string, limits: Limit[], version = 1): KeySnapshot {
  const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: null }
  return { version, tenantId: TENANT, keyId, name: 'k', keyHash: 'h', ...status, providers: [], limits }
}

const draftOf = (keyId: string) => eventDraft({ tenant_id: TENANT, virtual_key_id: keyId })

/** A meter with one budget, and what a Worker would say to it. */
async function openMeter(max: number, startMs = Date.now()) {
  const keyId = crypto.randomUUID()
  const stub = env.METER.getByName(meterName({ tenantId: TENANT, keyId }))
  await stub.putSnapshot(snapshotOf(keyId, [budget(max)]))
  const callId = (n: number) => {
    const hex = startMs.toString(16).padStart(12, '0')
    return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
  }
  const ask = (n: number, nano: number, over: Partial<MeterAdmit> = {}): MeterAdmit => ({
    ...{
      callId: callId(n),
      attempt: 1,
      nowMs: startMs,
      deadlineMs: startMs + HOLD_MS,
      snapshotVersion: 1,
      scopes: ['virtual_key:k'],
    },
    need: { nano_usd: nano, tokens: 1, requests: 1, in_flight: 1 },
    ...{ bound: { inputTokens: 1, outputTokens: 0 }, draft: draftOf(keyId), ...over },
  })
  const truth = (n: number, costNano: number, over: Partial<SettleCommand> = {}): SettleCommand => ({
    ...{ callId: callId(n), attempt: 1, nowMs: startMs + 5, outcome: 'ok', success: true, usage: NO_USAGE, costNano },
    ...{ latencyMs: 5, firstByteMs: 1, httpStatus: 200, scopes: ['virtual_key:k'], draft: draftOf(keyId), ...over },
  })
  const standing = async () => (await stub.read(startMs)).standings[0]
  return { keyId, stub, startMs, callId, ask, truth, standing }
}

describe('MeterObject', () => {
  it('admits exactly what fits of 200 requests at once, and keeps every hold', async ({ expect }) => {
    const { stub, ask, standing } = await openMeter(40)
    const answers = await Promise.all(Array.from({ length: 200 }, (_, n) => stub.admit(ask(n, 1))))
    expect(answers.filter(answer => answer.kind === 'admitted')).toHaveLength(40)
    expect(answers.filter(answer => answer.kind === 'refused')).toHaveLength(160)
    expect(await standing()).toMatchObject({ held: 40, settled: 0, remaining: 0 })
  })

  it('holds once when an admit is repeated, also at the edge and after eviction', async ({ expect }) => {
    const { stub, ask, standing } = await openMeter(10)
    expect((await stub.admit(ask(1, 10))).kind).toBe('admitted')
    await evictDurableObject(stub)
    expect((await stub.admit(ask(1, 10))).kind).toBe('admitted')
    expect((await stub.admit(ask(2, 1))).kind).toBe('refused')
    expect(await standing()).toMatchObject({ held: 10 })
  })

  it('settles once however often it is told, also after eviction', async ({ expect }) => {
    const { stub, ask, truth, standing } = await openMeter(100)
    await stub.admit(ask(1, 60))
    await Promise.all([stub.settle(truth(1, 25)), stub.settle(truth(1, 25))])
    await evictDurableObject(stub)
    await stub.settle(truth(1, 25))
    expect(await standing()).toMatchObject({ settled: 25, held: 0 })
  })

  it('remembers counters, holds and unshipped events over an eviction', async ({ expect }) => {
    const { stub, ask, truth } = await openMeter(100)
    await stub.admit(ask(1, 30))
    await stub.admit(ask(2, 30))
    await stub.settle(truth(1, 7))
    const before = await stub.read(0)
    await evictDurableObject(stub)
    const after = await stub.read(0)
    expect(after.holds).toBe(1)
    expect(after.standings).toEqual(before.standings)
  })

  it('assumes an orphan at its full hold when the alarm rings after its deadline, and lets the truth correct it', async ({
    expect,
  }) => {
    const { stub, ask, truth, startMs, standing } = await openMeter(100)
    await stub.admit(ask(1, 60, { deadlineMs: startMs - 1 }))
    expect(await runDurableObjectAlarm(stub)).toBe(true)
    expect(await standing()).toMatchObject({ settled: 60, held: 0 })
    expect((await stub.read(startMs)).holds).toBe(0)
    await stub.settle(truth(1, 20))
    expect(await standing()).toMatchObject({ settled: 20, held: 0 })
  })

  it('raises a hold up to the limit and no further, once however often it is told, and keeps it over an eviction', async ({
    expect,
  }) => {
    const { stub, ask, callId, startMs, standing } = await openMeter(100)
    const growTo = (n: number, nano: number) => {
      const need = { nano_usd: nano, tokens: 1, requests: 1, in_flight: 1 }
      return stub.grow({
        callId: callId(n),
        attempt: 1,
        nowMs: startMs,
        need,
        bound: { inputTokens: 1, outputTokens: 9 },
      })
    }
    await stub.admit(ask(1, 30))
    await stub.admit(ask(2, 30))
    await Promise.all([growTo(1, 60), growTo(1, 60)])
    expect(await standing()).toMatchObject({ held: 90 })
    expect(await growTo(2, 41)).toMatchObject({ kind: 'refused', needed: 11 })
    expect(await growTo(2, 40)).toEqual({ kind: 'grown' })
    expect(await growTo(3, 1)).toEqual({ kind: 'gone' })
    await evictDurableObject(stub)
    expect(await standing()).toMatchObject({ held: 100, remaining: 0 })
  })

  it('keeps a hold whose deadline was moved, over an eviction and an alarm', async ({ expect }) => {
    const { stub, ask, callId, startMs, standing } = await openMeter(100)
    await stub.admit(ask(1, 60, { deadlineMs: startMs + 5 }))
    expect(await stub.extend({ callId: callId(1), attempt: 1, deadlineMs: startMs + HOLD_MS })).toBe(true)
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(await standing()).toMatchObject({ held: 60, settled: 0 })
  })

  it('takes a released hold back without an event', async ({ expect }) => {
    const { stub, ask, callId, standing } = await openMeter(100)
    await stub.admit(ask(1, 100))
    await stub.release({ callId: callId(1), attempt: 1 })
    expect(await standing()).toMatchObject({ held: 0, settled: 0, remaining: 100 })
    expect((await stub.read(0)).unshipped).toBe(0)
  })

  it('refuses to decide for a Worker that knows another snapshot, and gives it its own', async ({ expect }) => {
    const { stub, ask, keyId } = await openMeter(100)
    await stub.putSnapshot(snapshotOf(keyId, [budget(5)], 2))
    const answer = await stub.admit(ask(1, 60))
    expect(answer).toMatchObject({ kind: 'stale', snapshot: { version: 2 } })
    expect((await stub.admit(ask(1, 60, { snapshotVersion: 2 }))).kind).toBe('refused')
  })

  it('never goes back to an older snapshot', async ({ expect }) => {
    const { stub, keyId } = await openMeter(100)
    await stub.putSnapshot(snapshotOf(keyId, [budget(5)], 3))
    await stub.putSnapshot(snapshotOf(keyId, [budget(50)], 2))
    expect((await stub.snapshot())?.version).toBe(3)
  })

  it('answers that there is no such key where neither it nor D1 knows one', async ({ expect }) => {
    const stub = env.METER.getByName(meterName({ tenantId: TENANT, keyId: crypto.randomUUID() }))
    expect(await stub.snapshot()).toBeNull()
  })

  it('pulls its snapshot from D1 once where it has none', async ({ expect }) => {
    const keyId = crypto.randomUUID()
    const insert =
      'INSERT INTO key_snapshot (tenant_id, key_id, version, pushed_version, body) VALUES (?1, ?2, 4, 0, ?3)'
    await env.DB.prepare(insert)
      .bind(TENANT, keyId, JSON.stringify(snapshotOf(keyId, [], 4)))
      .run()
    const stub = env.METER.getByName(meterName({ tenantId: TENANT, keyId }))
    expect((await stub.snapshot())?.version).toBe(4)
    await evictDurableObject(stub)
    await env.DB.prepare('DELETE FROM key_snapshot WHERE key_id = ?1').bind(keyId).run()
    expect((await stub.snapshot())?.version).toBe(4)
  })

  it('ships each event until it is confirmed, and forgets old rows only then', async ({ expect }) => {
    const { stub, ask, truth, startMs } = await openMeter(1000)
    for (let n = 1; n <= 3; n++) {
      await stub.admit(ask(n, 10))
      await stub.settle(truth(n, 3))
    }
    await vi.waitFor(async () => expect((await stub.read(startMs)).unshipped).toBe(0), 5000)
    const count = 'SELECT COUNT(*) AS n, COALESCE(SUM(cost_nano), 0) AS cost FROM usage_event WHERE tenant_id = ?1'
    const stored = await env.DB.prepare(`${count} AND virtual_key_id = ?2`)
      .bind(TENANT, ask(1, 0).draft.virtual_key_id)
      .first()
    expect(stored).toEqual({ n: 3, cost: 9 })
  })

  it('is woken for the nearest deadline from the first commit of its alarm, should it die before the last', async ({
    expect,
    onTestFinished,
  }) => {
    onTestFinished(() => void vi.useRealTimers())
    const { stub, ask, startMs } = await openMeter(100)
    await stub.admit(ask(1, 10))
    await stub.admit(ask(2, 10, { deadlineMs: startMs + HOLD_MS + 5000 }))
    vi.useFakeTimers({ toFake: ['Date'], now: startMs + HOLD_MS + 1 })
    const armedMs = await runInDurableObject(stub, async (meter: MeterObject, state) => {
      const ringing = meter.alarm()
      const armed = await state.storage.getAlarm()
      await ringing
      return armed
    })
    expect(armedMs).toBe(startMs + HOLD_MS + 5000)
    expect((await stub.read(startMs)).holds).toBe(1)
  })

  it('is woken within ten seconds while D1 has not confirmed an event, in case a crash loses the queue too', async ({
    expect,
  }) => {
    const { stub, ask, truth, startMs } = await openMeter(100)
    const armed = await runInDurableObject(stub, async (meter: MeterObject, state) => {
      await meter.admit(ask(1, 10, { deadlineMs: startMs + 2 * HOLD_MS }))
      await meter.settle(truth(1, 3))
      const settled = (await state.storage.getAlarm()) ?? 0
      await state.storage.deleteAlarm()
      await meter.alarm()
      return { settled, shipped: (await state.storage.getAlarm()) ?? 0, atMs: Date.now() }
    })
    expect(armed.settled).toBe(startMs + 5 + 10_000)
    expect(armed.shipped).toBeGreaterThan(armed.atMs)
    expect(armed.shipped).toBeLessThanOrEqual(armed.atMs + 10_000)
  })

  it('writes two rows for a request that comes alone, and in a burst one more for all', async ({ expect }) => {
    const { stub, ask, truth } = await openMeter(1_000_000)
    const rowsOf = (work: (meter: MeterObject) => Promise<unknown>) =>
      runInDurableObject(stub, async (meter: MeterObject, state) => {
        const { sql } = state.storage
        const exec = sql.exec.bind(sql)
        let rows = 0
        sql.exec = ((query: string, ...bindings: unknown[]) => {
          const cursor = exec(query, ...bindings)
          rows += cursor.rowsWritten
          return cursor
        }) as typeof sql.exec
        await work(meter)
        sql.exec = exec
        return rows
      })
    // The hold, and its turning into the event, with the counters beside it. The table that they are in is there already.
    const spend = async (meter: MeterObject, n: number) => {
      await meter.admit(ask(n, 10))
      await meter.settle(truth(n, 3))
    }
    await rowsOf(meter => spend(meter, 0))
    const alone = await rowsOf(meter => spend(meter, 1))
    const burst = await rowsOf(async meter => {
      await Promise.all(Array.from({ length: 50 }, (_, n) => meter.admit(ask(100 + n, 10))))
      await Promise.all(Array.from({ length: 50 }, (_, n) => meter.settle(truth(100 + n, 3))))
    })
    expect(alone).toBe(2)
    expect(burst).toBeGreaterThanOrEqual(50 * 2)
    expect(burst).toBeLessThanOrEqual(50 * 2 + 3)
  })

  it('loses nothing and repeats nothing when a transaction fails', async ({ expect }) => {
    const { stub, ask, standing } = await openMeter(100)
    await stub.admit(ask(1, 10))
    const failed = await runInDurableObject(stub, (meter: MeterObject) => {
      // biome-ignore lint/suspicious/noExplicitAny: a body that cannot be written as JSON, as no caller could send it.
      const circular: any = {}
      circular.self = circular
      return meter.admit(ask(2, 10, { draft: circular })).then(
        () => 'admitted',
        () => 'failed',
      )
    })
    expect(failed).toBe('failed')
    expect(await standing()).toMatchObject({ held: 10 })
    expect((await stub.admit(ask(3, 90))).kind).toBe('admitted')
  })

  it('ships no event of a transaction that failed', async ({ expect }) => {
    const { stub, ask, truth, keyId, standing } = await openMeter(100)
    await stub.admit(ask(1, 10))
    await stub.admit(ask(2, 10))
    await runInDurableObject(stub, async (meter: MeterObject) => {
      // biome-ignore lint/suspicious/noExplicitAny: what cannot be written as JSON fails the whole burst.
      const circular: any = {}
      circular.self = circular
      // The first of a burst may go alone; the other two share a transaction.
      const burst = [
        meter.settle(truth(9, 1)),
        meter.settle(truth(1, 7)),
        meter.settle(truth(3, 5, { draft: circular })),
      ]
      const ends = await Promise.allSettled(burst)
      expect(ends.slice(1).map(end => end.status)).toEqual(['rejected', 'rejected'])
    })
    const costs = async () => {
      const query = 'SELECT cost_nano FROM usage_event WHERE virtual_key_id = ?1 ORDER BY cost_nano'
      return (await env.DB.prepare(query).bind(keyId).all<{ cost_nano: number }>()).results.map(row => row.cost_nano)
    }
    await stub.settle(truth(2, 5))
    await vi.waitFor(async () => expectThat((await stub.read(0)).unshipped).toBe(0), 5000)
    expect((await costs()).includes(7)).toBe(false)
    await stub.settle(truth(1, 7))
    await vi.waitFor(async () => expectThat((await costs()).includes(7)).toBe(true), 5000)
    expect(await standing()).toMatchObject({ held: 0 })
  })
})

/** Makes a meter's storage what it was before hours were kept: one table of attempts, and the ledger beside it. */
async function makeOld(stub: DurableObjectStub<MeterObject>) {
  await runInDurableObject(stub, (_meter, { storage: { sql } }) => {
    const [table] = sql.exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE name GLOB 'attempt_*'`).toArray()
    const hours = `json_remove(ledger, '$.version', '$.hours', '$.hoursSinceMs')`
    const found = `SELECT 'ledger', ${hours} FROM ${table?.name} WHERE ledger IS NOT NULL ORDER BY seq DESC LIMIT 1`
    sql.exec(`INSERT OR REPLACE INTO meta (name, body) ${found}`)
    sql.exec(`ALTER TABLE ${table?.name} DROP COLUMN ledger; ALTER TABLE ${table?.name} RENAME TO attempt`)
  })
}

describe('the hours of a MeterObject', () => {
  /** A meter whose calls began in an hour that ended at least half an hour ago, and less than two. */
  async function openPast() {
    const meter = await openMeter(1000, Date.now() - 90 * 60_000)
    const { stub, keyId, ask, truth } = meter
    const sqlOf = (text: string) =>
      runInDurableObject(stub, (_meter: MeterObject, state) => state.storage.sql.exec(text).toArray())
    const isBooked = () => vi.waitFor(async () => expectThat((await stub.read(0)).unshipped).toBe(0), 5000)
    const spend = async (n: number, held: number, cost: number) => {
      await stub.admit(ask(n, held, { deadlineMs: Date.now() + HOLD_MS }))
      await stub.settle(truth(n, cost))
    }
    const stated = () => sqlOf('SELECT hour_ms, revision, confirmed_revision FROM statement')
    const inD1 = async () =>
      env.DB.prepare(
        'SELECT meter, hour_ms, revision, events, cost_nano, limits FROM meter_hour WHERE virtual_key_id = ?1',
      )
        .bind(keyId)
        .first<{
          meter: string
          hour_ms: number
          revision: number
          events: number
          cost_nano: number
          limits: string
        }>()
    const isConfirmed = (revision: number) =>
      vi.waitFor(
        async () => expectThat(await stated()).toMatchObject([{ revision, confirmed_revision: revision }]),
        5000,
      )
    return { ...meter, sqlOf, isBooked, spend, stated, inD1, isConfirmed }
  }

  it('are stated when they are over and their events are in D1, once, and over an eviction', async ({ expect }) => {
    const { stub, spend, isBooked, isConfirmed, inD1, stated, keyId, startMs } = await openPast()
    await spend(1, 50, 7)
    await evictDurableObject(stub)
    await spend(2, 50, 5)
    await isBooked()
    await runDurableObjectAlarm(stub)
    await isConfirmed(1)
    const hourMs = startMs - (startMs % 3_600_000)
    const row = await inD1()
    expect(row).toMatchObject({ meter: `${TENANT}/${keyId}`, hour_ms: hourMs, revision: 1, events: 2, cost_nano: 12 })
    expect(JSON.parse(row?.limits ?? '')).toEqual([
      expect.objectContaining({ limitId: 'b1', scope: 'virtual_key:k', unit: 'nano_usd', amount: 12 }),
    ])
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    expect(await stated()).toHaveLength(1)
  })

  it('are not stated while a hold that began in them lives', async ({ expect }) => {
    const { stub, ask, spend, isBooked, stated, truth, isConfirmed } = await openPast()
    await spend(1, 50, 7)
    await stub.admit(ask(2, 1, { deadlineMs: Date.now() + HOLD_MS }))
    await isBooked()
    await runDurableObjectAlarm(stub)
    expect(await stated()).toEqual([])
    await stub.settle(truth(2, 1))
    await isBooked()
    await runDurableObjectAlarm(stub)
    await isConfirmed(1)
  })

  it('are stated again, under a higher revision, when an assumed charge is made true', async ({ expect }) => {
    const { stub, ask, truth, startMs, isBooked, isConfirmed, inD1 } = await openPast()
    await stub.admit(ask(1, 60, { deadlineMs: startMs + 1 }))
    await runDurableObjectAlarm(stub)
    await isBooked()
    await runDurableObjectAlarm(stub)
    await isConfirmed(1)
    expect(await inD1()).toMatchObject({ revision: 1, events: 1, cost_nano: 60 })
    await evictDurableObject(stub)
    await stub.settle(truth(1, 20))
    await isBooked()
    await runDurableObjectAlarm(stub)
    await isConfirmed(2)
    expect(await inD1()).toMatchObject({ revision: 2, events: 1, cost_nano: 20 })
  })

  it('are shipped again until D1 has them, and forgotten a day and two hours later, but not before', async ({
    expect,
  }) => {
    const { stub, spend, isBooked, isConfirmed, inD1, sqlOf, stated, keyId } = await openPast()
    await spend(1, 50, 7)
    await isBooked()
    await runDurableObjectAlarm(stub)
    await isConfirmed(1)
    await env.DB.prepare('DELETE FROM meter_hour WHERE virtual_key_id = ?1').bind(keyId).run()
    await sqlOf('UPDATE statement SET confirmed_revision = 0, keep_until_ms = 1')
    await evictDurableObject(stub)
    await runDurableObjectAlarm(stub)
    await isConfirmed(1)
    expect(await inD1()).toMatchObject({ revision: 1, cost_nano: 7 })
    await sqlOf(`UPDATE statement SET keep_until_ms = ${Date.now() + 60_000}`)
    await runDurableObjectAlarm(stub)
    expect(await stated()).toHaveLength(1)
    await sqlOf('UPDATE statement SET keep_until_ms = 1')
    await runDurableObjectAlarm(stub)
    expect(await stated()).toEqual([])
    const [ledger] = await sqlOf("SELECT body ->> 'hoursSinceMs' AS ms FROM meta WHERE name = 'ledger'")
    expect(ledger?.ms).toBeGreaterThan(Date.now() - 90 * 60_000)
  })

  it('are not spoken of where they began before hours were kept', async ({ expect }) => {
    const { stub, spend, isBooked, stated } = await openPast()
    await spend(1, 50, 7)
    await makeOld(stub)
    await evictDurableObject(stub)
    await spend(2, 50, 5)
    await isBooked()
    await runDurableObjectAlarm(stub)
    expect(await stated()).toEqual([])
    // What was held, spent and settled under the old form is known under the new one.
    expect((await stub.read(Date.now())).standings[0]).toMatchObject({ settled: 12, held: 0 })
  })
})

describe('what is said to a MeterObject at once', () => {
  it('is done in order: settlements, then the admission, each seeing what came before it', async ({ expect }) => {
    const { stub, ask, truth, standing } = await openMeter(100)
    await stub.admit(ask(1, 100))
    const said = await stub.exchange({ admit: ask(2, 50), settles: [truth(1, 20), truth(9, 1)] })
    const admits = [ask(3, 40), ask(4, 5, { snapshotVersion: 0 }), ask(5, 20)]
    const more = await Promise.all(admits.map(admit => stub.exchange({ admit, settles: [] })))
    expect([said, ...more].map(({ admission }) => admission.kind)).toEqual(['admitted', 'refused', 'stale', 'admitted'])
    // Of an attempt that is unknown nothing is charged until it is told in full.
    expect(said.unknown).toEqual([1])
    expect(await standing()).toMatchObject({ settled: 20, held: 70 })
  })

  it('is as if said once however often it is said, also after eviction', async ({ expect }) => {
    const { stub, ask, truth, standing } = await openMeter(100)
    await stub.admit(ask(1, 50))
    const commands = { admit: ask(2, 50), settles: [truth(1, 20)] }
    await stub.exchange(commands)
    await stub.exchange(commands)
    await evictDurableObject(stub)
    expect(await stub.exchange(commands)).toMatchObject({ admission: { kind: 'admitted' }, unknown: [] })
    expect(await standing()).toMatchObject({ settled: 20, held: 50 })
  })

  it('tells of each unit the tightest standing, where that is enough', async ({ expect }) => {
    const { stub, ask, keyId } = await openMeter(100)
    const wide = { ...budget(1000), id: 'b2' }
    const calls: Limit = { ...budget(7), id: 'r1', unit: 'requests' }
    await stub.putSnapshot(snapshotOf(keyId, [budget(100), wide, calls], 2))
    const told = await stub.admit(ask(1, 10, { snapshotVersion: 2, tells: 'tightest' }))
    expect(told).toMatchObject({
      standings: [
        { limitId: 'b1', remaining: 90 },
        { limitId: 'r1', remaining: 6 },
      ],
    })
    const all = await stub.admit(ask(2, 10, { snapshotVersion: 2 }))
    expect(all.kind === 'admitted' && all.standings.map(({ limitId }) => limitId)).toEqual(['b1', 'b2', 'r1'])
  })
})

describe('a settlement that rides with an admission', () => {
  type Opened = Awaited<ReturnType<typeof openMeter>>
  type Said = { admit: number; settle: number; rode: number }

  /** A client of a meter that counts what it says to it; `fails` is asked before each admission that brings others. */
  function clientOf({ stub }: Opened, fails: () => 'before' | 'after' | undefined = () => undefined) {
    const said: Said = { admit: 0, settle: 0, rode: 0 }
    const connect = (): typeof stub =>
      ({
        admit: async (command: MeterAdmit) => {
          said.admit++
          return stub.admit(command)
        },
        exchange: async (commands: MeterExchange) => {
          said.admit++
          said.rode += commands.settles.length
          const failure = fails()
          if (failure === 'before') throw new Error('the network was gone')
          const answer = await stub.exchange(commands)
          return failure ? Promise.reject(new Error('the answer was lost')) : answer
        },
        settle: async (command: SettleCommand) => {
          said.settle++
          return stub.settle(command)
        },
      }) as unknown as typeof stub
    return { said, client: meterClient('m', connect, new SettleRides()) }
  }

  it('comes before it: what it leaves free is there for it, in one call', async ({ expect }) => {
    const opened = await openMeter(100)
    const { said, client } = clientOf(opened)
    await client.admit(opened.ask(1, 100))
    const settled = client.settle(opened.truth(1, 40))
    expect((await client.admit(opened.ask(2, 60))).kind).toBe('admitted')
    await settled
    expect(said).toEqual({ admit: 2, settle: 0, rode: 1 })
    expect(await opened.standing()).toMatchObject({ settled: 40, held: 60 })
  })

  it('is settled also where the admission is refused, or decided by an old snapshot', async ({ expect }) => {
    const opened = await openMeter(100)
    const { said, client } = clientOf(opened)
    await Promise.all([client.admit(opened.ask(1, 50)), client.admit(opened.ask(2, 50))])
    const first = client.settle(opened.truth(1, 50))
    expect((await client.admit(opened.ask(3, 60))).kind).toBe('refused')
    const second = client.settle(opened.truth(2, 10))
    expect((await client.admit(opened.ask(4, 10, { snapshotVersion: 0 }))).kind).toBe('stale')
    await Promise.all([first, second])
    expect(said.settle).toBe(0)
    expect(await opened.standing()).toMatchObject({ settled: 60, held: 0 })
  })

  it('is there for whoever waits for quiet, which is no longer than a settlement that is never heard of', async ({
    expect,
  }) => {
    const opened = await openMeter(100)
    const { client } = clientOf(opened)
    await client.admit(opened.ask(1, 50))
    const rides = new SettleRides()
    const settled = rides.settle('t/k', opened.truth(1, 20), () => client.settle(opened.truth(1, 20)))
    await rides.quiet('other/')
    await rides.quiet('t/')
    expect(await opened.standing()).toMatchObject({ settled: 20, held: 0 })
    await settled
    const never = rides.settle('t/k', opened.truth(1, 20), () => new Promise(() => undefined)).then(() => 'settled')
    await rides.quiet('t/')
    expect(await Promise.race([never, Promise.resolve('open')])).toBe('open')
    const started = performance.now()
    await rides.quiet('t/')
    expect(performance.now() - started).toBeLessThan(50)
  })

  it('goes once more, in full, where its hold is not there: it is charged all the same', async ({ expect }) => {
    const opened = await openMeter(100)
    const { said, client } = clientOf(opened)
    const settled = client.settle(opened.truth(1, 40))
    expect((await client.admit(opened.ask(2, 60))).kind).toBe('admitted')
    await settled
    expect(said).toEqual({ admit: 1, settle: 1, rode: 1 })
    expect(await opened.standing()).toMatchObject({ settled: 40, held: 60 })
    expect(await opened.stub.exchange({ admit: opened.ask(2, 60), settles: [opened.truth(1, 40)] })).toMatchObject({
      unknown: [],
    })
    expect(await opened.standing()).toMatchObject({ settled: 40, held: 60 })
  })

  it('goes by itself where nobody asks', async ({ expect }) => {
    const opened = await openMeter(100)
    const { said, client } = clientOf(opened)
    await client.admit(opened.ask(1, 50))
    await client.settle(opened.truth(1, 20))
    expect(said).toEqual({ admit: 1, settle: 1, rode: 0 })
    expect(await opened.standing()).toMatchObject({ settled: 20, held: 0 })
  })

  it.for(['before', 'after'] as const)(
    'is settled once where the call is lost %s it arrives',
    async (when, { expect }) => {
      const opened = await openMeter(100)
      const { said, client } = clientOf(opened, () => when)
      await client.admit(opened.ask(1, 50))
      const settled = client.settle(opened.truth(1, 20))
      expect((await client.admit(opened.ask(2, 50))).kind).toBe('admitted')
      await settled
      expect(said).toMatchObject({ admit: 3, settle: 1 })
      expect(await opened.standing()).toMatchObject({ settled: 20, held: 50 })
      expect((await opened.stub.read(opened.startMs)).unshipped).toBeLessThanOrEqual(1)
    },
  )

  it('goes by itself where whoever took it along is never heard of again', async ({ expect }) => {
    const opened = await openMeter(100)
    const rides = new SettleRides()
    await opened.stub.admit(opened.ask(1, 50))
    const settled = rides.settle('m', opened.truth(1, 20), () => opened.stub.settle(opened.truth(1, 20)))
    expect(rides.take('m').commands).toHaveLength(1)
    expect(rides.take('m').commands).toHaveLength(0)
    await settled
    expect(await opened.standing()).toMatchObject({ settled: 20, held: 0 })
  })
})

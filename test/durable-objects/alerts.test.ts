import { evictDurableObject, runDurableObjectAlarm, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, expect as expectThat, it, onTestFinished, vi } from 'vitest'
import { AlertOutbox, RESHIP_MS } from '../../durable-objects/alert-outbox.ts'
import type { BudgetObject } from '../../durable-objects/budget/object.ts'
import type { MeterObject } from '../../durable-objects/meter/object.ts'
import type { AlertMessage } from '../../workers/contracts/usage-message.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { budgetName, type MeterAdmit, meterName } from '../../workers/core/quota/meter-protocol.ts'
import type { LimitAlert } from '../../workers/core/quota/thresholds.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const HOUR = 3_600_000
const MINUTE = 60_000
const YEAR = { duration: '1Y', isAligned: true, anchorMs: 0 }

/** Keys of one team with a limit, and what their Workers say to the meters. */
class Team {
  readonly tenantId = crypto.randomUUID()
  readonly keyId = crypto.randomUUID()
  readonly nowMs = Date.now()
  #limit: Limit
  #version = 0
  #calls = 0

  constructor(over: Partial<Limit> = {}) {
    this.#limit = { id: crypto.randomUUID(), scope: 'team:t', unit: 'nano_usd', max: 100, window: YEAR, ...over }
  }

  async change(over: Partial<Limit> = {}, keys = [this.keyId]): Promise<this> {
    this.#limit = { ...this.#limit, ...over }
    this.#version += 1
    const { scope } = this.#limit
    const both = { version: this.#version, tenantId: this.tenantId, limits: [this.#limit] }
    if (scope === 'team:t') await this.budget.putSnapshot({ ...both, scope })
    const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: 't', customerId: null, providers: [] }
    for (const keyId of keys)
      await this.meter(keyId).putSnapshot({ ...both, keyId, name: 'k', keyHash: 'h', ...status })
    return this
  }

  get budget() {
    return env.BUDGET.getByName(budgetName({ tenantId: this.tenantId, scope: 'team:t' }))
  }

  meter(keyId = this.keyId) {
    return env.METER.getByName(meterName({ tenantId: this.tenantId, keyId }))
  }

  ask(nano: number, nowMs = this.nowMs): MeterAdmit {
    const hex = nowMs.toString(16).padStart(12, '0')
    const callId = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${(this.#calls++).toString(16).padStart(12, '0')}`
    const need = { nano_usd: nano, tokens: 1, requests: 1, in_flight: 1 }
    return {
      ...{ callId, attempt: 1, nowMs, deadlineMs: nowMs + 10 * MINUTE, snapshotVersion: this.#version, need },
      ...{ bound: { inputTokens: 1, outputTokens: 0 }, scopes: ['virtual_key:k', 'team:t'] },
      draft: eventDraft({ tenant_id: this.tenantId, virtual_key_id: this.keyId }),
    }
  }

  settle(asked: MeterAdmit, costNano: number, keyId = this.keyId): Promise<void> {
    const { callId, attempt, scopes, draft, nowMs } = asked
    const seen = { outcome: 'ok', success: true, latencyMs: 1, firstByteMs: 1, httpStatus: 200 } as const
    return this.meter(keyId).settle({ callId, attempt, scopes, draft, nowMs, costNano, usage: NO_USAGE, ...seen })
  }

  /** One request to its end. */
  async spend(nano: number, { keyId = this.keyId, nowMs = this.nowMs } = {}): Promise<MeterAdmit> {
    const asked = this.ask(nano, nowMs)
    expectThat((await this.meter(keyId).admit(asked)).kind).toBe('admitted')
    await this.settle(asked, nano, keyId)
    return asked
  }

  /** What D1 has, the first noticed first, once these thresholds are there and their outbox is empty. */
  async alerts(thresholds: number[], object: DurableObjectStub = this.meter()) {
    const columns = 'limit_id, scope, unit, start_ms, threshold, max, used'
    const query = `SELECT ${columns} FROM limit_alert WHERE tenant_id = ?1 ORDER BY start_ms, threshold`
    const stored = async () => (await env.DB.prepare(query).bind(this.tenantId).all()).results
    await vi.waitFor(async () => {
      expectThat((await stored()).map(row => row.threshold)).toEqual(thresholds)
      expectThat(await rowsIn(object)).toBe(0)
    }, 5000)
    return stored()
  }
}

function rowsIn(object: DurableObjectStub): Promise<number> {
  return runInDurableObject(object, (_object, state) => {
    return state.storage.sql.exec<{ n: number }>('SELECT COUNT(*) AS n FROM alert').one().n
  })
}

/** Makes the clock that alarms read show another time. */
function setClock(nowMs: number): void {
  vi.useFakeTimers({ toFake: ['Date'], now: nowMs })
  onTestFinished(() => void vi.useRealTimers())
}

describe('a limit that a meter owns', () => {
  const own = (over: Partial<Limit> = {}) => new Team({ scope: 'virtual_key:k', ...over }).change()

  it('is noticed at each threshold once, over repeats and evictions, and D1 hears of it', async ({ expect }) => {
    const team = await own({ thresholds: [50, 80] })
    const asked = await team.spend(60)
    const [alert] = await team.alerts([50])
    expect(alert).toMatchObject({ scope: 'virtual_key:k', unit: 'nano_usd', threshold: 50, max: 100, used: 60 })
    // Were it noticed again, it would be there again.
    await env.DB.prepare('DELETE FROM limit_alert WHERE tenant_id = ?1').bind(team.tenantId).run()
    await evictDurableObject(team.meter())
    await team.settle(asked, 60)
    await team.spend(10)
    await runDurableObjectAlarm(team.meter())
    await team.spend(15)
    expect(await team.alerts([80])).toMatchObject([{ threshold: 80, used: 85 }])
  })

  it('is not noticed by what is held, and is by what is assumed, which a correction does not take back', async ({
    expect,
  }) => {
    const team = await own({ onExceed: { kind: 'warn' } })
    const asked = { ...team.ask(120), deadlineMs: team.nowMs - 1 }
    expect((await team.meter().admit(asked)).kind).toBe('admitted')
    expect(await rowsIn(team.meter())).toBe(0)
    await runDurableObjectAlarm(team.meter())
    expect(await team.alerts([100])).toMatchObject([{ used: 120 }])
    await team.settle(asked, 1)
    await team.spend(110)
    await env.DB.prepare('DELETE FROM limit_alert WHERE tenant_id = ?1').bind(team.tenantId).run()
    await team.spend(1)
    expect(await rowsIn(team.meter())).toBe(0)
  })

  it('is noticed again in its next window', async () => {
    const team = await own({ thresholds: [50], window: { duration: '1h', isAligned: false, anchorMs: 0 } })
    await team.spend(60)
    await team.alerts([50])
    await team.spend(70, { nowMs: team.nowMs + HOUR })
    await team.alerts([50, 50])
  })

  it('is noticed when it is lowered to what is spent, though nobody spends any more', async ({ expect }) => {
    const team = await own({ thresholds: [90] })
    await team.spend(60)
    await team.change({ max: 60 })
    expect(await team.alerts([90])).toMatchObject([{ max: 60, used: 60 }])
  })

  it('costs a written row only when something is noticed', async ({ expect }) => {
    const team = await own({ thresholds: [50] })
    const rows = (nano: number) =>
      runInDurableObject(team.meter(), async (meter: MeterObject, state) => {
        const { sql } = state.storage
        const exec = sql.exec.bind(sql)
        let written = 0
        sql.exec = ((query: string, ...bindings: unknown[]) => {
          const cursor = exec(query, ...bindings)
          written += cursor.rowsWritten
          return cursor
        }) as typeof sql.exec
        const asked = team.ask(nano)
        await meter.admit(asked)
        await meter.settle({
          ...{ ...asked, costNano: nano, usage: NO_USAGE, outcome: 'ok', success: true },
          ...{ latencyMs: 1, firstByteMs: 1, httpStatus: 200 },
        })
        sql.exec = exec
        return written
      })
    await rows(1)
    expect([await rows(10), await rows(45), await rows(10)]).toEqual([2, 3, 2])
  })

  it('ships again what was noticed before a crash and never confirmed', async () => {
    const team = await own({ thresholds: [50] })
    await team.spend(60)
    await team.alerts([50])
    await env.DB.prepare('DELETE FROM limit_alert WHERE tenant_id = ?1').bind(team.tenantId).run()
    await runInDurableObject(team.meter(), (_meter: MeterObject, { storage: { sql } }) => {
      const alert = { ...ALERT, limitId: 'lost' }
      sql.exec('INSERT INTO alert VALUES (?1, ?2, ?3, ?4)', 'lost', alert.startMs, 80, JSON.stringify(alert))
    })
    await evictDurableObject(team.meter())
    await runDurableObjectAlarm(team.meter())
    await team.alerts([80])
  })
})

const ALERT: LimitAlert = {
  ...{ limitId: 'l', scope: 'team:t', unit: 'tokens', startMs: 0, endMs: HOUR, threshold: 80 },
  ...{ max: 10, used: 9, noticedMs: 5 },
}

describe('AlertOutbox', () => {
  it('ships what was not confirmed within a minute again, also after a crash, until it is', async ({ expect }) => {
    const sent: AlertMessage[] = []
    const team = new Team()
    await runInDurableObject(team.budget, async (_budget: BudgetObject, { storage: { sql } }) => {
      const open = () => new AlertOutbox(sql, { tenantId: 't', scope: 's' }, async message => sent.push(message))
      const outbox = open()
      outbox.put(ALERT)
      outbox.put(ALERT)
      for (const atMs of [0, RESHIP_MS - 1, RESHIP_MS]) await outbox.ship(atMs)
      expect(sent).toEqual([0, 1].map(() => ({ v: 1, from: { tenantId: 't', scope: 's' }, alerts: [ALERT] })))
      await open().ship(0)
      expect(sent).toHaveLength(3)
      outbox.confirm([ALERT])
      await outbox.ship(9 * RESHIP_MS)
      await open().ship(0)
      expect(sent).toHaveLength(3)
    })
  })

  it('ships any number, a few to a message, and what one send loses the next time', async ({ expect }) => {
    const sent: number[] = []
    const team = new Team()
    await runInDurableObject(team.budget, async (_budget: BudgetObject, { storage: { sql } }) => {
      let isDown = true
      const outbox = new AlertOutbox(sql, { tenantId: 't', scope: 's' }, async ({ alerts }) => {
        if (isDown) throw new Error('down')
        sent.push(alerts.length)
      })
      for (let threshold = 1; threshold <= 45; threshold++) outbox.put({ ...ALERT, threshold })
      await expect(outbox.ship(0)).rejects.toThrow('down')
      isDown = false
      await outbox.ship(0)
      expect(sent).toEqual([20, 20, 5])
    })
  })
})

describe('a limit above the key', () => {
  it('is noticed by its owner a minute after meters spent, together, though none asks for more', async ({ expect }) => {
    const team = new Team({ max: 100_000, thresholds: [50] })
    const keys = Array.from({ length: 3 }, () => crypto.randomUUID())
    await team.change({}, keys)
    const asked = await Promise.all(keys.map(() => team.ask(18_000)))
    for (const [i, keyId] of keys.entries()) await team.meter(keyId).admit(asked[i] ?? team.ask(0))
    for (const [i, keyId] of keys.entries()) await team.settle(asked[i] ?? team.ask(0), 18_000, keyId)
    expect(await rowsIn(team.budget)).toBe(0)
    setClock(team.nowMs + MINUTE)
    for (const keyId of keys) await runDurableObjectAlarm(team.meter(keyId))
    expect(await team.alerts([50], team.budget)).toMatchObject([{ scope: 'team:t', max: 100_000, used: 54_000 }])
  })

  it('is noticed once, over evictions of its owner, whatever is reported later', async ({ expect }) => {
    const team = await new Team({ max: 100_000, thresholds: [50, 60] }).change()
    const tell = async (minutes: number) => {
      setClock(team.nowMs + minutes * MINUTE)
      await runDurableObjectAlarm(team.meter())
    }
    await team.spend(51_000)
    await tell(1)
    await team.alerts([50], team.budget)
    await env.DB.prepare('DELETE FROM limit_alert WHERE tenant_id = ?1').bind(team.tenantId).run()
    await evictDurableObject(team.budget)
    await team.spend(1000)
    await tell(2)
    await team.spend(9000)
    await tell(3)
    expect(await team.alerts([60], team.budget)).toMatchObject([{ used: 61_000 }])
  })

  it('costs no call while nothing changes, and is told before its window is forgotten', async ({ expect }) => {
    const team = await new Team({
      max: 100_000,
      thresholds: [50],
      window: { duration: '1h', isAligned: false, anchorMs: 0 },
    }).change()
    const heard = () =>
      runInDurableObject(team.budget, (_budget: BudgetObject, { storage: { sql } }) =>
        sql.exec<{ n: number }>('SELECT SUM(revision) AS n FROM account').one(),
      )
    const ring = async (atMs: number) => {
      setClock(atMs)
      await runDurableObjectAlarm(team.meter())
      return (await heard()).n
    }
    await team.spend(10_000)
    // The first says what was spent, the second gives back what nobody asked for.
    const told = [await ring(team.nowMs + MINUTE), await ring(team.nowMs + 3 * MINUTE)].at(-1)
    expect(await ring(team.nowMs + 5 * MINUTE)).toBe(told)
    expect(await ring(team.nowMs + 9 * MINUTE)).toBe(told)
    await team.spend(45_000)
    await team.spend(1, { nowMs: team.nowMs + HOUR })
    await ring(team.nowMs + HOUR + MINUTE)
    expect(await team.alerts([50], team.budget)).toMatchObject([{ used: 55_000 }])
  })

  it('is noticed when it is lowered to what is spent', async ({ expect }) => {
    const team = await new Team({ max: 100_000, thresholds: [90] }).change()
    await team.spend(600)
    await team.change({ max: 600 })
    expect(await team.alerts([90], team.budget)).toMatchObject([{ max: 600, used: 600 }])
  })
})

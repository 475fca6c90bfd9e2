import { evictDurableObject, runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import type { BudgetObject } from '../../durable-objects/budget/object.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { budgetName, type MeterAdmission, type MeterAdmit, meterName } from '../../workers/core/quota/meter-protocol.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const YEAR = { duration: '1Y', isAligned: true, anchorMs: 0 }
function limitOf(scope: string, unit: Limit['unit'], max: number): Limit {
  return { id: `${scope}/${unit}`, scope, unit, max, window: YEAR }
}

/** Keys under one team and one customer, and what a Worker says to their meters. */
class Organisation {
  readonly tenantId = crypto.randomUUID()
  readonly keys: string[]
  readonly nowMs = Date.now()
  #version = 1
  #calls = 0
  #limits: Limit[]

  constructor(keys: number, limits: Limit[]) {
    this.keys = Array.from({ length: keys }, () => crypto.randomUUID())
    this.#limits = limits
  }

  async open(): Promise<this> {
    for (const scope of new Set(this.#limits.map(limit => limit.scope))) await this.pushScope(scope)
    await Promise.all(this.keys.map(keyId => this.meter(keyId).putSnapshot(this.#keySnapshot(keyId))))
    return this
  }

  #keySnapshot(keyId: string) {
    const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: 't', customerId: 'c', providers: [] }
    return { version: 1, tenantId: this.tenantId, keyId, name: keyId, keyHash: 'h', ...status, limits: this.#limits }
  }

  pushScope(scope: string): Promise<void> {
    const limits = this.#limits.filter(limit => limit.scope === scope)
    return this.budget(scope).putSnapshot({ version: this.#version++, tenantId: this.tenantId, scope, limits })
  }

  setMax(scope: string, max: number): Promise<void> {
    return this.change(scope, { max })
  }

  change(scope: string, over: Pick<Limit, 'max'> | Pick<Limit, 'extra'>): Promise<void> {
    this.#limits = this.#limits.map(limit => (limit.scope === scope ? { ...limit, ...over } : limit))
    return this.pushScope(scope)
  }

  meter(keyId: string) {
    return env.METER.getByName(meterName({ tenantId: this.tenantId, keyId }))
  }

  budget(scope: string) {
    return env.BUDGET.getByName(budgetName({ tenantId: this.tenantId, scope }))
  }

  ask(keyId: string, nano: number): MeterAdmit {
    const hex = this.nowMs.toString(16).padStart(12, '0')
    const callId = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${(this.#calls++).toString(16).padStart(12, '0')}`
    const draft = eventDraft({ tenant_id: this.tenantId, virtual_key_id: keyId })
    const times = { nowMs: this.nowMs, deadlineMs: this.nowMs + 600_000, snapshotVersion: 1 }
    const need = { nano_usd: nano, tokens: 1, requests: 1, in_flight: 1 }
    const bound = { inputTokens: 1, outputTokens: 0 }
    return {
      callId,
      attempt: 1,
      ...times,
      need,
      bound,
      scopes: [`virtual_key:${keyId}`, 'team:t', 'customer:c'],
      draft,
    }
  }

  /** One request to its end: what it was answered, and what it cost. */
  async run(keyId: string, nano: number, costNano = nano): Promise<{ answer: MeterAdmission; costNano: number }> {
    const asked = this.ask(keyId, nano)
    const answer = await this.meter(keyId).admit(asked)
    if (answer.kind !== 'admitted') return { answer, costNano: 0 }
    const { callId, attempt, scopes, draft, nowMs } = asked
    const seen = {
      outcome: 'ok',
      success: true,
      usage: NO_USAGE,
      latencyMs: 1,
      firstByteMs: 1,
      httpStatus: 200,
    } as const
    await this.meter(keyId).settle({ callId, attempt, scopes, draft, nowMs, costNano, ...seen })
    return { answer, costNano }
  }

  async standing(scope: string) {
    const [standing] = await this.budget(scope).read(this.nowMs)
    return standing
  }
}

/** Runs `total` requests of need 10 over all keys, `width` at a time; costs are what `cost` says. */
async function load(org: Organisation, of: { total: number; width: number; cost?: (n: number) => number }) {
  const { total, width, cost = () => 10 } = of
  let next = 0
  const results: Awaited<ReturnType<Organisation['run']>>[] = []
  const worker = async () => {
    while (next < total) {
      const n = next++
      results.push(await org.run(org.keys[n % org.keys.length] ?? '', 10, cost(n)))
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  const count = (kind: string) => results.filter(({ answer }) => answer.kind === kind).length
  const spent = results.reduce((sum, result) => sum + result.costNano, 0)
  return { results, spent, admitted: count('admitted'), refused: count('refused'), unavailable: count('unavailable') }
}

describe('limits above the key', () => {
  it('are exact over many meters and two levels: no overspend, and no refusal while a request fits', async ({
    expect,
  }) => {
    const org = await new Organisation(8, [
      limitOf('team:t', 'nano_usd', 6005),
      limitOf('customer:c', 'nano_usd', 5007),
    ]).open()
    const { spent, admitted, refused, unavailable } = await load(org, { total: 1000, width: 32 })
    expect({ spent, admitted, refused, unavailable }).toEqual({
      spent: 5000,
      admitted: 500,
      refused: 500,
      unavailable: 0,
    })
  })

  it('give back what requests did not need: money is left only where no request fits', async ({ expect }) => {
    const org = await new Organisation(5, [limitOf('customer:c', 'nano_usd', 2000)]).open()
    const { spent, refused, unavailable } = await load(org, { total: 1500, width: 32, cost: n => 1 + (n % 7) })
    expect(spent).toBeLessThanOrEqual(2000)
    expect(spent).toBeGreaterThan(1990)
    expect(refused).toBeGreaterThan(0)
    expect(unavailable).toBe(0)
  })

  it('hold over evictions of meters and budgets in the middle', async ({ expect }) => {
    const org = await new Organisation(4, [
      limitOf('team:t', 'requests', 300),
      limitOf('customer:c', 'nano_usd', 2500),
    ]).open()
    const first = await load(org, { total: 150, width: 16 })
    for (const keyId of org.keys) await evictDurableObject(org.meter(keyId))
    await evictDurableObject(org.budget('team:t'))
    await evictDurableObject(org.budget('customer:c'))
    const second = await load(org, { total: 300, width: 16 })
    expect(first.spent + second.spent).toBe(2500)
    expect(first.admitted + second.admitted).toBe(250)
  })

  it('are asked of their owner rarely while there is plenty', async ({ expect }) => {
    const org = await new Organisation(10, [limitOf('customer:c', 'nano_usd', 1e9)]).open()
    const { admitted } = await load(org, { total: 1000, width: 16 })
    // Each ask carries the next revision of its meter's report.
    const asked = await runInDurableObject(org.budget('customer:c'), (_budget: BudgetObject, state) => {
      return state.storage.sql.exec<{ n: number }>('SELECT SUM(revision) AS n FROM account').one().n
    })
    expect(admitted).toBe(1000)
    expect(asked).toBeGreaterThanOrEqual(10)
    expect(asked).toBeLessThanOrEqual(20)
  })

  it('refuse all who wait by a few rounds, though every meter has something in flight', async ({ expect }) => {
    const org = await new Organisation(20, [limitOf('customer:c', 'nano_usd', 200)]).open()
    const held = await Promise.all(org.keys.map(keyId => org.meter(keyId).admit(org.ask(keyId, 10))))
    expect(held.filter(({ kind }) => kind === 'admitted')).toHaveLength(20)
    // Each ask, and each answer to a recall, carries the next revision of its meter's report.
    const reports = () =>
      runInDurableObject(org.budget('customer:c'), (_budget: BudgetObject, state) => {
        return state.storage.sql.exec<{ n: number }>('SELECT SUM(revision) AS n FROM account').one().n
      })
    const before = await reports()
    const { refused } = await load(org, { total: 200, width: 200 })
    const recalls = (await reports()) - before - 200
    expect(refused).toBe(200)
    expect(recalls).toBeGreaterThan(0)
    // A round of their own for each would be 4,000.
    expect(recalls).toBeLessThanOrEqual(1000)
  })

  it('are in force at the next request when lowered, and let the next pass when raised', async ({ expect }) => {
    const org = await new Organisation(3, [limitOf('team:t', 'nano_usd', 10_000)]).open()
    await load(org, { total: 30, width: 8 })
    await org.setMax('team:t', 305)
    const lowered = await Promise.all(org.keys.map(keyId => org.run(keyId, 10)))
    expect(lowered.map(({ answer }) => answer.kind)).toEqual(['refused', 'refused', 'refused'])
    await org.setMax('team:t', 320)
    const raised = await load(org, { total: 9, width: 3 })
    expect(raised.admitted).toBe(2)
    expect(await org.standing('team:t')).toMatchObject({ max: 320 })
  })

  it('lend what they have beside their maximum, in its windows, and call it back when it goes', async ({ expect }) => {
    const org = await new Organisation(3, [limitOf('team:t', 'nano_usd', 100)]).open()
    await org.change('team:t', { extra: { amount: 50, fromMs: org.nowMs } })
    const { spent, admitted } = await load(org, { total: 10, width: 3 })
    expect([spent, admitted]).toEqual([100, 10])
    expect(await org.standing('team:t')).toMatchObject({ max: 150 })
    await org.change('team:t', { extra: { amount: 50, fromMs: org.nowMs, untilMs: 1 } })
    expect(await load(org, { total: 3, width: 3 })).toMatchObject({ admitted: 0, refused: 3 })
    await org.change('team:t', { extra: { amount: 50, fromMs: org.nowMs } })
    expect(await load(org, { total: 9, width: 3 })).toMatchObject({ admitted: 5, refused: 4 })
  })

  it('name their scope, what is spent and when it resets, in a refusal', async ({ expect }) => {
    const org = await new Organisation(2, [limitOf('team:t', 'nano_usd', 25)]).open()
    await load(org, { total: 2, width: 1 })
    const { answer } = await org.run(org.keys[0] ?? '', 10)
    expect(answer).toMatchObject({
      kind: 'refused',
      needed: 10,
      standing: { scope: 'team:t', max: 25, settled: 20, isLeased: true },
    })
  })
})

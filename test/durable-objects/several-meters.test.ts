import { evictDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { meterPart, meterParts } from '../../workers/core/quota/meter-part.ts'
import { budgetName, type MeterAdmit, meterName } from '../../workers/core/quota/meter-protocol.ts'
import type { KeyMeters, KeySnapshot } from '../../workers/core/snapshot.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const YEAR = { duration: '1Y', isAligned: true, anchorMs: 0 }
const SHARDED: KeyMeters = { regions: 'one', shards: 2 }

/** A key with one budget, in D1 and in its meters. */
class Key {
  readonly tenantId = crypto.randomUUID()
  readonly keyId = crypto.randomUUID()
  readonly scope = `virtual_key:${this.keyId}`
  readonly nowMs = Date.now()
  readonly limits: Limit[]
  version = 0
  #calls = 0

  constructor(max: number) {
    this.limits = [{ id: 'b', scope: this.scope, unit: 'nano_usd', max, window: YEAR }]
  }

  /** Writes the next version of the key's configuration; meters hear of it when they look. */
  async save(meters?: KeyMeters): Promise<KeySnapshot> {
    this.version += 1
    const { tenantId, keyId, version, limits, scope } = this
    const status = { isActive: true, isDeleted: false, expiresMs: null, teamId: null, customerId: null, providers: [] }
    const snapshot = { version, tenantId, keyId, name: 'k', keyHash: 'h', ...status, limits, ...(meters && { meters }) }
    const write =
      'INSERT OR REPLACE INTO key_snapshot (tenant_id, key_id, version, pushed_version, body) VALUES (?, ?, ?, 0, ?)'
    await env.DB.prepare(write).bind(tenantId, keyId, version, JSON.stringify(snapshot)).run()
    const owner = { version, tenantId, scope, limits }
    const writeScope =
      'INSERT OR REPLACE INTO scope_snapshot (tenant_id, scope, version, pushed_version, body) VALUES (?, ?, ?, 0, ?)'
    await env.DB.prepare(writeScope).bind(tenantId, scope, version, JSON.stringify(owner)).run()
    return snapshot
  }

  meter(part?: string) {
    return env.METER.getByName(meterName({ tenantId: this.tenantId, keyId: this.keyId, part }))
  }

  get budget() {
    return env.BUDGET.getByName(budgetName({ tenantId: this.tenantId, scope: this.scope }))
  }

  ask(nano: number): MeterAdmit {
    const hex = this.nowMs.toString(16).padStart(12, '0')
    const callId = `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${(this.#calls++).toString(16).padStart(12, '0')}`
    const draft = eventDraft({ tenant_id: this.tenantId, virtual_key_id: this.keyId })
    const times = { nowMs: this.nowMs, deadlineMs: this.nowMs + 600_000, snapshotVersion: this.version }
    const need = { nano_usd: nano, tokens: 1, requests: 1, in_flight: 1 }
    return {
      callId,
      attempt: 1,
      ...times,
      need,
      bound: { inputTokens: 1, outputTokens: 0 },
      scopes: [this.scope],
      draft,
    }
  }

  settle(asked: MeterAdmit, costNano: number, part?: string): Promise<void> {
    const { callId, attempt, scopes, draft, nowMs } = asked
    const seen = { outcome: 'ok', success: true, latencyMs: 1, firstByteMs: 1, httpStatus: 200 } as const
    return this.meter(part).settle({ callId, attempt, scopes, draft, nowMs, costNano, usage: NO_USAGE, ...seen })
  }

  async standing() {
    const [standing] = await this.budget.read(this.nowMs)
    return standing
  }
}

describe('a key with several meters', () => {
  it('spends its limit exactly, whichever meters its requests meet', async ({ expect }) => {
    const key = new Key(1000)
    await key.save(SHARDED)
    const parts = ['any.0', 'any.1']
    const answers = await Promise.all(
      Array.from({ length: 150 }, async (_, n) => {
        const part = parts[n % 2]
        const asked = key.ask(10)
        const { kind } = await key.meter(part).admit(asked)
        if (kind === 'admitted') await key.settle(asked, 10, part)
        return kind
      }),
    )
    expect(answers.filter(kind => kind === 'admitted')).toHaveLength(100)
    expect(answers.filter(kind => kind === 'refused')).toHaveLength(50)
    expect(await key.standing()).toMatchObject({ spent: 1000, free: 0 })
  })

  it('forgets nothing that its one meter spent and holds, though that one never hears of the change', async ({
    expect,
  }) => {
    const key = new Key(100)
    await key.save()
    const [spent, held] = [key.ask(30), key.ask(50)]
    expect((await key.meter().admit(spent)).kind).toBe('admitted')
    await key.settle(spent, 30)
    expect((await key.meter().admit(held)).kind).toBe('admitted')

    await key.save(SHARDED)
    expect(await key.meter('any.0').admit(key.ask(21))).toMatchObject({ kind: 'refused' })
    expect((await key.meter('any.1').admit(key.ask(20))).kind).toBe('admitted')
    expect(await key.meter('any.0').admit(key.ask(1))).toMatchObject({ kind: 'refused' })

    // The hold cost less than it could have: the rest is anybody's, also after the first meter was evicted.
    await key.settle(held, 10)
    await evictDurableObject(key.meter())
    expect((await key.meter('any.0').admit(key.ask(40))).kind).toBe('admitted')
    expect(await key.meter('any.0').admit(key.ask(1))).toMatchObject({ kind: 'refused' })
  })

  it('is sent on by its first meter, once that has heard, and by nobody before', async ({ expect }) => {
    const key = new Key(100)
    await key.save()
    const before = key.ask(10)
    expect((await key.meter().admit(before)).kind).toBe('admitted')
    const late = key.ask(10)
    const snapshot = await key.save(SHARDED)
    expect((await key.meter().admit(late)).kind).toBe('admitted')
    await key.meter().putSnapshot(snapshot)
    expect(await key.meter().admit({ ...key.ask(10), snapshotVersion: 1 })).toMatchObject({ kind: 'stale', snapshot })
    expect(await key.standing()).toMatchObject({ free: 80 })
  })

  it('has no more to give than is left when it is one meter again', async ({ expect }) => {
    const key = new Key(100)
    await key.save(SHARDED)
    const asked = key.ask(70)
    expect((await key.meter('any.1').admit(asked)).kind).toBe('admitted')
    await key.settle(asked, 70, 'any.1')
    await key.save({ regions: 'one', shards: 1 })
    expect(await key.meter().admit(key.ask(31))).toMatchObject({ kind: 'refused' })
    expect((await key.meter().admit(key.ask(30))).kind).toBe('admitted')
  })
})

describe('the meter of a request', () => {
  it('is the one of its continent and shard, always one of those that are told of changes', ({ expect }) => {
    const settings = fc.record({
      regions: fc.constantFrom('one' as const, 'per_continent' as const),
      shards: fc.integer({ min: 1, max: 16 }),
    })
    const continents = fc.constantFrom('EU', 'AS', 'SA', 'T1', undefined)
    fc.assert(
      fc.property(settings, continents, fc.nat(), (meters, continent, spread) => {
        expect(meterParts(meters)).toContain(meterPart(meters, { continent, spread }))
      }),
    )
    expect(meterPart({ regions: 'per_continent', shards: 2 }, { continent: 'EU', spread: 5 })).toBe('eu.1')
    expect(meterPart({ regions: 'one', shards: 1 }, { continent: 'EU', spread: 5 })).toBeUndefined()
    expect(meterPart(undefined, { continent: 'EU', spread: 5 })).toBeUndefined()
  })
})

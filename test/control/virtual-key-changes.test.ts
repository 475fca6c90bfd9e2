import { env } from 'cloudflare:workers'
import { beforeEach, describe, it } from 'vitest'
import { repushSnapshots } from '../../workers/accounting/repush-snapshots.ts'
import type { LimitUsage } from '../../workers/control/ports.ts'
import { markPushed } from '../../workers/db/mark-pushed.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { KEYS, NOW, unoverridden } from './fake-ports.ts'
import { FULL, ISO_NOW, refusal, setUp } from './with-keys.ts'

const DAY = 86_400_000

describe('updating a virtual key', () => {
  it('changes what the body names, and nothing else', async ({ expect }) => {
    const { create, put, get, pushed, ports } = await setUp()
    const { value, ...created } = await create({ ...FULL, expires_at: '2027-01-01T01:00:00+01:00' })
    ports.nowMs = () => NOW + 1000
    const answer = await put(created.id, { description: 'other', is_active: false })
    const expected = { ...created, description: 'other', is_active: false, updated_at: '2026-11-20T12:00:01.000Z' }
    expect(answer.status).toBe(200)
    expect(answer.body.message).toBe('Virtual key updated successfully')
    expect(answer.body.virtual_key).toEqual({ ...expected, value: `sk-bf-****${value.slice(-4)}` })
    expect(await get(created.id)).toEqual(answer.body.virtual_key)
    expect(pushed[1]).toEqual({ ...pushed[0], version: 2, isActive: false })
    expect(created.expires_at).toBe('2027-01-01T00:00:00.000Z')
  })

  it('keeps a budget of the same duration with what was spent of it; others come and go', async ({ expect }) => {
    const { create, put, usage, ports } = await setUp()
    const before = await create(FULL)
    const [monthly, daily] = before.budgets
    usage.push({ limitId: daily.id, used: 1_250_000_000, startMs: NOW, endMs: NOW + DAY })
    ports.nowMs = () => NOW + 1000
    const { body } = await put(before.id, {
      budgets: [
        { max_limit: 20, reset_duration: '1d' },
        { max_limit: 5, reset_duration: '1w' },
      ],
    })
    const [kept, added, ...rest] = body.virtual_key.budgets
    expect(kept).toEqual({
      ...daily,
      ...unoverridden(20),
      max_limit: 20,
      current_usage: 1.25,
      last_reset: ISO_NOW,
      updated_at: '2026-11-20T12:00:01.000Z',
    })
    expect(added).toMatchObject({ max_limit: 5, current_usage: 0, created_at: '2026-11-20T12:00:01.000Z' })
    expect(rest).toEqual([])
    expect([monthly.id, daily.id]).not.toContain(added.id)
    expect(body.virtual_key.rate_limit).toEqual(before.rate_limit)
    expect(body.virtual_key.provider_configs).toEqual(before.provider_configs)
  })

  it('merges the older budget, and removes all for an empty one or an empty list', async ({ expect }) => {
    const { create, put } = await setUp()
    const { id, budget } = await create({ name: 'k', budget: { max_limit: 1, reset_duration: '1d' } })
    const raised = (await put(id, { budget: { max_limit: 2 } })).body.virtual_key
    expect(raised.budgets).toMatchObject([{ id: budget.id, max_limit: 2, reset_duration: '1d' }])
    expect((await put(id, { budgets: null })).body.virtual_key.budgets).toHaveLength(1)
    expect((await put(id, { budget: {} })).body.virtual_key).not.toHaveProperty('budgets')
    await put(id, { budget: { max_limit: 2, reset_duration: '1d' } })
    expect((await put(id, { budgets: [] })).body.virtual_key).not.toHaveProperty('budget')
  })

  it('merges a rate limit, checks the outcome, and removes it for {}', async ({ expect }) => {
    const { create, put } = await setUp()
    const { id, rate_limit } = await create({
      name: 'k',
      rate_limit: { token_max_limit: 9, token_reset_duration: '1h' },
    })
    const bad = await put(id, { rate_limit: { request_max_limit: 3 } })
    expect(bad).toMatchObject(
      refusal(400, 'Failed to update virtual key: rate limit request reset duration is required'),
    )
    const good = await put(id, { rate_limit: { request_max_limit: 3, request_reset_duration: '1m' } })
    expect(good.body.virtual_key.rate_limit).toMatchObject({
      id: rate_limit.id,
      token_max_limit: 9,
      request_max_limit: 3,
    })
    expect((await put(id, { rate_limit: {} })).body.virtual_key).not.toHaveProperty('rate_limit')
  })

  it('replaces provider configs in full, keeping those it names by id or by provider', async ({ expect }) => {
    const { create, put } = await setUp()
    const before = await create(FULL)
    const [openai, anthropic] = before.provider_configs
    const byName = await put(before.id, {
      provider_configs: [{ provider: 'Openai', weight: null }, { provider: 'mock' }],
    })
    const [kept, added] = byName.body.virtual_key.provider_configs
    expect(kept).toEqual({ ...openai, weight: null })
    expect(added).toMatchObject({ id: 3, provider: 'Mock', allowed_models: [] })
    const byId = await put(before.id, { provider_configs: [{ id: 3, allowed_models: ['*'] }] })
    expect(byId.body.virtual_key.provider_configs).toEqual([{ ...added, allowed_models: ['*'] }])
    const gone = await put(before.id, { provider_configs: [{ id: anthropic.id, provider: 'anthropic' }] })
    expect(gone).toMatchObject(
      refusal(400, 'Failed to update virtual key: provider config 2 does not belong to this virtual key'),
    )
    const left = await env.DB.prepare('SELECT provider_config_id FROM budget WHERE virtual_key_id = ?1')
      .bind(before.id)
      .all()
    expect(left.results).toEqual([{ provider_config_id: null }, { provider_config_id: null }])
  })

  it('persists calendar_aligned, and aligns all limits of the key with it', async ({ expect }) => {
    const { create, put, get, pushed } = await setUp()
    const { id } = await create(FULL)
    await put(id, { calendar_aligned: true })
    const key = await get(id)
    expect(key).toMatchObject({ calendar_aligned: true, rate_limit: { calendar_aligned: true } })
    expect(key.budgets[1]).toMatchObject({ calendar_aligned: true, last_reset: '2026-11-20T00:00:00.000Z' })
    expect(pushed[1]?.limits.every(limit => limit.window.isAligned)).toBe(true)
  })

  it('clears an expiry with the empty text, and leaves it where it is not named', async ({ expect }) => {
    const { create, put, pushed } = await setUp()
    const { id } = await create({ name: 'k', expires_at: '2027-01-01T00:00:00Z' })
    expect((await put(id, { name: 'l' })).body.virtual_key.expires_at).toBe('2027-01-01T00:00:00.000Z')
    expect((await put(id, { expires_at: '' })).body.virtual_key).not.toHaveProperty('expires_at')
    expect(pushed.map(snapshot => snapshot.expiresMs)).toEqual([Date.UTC(2027, 0), Date.UTC(2027, 0), null])
  })

  it.for([
    [{ team_id: 't' }, /^Failed to update virtual key: team not found: t$/] as const,
    [{ name: '' }, /name is required/] as const,
  ])('refuses %j, and changes nothing', async ([body, message], { expect }) => {
    const { create, put, get, pushed } = await setUp()
    const { id } = await create({ name: 'k' })
    const before = await get(id)
    expect(await put(id, body)).toMatchObject(refusal(400, expect.stringMatching(message)))
    expect(await get(id)).toEqual(before)
    expect(pushed).toHaveLength(1)
  })

  it('lands every one of ten changes at once, each in a version of its own', async ({ expect }) => {
    const { create, put, get, pushed, tenantId } = await setUp()
    const { id } = await create({ name: 'k', budget: { max_limit: 1, reset_duration: '1d' } })
    const changes = [
      { name: 'renamed' },
      { description: 'described' },
      { is_active: false },
      { budget: { max_limit: 7 } },
      { rate_limit: { token_max_limit: 9, token_reset_duration: '1h' } },
      { provider_configs: [{ provider: 'openai' }] },
      { expires_at: '2027-01-01T00:00:00Z' },
      {},
      {},
      {},
    ]
    const answers = await Promise.all(changes.map(change => put(id, change)))
    expect(answers.map(answer => answer.status)).toEqual(changes.map(() => 200))
    expect(await get(id)).toMatchObject({
      name: 'renamed',
      description: 'described',
      is_active: false,
      budgets: [{ max_limit: 7 }],
      rate_limit: { token_max_limit: 9 },
      provider_configs: [{ provider: 'openai' }],
      expires_at: '2027-01-01T00:00:00.000Z',
    })
    expect(pushed.map(({ version }) => version).sort((a, b) => a - b)).toEqual(
      Array.from({ length: 11 }, (_, i) => i + 1),
    )
    const row = await env.DB.prepare('SELECT version, pushed_version FROM key_snapshot WHERE tenant_id = ?1')
      .bind(tenantId)
      .first()
    expect(row).toEqual({ version: 11, pushed_version: 11 })
  })
})

describe('a change that its meter does not get', () => {
  // What other tests of this file have left undone.
  beforeEach(async () => void (await repushSnapshots(fakePorts().ports)))

  it('is tried again, and then told as saved but not yet in force; the cron brings it', async ({ expect }) => {
    const { create, put, ports, call, pushed } = await setUp()
    const { id } = await create({ name: 'k' })
    // What other tests have left unpushed.
    for (let left = 1; left > 0; ) left = (await repushSnapshots(fakePorts().ports)).done
    const pushSnapshot = ports.pushSnapshot
    let tries = 0
    ports.pushSnapshot = async () => {
      tries += 1
      throw new Error('meter is gone')
    }
    const answer = await put(id, { is_active: false })
    expect(answer).toMatchObject(refusal(503, expect.stringMatching(/saved.*within a minute/)))
    expect(tries).toBe(3)
    expect((await call('DELETE', `${KEYS}/${id}`)).status).toBe(503)
    expect((await call('GET', `${KEYS}/${id}`)).status).toBe(404)
    ports.pushSnapshot = pushSnapshot
    const accounting = fakePorts({ pushSnapshot })
    expect(await repushSnapshots(accounting.ports)).toEqual({ done: 1, failed: 0 })
    expect(pushed.at(-1)).toMatchObject({ version: 3, isActive: false, isDeleted: true })
    expect(await repushSnapshots(accounting.ports)).toEqual({ done: 0, failed: 0 })
  })

  it('reaches it within one request where the meter fails once', async ({ expect }) => {
    const { create, put, ports, pushed } = await setUp()
    const { id } = await create({ name: 'k' })
    const pushSnapshot = ports.pushSnapshot
    let tries = 0
    ports.pushSnapshot = snapshot => (++tries === 1 ? Promise.reject(new Error('once')) : pushSnapshot(snapshot))
    expect((await put(id, { is_active: false })).status).toBe(200)
    expect(pushed.at(-1)).toMatchObject({ version: 2, isActive: false })
  })

  it('stays marked as brought when the push of an older version ends later', async ({ expect }) => {
    const { create, put, ports, tenantId } = await setUp()
    const { id } = await create({ name: 'k' })
    await put(id, {})
    await markPushed(ports.db, { tenantId, keyId: id, version: 1 })
    expect(await repushSnapshots(fakePorts().ports)).toEqual({ done: 0, failed: 0 })
  })

  it('does not stop the cron from bringing others', async ({ expect }) => {
    const { create } = await setUp({ pushSnapshot: () => Promise.reject(new Error('down')) })
    const [one, two] = [await create({ name: '1' }), await create({ name: '2' })]
    const brought: string[] = []
    const { ports } = fakePorts({
      async pushSnapshot({ keyId }) {
        if (keyId === one.id) throw new Error('still down')
        brought.push(keyId)
      },
    })
    expect(await repushSnapshots(ports)).toEqual({ done: 1, failed: 1 })
    expect(brought).toEqual([two.id])
  })
})

describe('deleting a virtual key', () => {
  it('is final: 404 from then on, its limits gone, a tombstone for its meter', async ({ expect }) => {
    const { create, call, put, pushed, tenantId } = await setUp()
    const { id } = await create(FULL)
    const gone = refusal(404, 'Virtual key not found')
    const answer = await call('DELETE', `${KEYS}/${id}`)
    expect(answer).toMatchObject({ status: 200, body: { message: 'Virtual key deleted successfully' } })
    expect(await call('DELETE', `${KEYS}/${id}`)).toMatchObject(gone)
    expect(await call('GET', `${KEYS}/${id}`)).toMatchObject(gone)
    expect(await put(id, { name: 'back' })).toMatchObject(gone)
    expect((await call('GET', KEYS)).body.virtual_keys).toEqual([])
    const tombstone = { version: 2, isDeleted: true, isActive: false, limits: [], providers: [] }
    expect(pushed.at(-1)).toMatchObject(tombstone)
    const left = await env.DB.prepare(`SELECT (SELECT count(*) FROM budget WHERE tenant_id = ?1)
        + (SELECT count(*) FROM rate_limit WHERE tenant_id = ?1) AS n, body FROM key_snapshot WHERE tenant_id = ?1`)
      .bind(tenantId)
      .first<{ n: number; body: string }>()
    expect(left?.n).toBe(0)
    expect(JSON.parse(left?.body ?? '')).toMatchObject(tombstone)
  })
})

describe('reading virtual keys', () => {
  it('shows what the meter says was used of each limit in its current window', async ({ expect }) => {
    const { create, get, usage } = await setUp()
    const { id, budgets, rate_limit } = await create(FULL)
    const startMs = NOW - 1000
    const reading = { startMs, endMs: NOW + 1 }
    usage.push(
      { limitId: budgets[0].id, used: 4_200_000_001, ...reading },
      { limitId: budgets[1].id, used: 99, startMs, endMs: NOW },
      { limitId: `${rate_limit.id}:tokens`, used: 300, ...reading },
      { limitId: `${rate_limit.id}:requests`, used: 7, ...reading },
    )
    const key = await get(id)
    expect(key.budgets).toMatchObject([
      { current_usage: 4.200000001, last_reset: new Date(startMs).toISOString() },
      { current_usage: 0, last_reset: ISO_NOW },
    ])
    expect(key.rate_limit).toMatchObject({ token_current_usage: 300, request_current_usage: 7 })
  })

  it('answers 503 rather than a usage of nothing when the meter does not say', async ({ expect }) => {
    const { create, call, ports } = await setUp()
    const { id } = await create(FULL)
    ports.readUsage = () => Promise.reject(new Error('down'))
    const refused = refusal(503, expect.stringMatching(/usage/))
    expect(await call('GET', `${KEYS}/${id}`)).toMatchObject(refused)
    expect(await call('GET', KEYS)).toMatchObject(refused)
  })

  it('lists all keys in the order of their making, or a page of them', async ({ expect }) => {
    const { create, call, ports } = await setUp()
    for (let i = 0; i < 30; i++) {
      ports.nowMs = () => NOW + i
      await create({ name: `key ${i}`, budget: { max_limit: i + 1, reset_duration: '1d' } })
    }
    const list = async (query: string) => (await call('GET', `${KEYS}?${query}`)).body
    const names = (body: { virtual_keys: { name: string }[] }) => body.virtual_keys.map(key => key.name)
    const all = await list('')
    expect(all).toMatchObject({ count: 30, total_count: 30, limit: 30, offset: 0 })
    expect(names(all)).toEqual(Array.from({ length: 30 }, (_, i) => `key ${i}`))
    expect(all.virtual_keys.map((key: { budget: { max_limit: number } }) => key.budget.max_limit)).toEqual(
      Array.from({ length: 30 }, (_, i) => i + 1),
    )
    expect(names(await list('limit=2&offset=28'))).toEqual(['key 28', 'key 29'])
    expect(await list('offset=3')).toMatchObject({ count: 25, total_count: 30, limit: 25, offset: 3 })
    expect(await list('limit=500')).toMatchObject({ count: 30, limit: 100 })
    expect(await list('limit=0')).toMatchObject({ count: 25, limit: 25 })
    expect(await list('search=KEY%201')).toMatchObject({ count: 11, total_count: 11, limit: 25 })
    expect(await list('search=%25')).toMatchObject({ count: 0, total_count: 0 })
    expect(await list('team_id=t')).toMatchObject({ virtual_keys: [], count: 0, total_count: 0 })
    expect(names(await list('sort_by=name&limit=3'))).toEqual(['key 0', 'key 1', 'key 10'])
    expect(names(await list('sort_by=created_at&order=desc&limit=2'))).toEqual(['key 29', 'key 28'])
  })

  it('sorts by what the meters say was spent, and by status', async ({ expect }) => {
    const { create, call, ports } = await setUp()
    const readings = new Map<string, LimitUsage[]>()
    ports.readUsage = async ({ keyId }) => readings.get(keyId) ?? []
    const spent = { b: 5, c: 9, a: 1 }
    for (const [name, used] of Object.entries(spent)) {
      const key = await create({ name, is_active: name !== 'c', budget: { max_limit: 1, reset_duration: '1d' } })
      readings.set(key.id, [{ limitId: key.budget.id, used, startMs: NOW, endMs: NOW + 1 }])
    }
    const names = async (query: string) =>
      (await call('GET', `${KEYS}?${query}`)).body.virtual_keys.map((key: { name: string }) => key.name)
    expect(await names('sort_by=budget_spent')).toEqual(['a', 'b', 'c'])
    expect(await names('sort_by=budget_spent&order=desc&limit=1&offset=1')).toEqual(['b'])
    expect((await names('sort_by=status'))[0]).toBe('c')
  })

  it.for([
    ['limit=many', 'Invalid limit parameter: must be a number'],
    ['limit=-1', 'Invalid limit parameter: must be non-negative'],
    ['offset=1e400', 'Invalid offset parameter: must be a number'],
    ['offset=-5', 'Invalid offset parameter: must be non-negative'],
  ] as const)('refuses %s', async ([query, message], { expect }) => {
    const { call } = await setUp()
    expect(await call('GET', `${KEYS}?${query}`)).toMatchObject(refusal(400, message))
  })
})

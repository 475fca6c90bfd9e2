import { env } from 'cloudflare:workers'
import { beforeEach, describe, it } from 'vitest'
import { repushSnapshots } from '../../workers/accounting/repush-snapshots.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { fakePorts } from '../accounting/fake-ports.ts'
import { KEYS, NOW, openTenant, PLAIN_KEY } from './fake-ports.ts'

const TOKENS = { token_max_limit: 9, token_reset_duration: '1h' }
const CLAMP = { on_exceed: 'clamp', clamp_floor: 64 }

describe('how a key is handled', () => {
  const EXPECTED = { admission_mode: 'expected', expected_output_tokens: 500 }

  it('is set, shown, kept and reset, and in the snapshot where it is not the default', async ({ expect }) => {
    const { make, put, get, latest } = await openTenant()
    const { id } = await make(KEYS, { name: 'k' })
    const change = async (body: object) => {
      const shown = await put(`${KEYS}/${id}`, body)
      expect(await get(`${KEYS}/${id}`)).toEqual(shown)
      return shown
    }
    expect(await get(`${KEYS}/${id}`)).toMatchObject(PLAIN_KEY)
    expect(latest(id)).not.toHaveProperty('handling')
    expect(await change(EXPECTED)).toMatchObject({ ...PLAIN_KEY, ...EXPECTED })
    expect(await change({ settlement: 'durable' })).toMatchObject({ ...PLAIN_KEY, ...EXPECTED, settlement: 'durable' })
    const handling = { admission: 'expected', expectedOutputTokens: 500, settlement: 'durable' }
    expect(latest(id)).toMatchObject({ handling })
    await change({ expected_output_tokens: null })
    expect(latest(id)?.handling).toEqual({ ...handling, expectedOutputTokens: null })
    await change({ expected_output_tokens: 7, settlement: null })
    expect(await change({ admission_mode: null, meter: null })).toMatchObject(PLAIN_KEY)
    expect(latest(id)).not.toHaveProperty('handling')
    expect(latest(id)).not.toHaveProperty('meters')
    expect(await make(KEYS, { name: 'l', ...EXPECTED, settlement: 'durable' })).toMatchObject(EXPECTED)
  })

  it.for<[body: object, message: RegExp]>([
    [{ admission_mode: 'loose' }, /^admission_mode must be strict or expected$/],
    [{ settlement: 1 }, /^settlement must be drain or durable$/],
    [{ expected_output_tokens: 5 }, /^expected_output_tokens must be left out where admission_mode is not expected/],
    [{ ...EXPECTED, expected_output_tokens: 0 }, /^expected_output_tokens must be a whole number from 1 to 1000000/],
    [{ ...EXPECTED, expected_output_tokens: 1_000_001 }, /^expected_output_tokens must be/],
    [{ ...EXPECTED, expected_output_tokens: 1.5 }, /^expected_output_tokens must be/],
    [{ meter: 'one' }, /^meter must be {"regions": "one" or "per_continent", "shards": 1 to 16}$/],
    [{ meter: { regions: 'one' } }, /^meter must be/],
    [{ meter: { regions: 'mars', shards: 1 } }, /^meter must be/],
    [{ meter: { regions: 'one', shards: 17 } }, /^meter must be/],
    [{ meter: { regions: 'one', shards: 0 } }, /^meter must be/],
  ])('is refused as %j, and nothing is written', async ([body, message], { expect }) => {
    const { call, make, get, pushes } = await openTenant()
    const { status, body: answer } = await call('POST', KEYS, { name: 'k', ...body })
    expect([status, answer.error.message]).toEqual([400, expect.stringMatching(message)])
    expect((await call('GET', KEYS)).body.total_count).toBe(0)
    const made = await make(KEYS, { name: 'k' })
    const before = await get(`${KEYS}/${made.id}`)
    pushes()
    expect((await call('PUT', `${KEYS}/${made.id}`, body)).status).toBe(400)
    expect(await get(`${KEYS}/${made.id}`)).toEqual(before)
    expect(pushes()).toEqual([])
  })
})

describe('a key whose meters were set', () => {
  // What other tests of this file have left undone.
  beforeEach(async () => void (await repushSnapshots(fakePorts().ports)))

  const DAILY = { max_limit: 10, reset_duration: '1d' }
  const TWO = { meter: { regions: 'one', shards: 2 } }

  async function metered() {
    const all = await openTenant()
    const provider_configs = [{ provider: 'openai', budgets: [DAILY] }, { provider: 'anthropic' }]
    const key = await all.make(KEYS, { name: 'k', budget: DAILY, rate_limit: TOKENS, provider_configs })
    const path = `${KEYS}/${key.id}`
    const own = `virtual_key:${key.id}`
    return { ...all, key, path, own, openai: `${own}/provider:openai`, anthropic: `${own}/provider:anthropic` }
  }

  it('has its limits told to their budget objects before its meters, each time they change', async ({ expect }) => {
    const { key, path, own, openai, anthropic, put, pushes, latest, latestOf, tenantId } = await metered()
    expect(pushes()).toEqual([`key ${key.id} v1`])
    expect((await put(path, TWO)).meter).toEqual(TWO.meter)
    expect(latest(key.id)?.meters).toEqual({ regions: 'one', shards: 2 })
    expect(pushes().sort()).toEqual([`${own} v1`, `${openai} v1`, `key ${key.id} v2`].sort())
    const ofKey = latest(key.id)?.limits ?? []
    expect(ofKey).toHaveLength(3)
    for (const scope of [own, openai]) {
      const limits = ofKey.filter(limit => limit.scope === scope)
      expect(latestOf(scope)).toStrictEqual({ version: 1, tenantId, scope, limits })
    }
    await put(path, { description: 'nothing of limits', meter: { regions: 'per_continent', shards: 16 } })
    expect(pushes()).toEqual([`key ${key.id} v3`])
    await put(path, { budget: { max_limit: 20, ...CLAMP } })
    expect(pushes()).toEqual([`${own} v2`, `key ${key.id} v4`])
    expect(latestOf(own)?.limits[0]).toMatchObject({ id: key.budget.id, max: 2e10, onExceed: { kind: 'clamp' } })
    await put(path, { provider_configs: [{ provider: 'anthropic', budgets: [DAILY] }] })
    expect(pushes()).toEqual([...[`${anthropic} v1`, `${openai} v2`], `key ${key.id} v5`])
    expect(latestOf(openai)).toStrictEqual({ version: 2, tenantId, scope: openai, limits: [] })
  })

  it('is told so from its making on, and has no limits anywhere once it is deleted', async ({ expect }) => {
    const { make, call, pushes, latestOf } = await openTenant()
    const { id } = await make(KEYS, { name: 'k', budget: DAILY, ...TWO })
    expect(pushes()).toEqual([`virtual_key:${id} v1`, `key ${id} v1`])
    await call('DELETE', `${KEYS}/${id}`)
    expect(pushes()).toEqual([`virtual_key:${id} v2`, `key ${id} v2`])
    expect(latestOf(`virtual_key:${id}`)?.limits).toEqual([])
  })

  const meterOf = (regions: string, shards: number) => ({ meter: { regions, shards } })

  it.for<[from: { meter: object }, to: { meter: object | null }]>([
    [TWO, { meter: null }],
    [TWO, meterOf('one', 1)],
    [TWO, meterOf('per_continent', 1)],
    [meterOf('per_continent', 2), TWO],
    [meterOf('per_continent', 2), meterOf('one', 16)],
    [meterOf('per_continent', 2), { meter: null }],
  ])('never loses a meter that may have counted: from %j to %j', async ([from, to], { expect }) => {
    const { path, put, call, get, pushes } = await metered()
    await put(path, from)
    const before = await get(path)
    pushes()
    const refused = await call('PUT', path, { ...to, description: 'x' })
    expect(refused.status).toBe(400)
    const { message } = refused.body.error
    expect(message).toContain(`meter must be at least what it was set to, ${JSON.stringify(from.meter)}`)
    expect(message).toMatch(/goes on being told of its changes\. An unused meter costs nothing/)
    expect(await get(path)).toEqual(before)
    expect(pushes()).toEqual([])
  })

  it('may get more of them at any time, and be told again what it has', async ({ expect }) => {
    const { path, put, key, latest } = await metered()
    const steps = [
      ['one', 1],
      ['one', 1],
      ['one', 2],
      ['per_continent', 2],
      ['per_continent', 16],
    ] as const
    for (const [regions, shards] of steps) {
      expect(await put(path, meterOf(regions, shards))).toMatchObject({ meter: { regions, shards } })
      expect(latest(key.id)?.meters).toEqual({ regions, shards })
      expect((await put(path, { description: 'other' })).meter).toEqual({ regions, shards })
    }
  })

  it('is pending where a budget object does not hear, and its meters hear after it, from the cron', async ({
    expect,
  }) => {
    const { key, path, own, openai, call, pushes, ports } = await metered()
    pushes()
    const { pushScope, pushSnapshot } = ports
    ports.pushScope = () => Promise.reject(new Error('down'))
    expect((await call('PUT', path, TWO)).status).toBe(503)
    expect(pushes()).toEqual([])
    const accounting = fakePorts({ pushScope, pushSnapshot })
    expect(await repushSnapshots(accounting.ports)).toEqual({ done: 3, failed: 0 })
    const [last, ...first] = pushes().reverse()
    expect([last, ...first.sort()]).toEqual([`key ${key.id} v2`, `${own} v1`, `${openai} v1`])
    expect(await repushSnapshots(accounting.ports)).toEqual({ done: 0, failed: 0 })
  })

  it('gives its budget objects again what they have not heard, with any later change', async ({ expect }) => {
    const { key, path, own, openai, call, put, pushes, ports } = await metered()
    const { pushScope } = ports
    ports.pushScope = () => Promise.reject(new Error('down'))
    expect((await call('PUT', path, TWO)).status).toBe(503)
    ports.pushScope = pushScope
    pushes()
    await put(path, { description: 'other' })
    expect(pushes().sort()).toEqual([`${own} v1`, `${openai} v1`, `key ${key.id} v3`].sort())
  })

  it('shows the usage that its budget objects tell, and asks no meter', async ({ expect }) => {
    const { path, put, get, call, ports, key, own, openai } = await metered()
    await put(path, TWO)
    ports.readUsage = () => Promise.reject(new Error('no meter knows'))
    const [config] = key.provider_configs
    const used = { [own]: [key.budget.id, 2e9], [openai]: [config.budget.id, 3e9] } as Record<string, [string, number]>
    ports.readScopeUsage = async ({ scope }) => {
      const [limitId, sum] = used[scope] ?? ['', 0]
      return [{ limitId, used: sum, startMs: NOW, endMs: NOW + 1 }]
    }
    const shown = await get(path)
    expect([shown.budget, shown.provider_configs[0].budget]).toMatchObject([{ current_usage: 2 }, { current_usage: 3 }])
    const { budgets } = (await call('GET', '/api/governance/budgets')).body
    expect(budgets.map((one: { current_usage: number }) => one.current_usage)).toEqual([2, 3])
    expect(await get('/api/governance/rate-limits')).toMatchObject({ rate_limits: [{ token_current_usage: 0 }] })
    ports.readScopeUsage = () => Promise.reject(new Error('down'))
    expect((await call('GET', path)).status).toBe(503)
  })

  it('grows the versions of its scopes one by one under changes at once, and the last says what the rows say', async ({
    expect,
  }) => {
    const { key, path, own, call, pushedScopes, make } = await metered()
    await make(KEYS, { name: 'other', budget: DAILY, ...TWO })
    const bodies = [TWO, ...[11, 12, 13, 14].map(max_limit => ({ budget: { max_limit } }))]
    const answers = await Promise.all(bodies.map(body => call('PUT', path, body)))
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200])
    const ofKey = pushedScopes.filter(({ scope }) => scope === own).sort((a, b) => a.version - b.version)
    expect(new Set(ofKey.map(({ version }) => version)).size).toBe(ofKey.at(-1)?.version)
    const { body } =
      (await env.DB.prepare('SELECT body FROM key_snapshot WHERE key_id = ?1').bind(key.id).first()) ?? {}
    const limits: Limit[] = JSON.parse(String(body)).limits
    expect(ofKey.at(-1)?.limits).toStrictEqual(limits.filter(({ scope }) => scope === own))
  })
})

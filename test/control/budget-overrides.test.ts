import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { NO_OVERRIDE } from '../../workers/control/governance/limit-owner.ts'
import { KEYS, NOW, newTenant, openTenant, send } from './fake-ports.ts'

const DAY = 86_400_000
const MIDNIGHT = Math.floor(NOW / DAY) * DAY
const DAILY = { max_limit: 10, reset_duration: '1d', calendar_aligned: true }
const PLAIN = { override_amount: 0, override_mode: '', override_cycles_remaining: 0 }

const refusal = (status: number, message: string) => ({
  status,
  body: { is_bifrost_error: false, status_code: status, error: { message }, extra_fields: {} },
})

async function overridable(more: object = {}) {
  let nowMs = NOW
  const tenant = await openTenant({ nowMs: () => nowMs })
  const configs = [{ provider: 'openai', budgets: [DAILY] }]
  const key = await tenant.make(KEYS, { name: 'k', budgets: [DAILY], provider_configs: configs, ...more })
  const path = (budget = key.budget.id, id = key.id) => `${KEYS}/${id}/budgets/${budget}/override`
  const put = (body: unknown, at = path()) => tenant.call('PUT', at, body)
  return { ...tenant, key, path, override: put, passTo: (ms: number) => (nowMs = ms) }
}

describe('the override of a budget', () => {
  it('raises what may be spent, in every answer and in the snapshot, and takes nothing else with it', async ({
    expect,
  }) => {
    const { key, override, get, latest, usage } = await overridable()
    usage.push({ limitId: key.budget.id, used: 9e9, startMs: MIDNIGHT, endMs: MIDNIGHT + DAY })
    expect(key.budget).toMatchObject({ ...PLAIN, effective_max_limit: 10 })
    const shown = { override_amount: 2.5, override_mode: 'cycles', override_cycles_remaining: 2 }
    const answer = await override({ amount: 2.5, mode: 'cycles', cycles: 2 })
    const budget = { ...key.budget, ...shown, effective_max_limit: 12.5, current_usage: 9 }
    expect(answer).toMatchObject({ status: 200, body: { budget, effective_max_limit: 12.5 } })
    expect(Object.keys(answer.body).sort()).toEqual(['budget', 'effective_max_limit'])
    expect((await get(`${KEYS}/${key.id}`)).budgets).toMatchObject([budget])
    const all = (await get('/api/governance/budgets')).budgets
    expect(all).toContainEqual(expect.objectContaining({ id: key.budget.id, ...shown }))
    expect(all).toContainEqual(expect.objectContaining({ ...PLAIN, provider_config_id: 1, effective_max_limit: 10 }))
    const extra = { amount: 2.5e9, fromMs: NOW, untilMs: MIDNIGHT + 2 * DAY }
    expect(latest(key.id)?.limits[0]).toMatchObject({ id: key.budget.id, max: 10e9, extra })
    expect(latest(key.id)?.limits[1]).not.toHaveProperty('extra')
  })

  it('of N cycles lasts for exactly N windows, whatever is written into the key meanwhile', async ({ expect }) => {
    const { key, override, get, put, passTo, latest } = await overridable()
    await override({ amount: 2, mode: 'cycles', cycles: 3 })
    const remaining = async (ms: number) => {
      passTo(ms)
      const { override_cycles_remaining: cycles, effective_max_limit: max } = (await get(`${KEYS}/${key.id}`)).budget
      return [cycles, max]
    }
    expect(await remaining(MIDNIGHT + DAY - 1)).toEqual([3, 12])
    expect(await remaining(MIDNIGHT + DAY)).toEqual([2, 12])
    await put(`${KEYS}/${key.id}`, { description: 'changed', budgets: [{ ...DAILY, max_limit: 20 }] })
    expect(latest(key.id)?.limits[0]?.extra).toMatchObject({ untilMs: MIDNIGHT + 3 * DAY })
    expect(await remaining(MIDNIGHT + 3 * DAY - 1)).toEqual([1, 22])
    expect(await remaining(MIDNIGHT + 3 * DAY)).toEqual([0, 20])
    await put(`${KEYS}/${key.id}`, { name: 'other' })
    expect((await get(`${KEYS}/${key.id}`)).budget).toMatchObject({ ...PLAIN, effective_max_limit: 20 })
  })

  it('may be for ever, replaced, and taken away again', async ({ expect }) => {
    const { key, override, path, call, get, passTo, latest } = await overridable()
    await override({ amount: 1, mode: 'forever', cycles: 0 })
    passTo(NOW + 1000 * DAY)
    const forever = { override_amount: 1, override_mode: 'forever', override_cycles_remaining: 0 }
    expect((await get(`${KEYS}/${key.id}`)).budget).toMatchObject({ ...forever, effective_max_limit: 11 })
    await override({ amount: 3, mode: 'cycles', cycles: 1 })
    expect((await get(`${KEYS}/${key.id}`)).budget.effective_max_limit).toBe(13)
    const cleared = await call('DELETE', path())
    expect(cleared).toMatchObject({ status: 200, body: { budget: PLAIN, effective_max_limit: 10 } })
    expect(latest(key.id)?.limits[0]).not.toHaveProperty('extra')
    expect((await call('DELETE', path())).status).toBe(200)
  })

  it('of a provider config’s budget, and of a key with several meters, goes where its limit is kept', async ({
    expect,
  }) => {
    const { key, override, path, latestOf } = await overridable({ meter: { regions: 'one', shards: 2 } })
    const own = key.provider_configs[0].budget.id
    expect(await override({ amount: 1, mode: 'forever' }, path(own))).toMatchObject({
      body: { effective_max_limit: 11 },
    })
    expect(latestOf(`virtual_key:${key.id}/provider:openai`)?.limits).toMatchObject([
      { id: own, max: 10e9, extra: { amount: 1e9, fromMs: NOW } },
    ])
    expect(latestOf(`virtual_key:${key.id}`)?.limits[0]).not.toHaveProperty('extra')
  })

  it('is in the audit trail, and has the version of its key', async ({ expect }) => {
    const { key, override, path, call, tenantId } = await overridable()
    const { headers } = await override({ amount: 1, mode: 'forever' })
    expect((await call('DELETE', path(), undefined, { 'if-match': '"1"' })).status).toBe(412)
    expect((await call('DELETE', path(), undefined, { 'if-match': headers.get('etag') ?? '' })).status).toBe(200)
    const text = `SELECT action, after ->> '$.budgets[0].override_amount_nano' AS amount FROM audit_event
      WHERE tenant_id = ?1 AND resource_id = ?2 ORDER BY id`
    const rows = (await env.DB.prepare(text).bind(tenantId, key.id).all()).results
    expect(rows.slice(1)).toEqual([
      { action: 'virtual_key.override_budget', amount: 1e9 },
      { action: 'virtual_key.clear_override', amount: NO_OVERRIDE.overrideAmountNano },
    ])
  })

  it.for<[body: unknown, message: string]>([
    ['{', 'Invalid JSON'],
    ['[]', 'Invalid JSON'],
    [{ amount: '5', mode: 'forever' }, 'Invalid JSON'],
    [{ amount: 5, mode: 1 }, 'Invalid JSON'],
    [{ amount: 5, mode: 'cycles', cycles: '1' }, 'Invalid JSON'],
    [{}, 'amount must be greater than 0'],
    [{ amount: 0, mode: 'forever' }, 'amount must be greater than 0'],
    [{ amount: -1, mode: 'forever' }, 'amount must be greater than 0'],
    [{ amount: 1e10, mode: 'forever' }, 'amount cannot be more than 9000000 dollars'],
    [{ amount: 0.1234567891, mode: 'forever' }, 'amount cannot have more than 9 decimal places'],
    [{ amount: 9e6, mode: 'forever' }, 'max_limit and its override together cannot be more than 9000000 dollars'],
    [{ amount: 1 }, 'mode must be "cycles" or "forever"'],
    [{ amount: 1, mode: 'Forever' }, 'mode must be "cycles" or "forever"'],
    [{ amount: 1, mode: 'cycles' }, 'cycles must be a whole number from 1 to 1000 where mode is "cycles"'],
    [{ amount: 1, mode: 'cycles', cycles: 0 }, 'cycles must be a whole number from 1 to 1000 where mode is "cycles"'],
    [{ amount: 1, mode: 'cycles', cycles: 1.5 }, 'cycles must be a whole number from 1 to 1000 where mode is "cycles"'],
    [
      { amount: 1, mode: 'cycles', cycles: 1001 },
      'cycles must be a whole number from 1 to 1000 where mode is "cycles"',
    ],
    [{ amount: 1, mode: 'forever', cycles: 2 }, 'cycles must be left out where mode is "forever"'],
  ])('refuses %j, and changes nothing', async ([body, message], { expect }) => {
    const { key, override, get, pushes } = await overridable()
    pushes()
    expect(await override(body)).toMatchObject(refusal(400, message))
    expect(pushes()).toEqual([])
    expect((await get(`${KEYS}/${key.id}`)).budget).toEqual(key.budget)
  })

  it('is of a budget of the key alone: all others are unknown, another tenant’s too', async ({ expect }) => {
    const { key, override, path, make, ...control } = await overridable()
    const other = await make(KEYS, { name: 'other', budgets: [DAILY] })
    const body = { amount: 1, mode: 'forever' }
    const unknown = refusal(404, 'virtual key or budget not found')
    for (const at of [path(other.budget.id), path(crypto.randomUUID()), path(undefined, crypto.randomUUID())]) {
      expect(await override(body, at)).toMatchObject(unknown)
      expect(await control.call('DELETE', at)).toMatchObject(unknown)
    }
    const stranger = await newTenant(control)
    expect(await send(control, stranger.adminKey, ['PUT', path(), body])).toMatchObject(unknown)
    const tooMuch = { budgets: [{ ...DAILY, max_limit: 9e6 }] }
    await override(body)
    const answer = await control.call('PUT', `${KEYS}/${key.id}`, tooMuch)
    expect(answer.body.error.message).toContain('max_limit and its override together cannot be more')
  })
})

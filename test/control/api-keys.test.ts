import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { type Call, fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { apiKeyOf } from './route-samples.ts'

const PATH = '/v1/api-keys'

async function open() {
  const clock = { nowMs: NOW }
  const control = fakeControl({ nowMs: () => clock.nowMs })
  const tenant = await newTenant(control)
  return { control, clock, ...tenant, as: (key: string, ...call: Call) => send(control, key, call) }
}

describe('an API key', () => {
  it('is shown once, with its prefix, role, scopes and maker, and stored nowhere', async ({ expect }) => {
    const { call, tenantId } = await open()
    const input = { name: 'CI', role: 'developer', scopes: ['keys:*'], expires_at: '2027-01-01T01:00:00+01:00' }
    const { status, body } = await call('POST', PATH, input)
    expect(status).toBe(201)
    expect(body).toMatchObject({
      ...{ name: 'CI', role: 'developer', scopes: ['keys:read', 'keys:write'] },
      ...{ expires_at: '2027-01-01T00:00:00.000Z', created_at: new Date(NOW).toISOString(), last_used_at: null },
      ...{ id: expect.stringMatching(/^key_/), created_by: expect.stringMatching(/^admin_key:/) },
    })
    expect(body.key.startsWith(body.prefix)).toBe(true)
    const list = await call('GET', PATH)
    const { key, ...shown } = body
    expect(list.body).toEqual({ data: [shown], pagination: { total: 1, limit: 100, offset: 0, has_more: false } })
    const rows = await env.DB.prepare('SELECT * FROM api_key WHERE tenant_id = ?1').bind(tenantId).all()
    expect(JSON.stringify(rows.results).replace(`hash of ${key}`, '')).not.toContain(key)
  })

  it('is a developer unless it says otherwise, and may do what its role may', async ({ expect }) => {
    const { call, as } = await open()
    const { body } = await call('POST', PATH, { name: 'x' })
    expect(body.role).toBe('developer')
    expect((await as(body.key, 'POST', KEYS, { name: 'k' })).status).toBe(200)
    expect((await as(body.key, 'POST', PATH, { name: 'y' })).status).toBe(403)
  })

  it('stops at once when it is deleted, and in the instant in which it expires', async ({ expect }) => {
    const { call, as, clock } = await open()
    const [gone, late] = [
      await call('POST', PATH, { name: 'gone' }),
      await call('POST', PATH, { name: 'late', expires_at: new Date(NOW + 1000).toISOString() }),
    ]
    expect((await as(gone.body.key, 'GET', KEYS)).status).toBe(200)
    expect((await call('DELETE', `${PATH}/${gone.body.id}`)).body).toEqual({ deleted: true })
    expect((await as(gone.body.key, 'GET', KEYS)).status).toBe(401)
    clock.nowMs += 999
    expect((await as(late.body.key, 'GET', KEYS)).status).toBe(200)
    clock.nowMs += 1
    expect((await as(late.body.key, 'GET', KEYS)).status).toBe(401)
  })

  it('is deleted once by those who delete it at the same time', async ({ expect }) => {
    const { call, tenantId } = await open()
    const { body } = await call('POST', PATH, { name: 'x' })
    const answers = await Promise.all([1, 2, 3].map(() => call('DELETE', `${PATH}/${body.id}`)))
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 404, 404])
    const count = `SELECT count(*) AS n FROM audit_event WHERE tenant_id = ?1 AND action = 'api_key.delete'`
    expect(await env.DB.prepare(count).bind(tenantId).first('n')).toBe(1)
  })

  it('can make no key that may do more than itself', async ({ expect }) => {
    const tenant = await open()
    const scopes = ['api_keys:write', 'keys:read']
    const admin = await apiKeyOf(tenant, { role: 'admin', scopes })
    const make = (input: object) => tenant.as(admin, 'POST', PATH, { name: 'x', ...input })
    expect((await make({ role: 'owner', scopes: ['keys:read'] })).status).toBe(403)
    expect((await make({ role: 'developer' })).status).toBe(403)
    expect((await make({ role: 'developer', scopes: ['keys:*'] })).body.details).toEqual({
      required_scope: 'keys:write',
    })
    expect((await make({ role: 'developer', scopes: ['keys:read'] })).status).toBe(201)
  })

  it('is marked as used once a minute, and works where that cannot be written', async ({ expect }) => {
    const { call, as, clock } = await open()
    const { body } = await call('POST', PATH, { name: 'x' })
    const used = async () => (await call('GET', PATH)).body.data[0].last_used_at
    const at = (ms: number) => new Date(NOW + ms).toISOString()
    await as(body.key, 'GET', KEYS)
    expect(await used()).toBe(at(0))
    clock.nowMs += 59_999
    await as(body.key, 'GET', KEYS)
    expect(await used()).toBe(at(0))
    clock.nowMs += 1
    await as(body.key, 'GET', KEYS)
    expect(await used()).toBe(at(60_000))
    await env.DB.prepare(
      'CREATE TRIGGER no_use BEFORE UPDATE OF last_used_ms ON api_key BEGIN SELECT RAISE(ABORT, 1); END',
    ).run()
    clock.nowMs += 60_000
    const answer = await as(body.key, 'GET', KEYS)
    await env.DB.prepare('DROP TRIGGER no_use').run()
    expect(answer.status).toBe(200)
  })

  it.for([
    [{}, 'name'],
    [{ name: ' ' }, 'name'],
    [{ name: 'x', role: 'king' }, 'role'],
    [{ name: 'x', scopes: [] }, 'scopes'],
    [{ name: 'x', scopes: ['keys:fly'] }, 'scopes'],
    [{ name: 'x', role: 'auditor', scopes: ['keys:write'] }, 'scopes'],
    [{ name: 'x', expires_at: '2020-01-01T00:00:00Z' }, 'expires_at'],
    [{ name: 'x', expires_at: 'soon' }, 'expires_at'],
  ] as const)('is not made of %j', async ([input, field], { expect }) => {
    const { call } = await open()
    const { status, body } = await call('POST', PATH, input)
    expect([status, body.code]).toEqual([400, 'request_invalid'])
    expect(body.detail).toContain(field)
    expect((await call('GET', PATH)).body.data).toEqual([])
  })
})

import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import type { ControlPorts } from '../../workers/control/ports.ts'
import { type Call, fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { newMember, PASSWORD } from './new-member.ts'

const TENANTS = '/v1/admin/tenants'
const OPERATOR = 'setup-token'

const name = () => `tenant ${crypto.randomUUID()}`
const email = () => `${crypto.randomUUID()}@acme.com`

function open(overrides?: Partial<ControlPorts>) {
  const control = fakeControl(overrides)
  const operate = (...call: Call) => send(control, OPERATOR, call)
  return { control, operate, send: (key: string | undefined, ...call: Call) => send(control, key, call) }
}

// Files share a database, and others set it up before this one does.
async function neverSetUp(): Promise<void> {
  await env.DB.prepare('DELETE FROM setup_state').run()
}

describe('setup, once', () => {
  const body = () => ({ tenant_name: name(), owner: { email: email().toUpperCase(), password: PASSWORD } })

  it('makes the first tenant, an owner who signs in, and an admin key, and nothing more ever after', async ({
    expect,
  }) => {
    await neverSetUp()
    const { operate, send: ask } = open({ setupMode: 'once' })
    const input = body()
    const first = await operate('POST', '/v1/setup', input)
    expect(first).toMatchObject({ status: 201, body: { data: { tenant_name: input.tenant_name } } })
    const { tenant_id, admin_key } = first.body.data
    expect((await ask(admin_key, 'GET', KEYS)).status).toBe(200)
    const login = await ask(undefined, 'POST', '/v1/auth/login', { email: input.owner.email, password: PASSWORD })
    expect(login.body.data.user).toMatchObject({ role: 'owner', tenant_id, email: input.owner.email.toLowerCase() })
    for (const again of [input, body(), { tenant_name: input.tenant_name }]) {
      const refused = await operate('POST', '/v1/setup', again)
      expect([refused.status, refused.body.code]).toEqual([409, 'setup_done'])
    }
    expect((await env.DB.prepare('SELECT tenant_id FROM setup_state').all()).results).toEqual([{ tenant_id }])
    expect((await operate('GET', `${TENANTS}?limit=1`)).status).toBe(200)
  })

  it('is won by one of those who come at the same time', async ({ expect }) => {
    await neverSetUp()
    const { operate } = open({ setupMode: 'once' })
    const answers = await Promise.all([1, 2, 3, 4].map(() => operate('POST', '/v1/setup', body())))
    expect(answers.map(answer => answer.status).sort()).toEqual([201, 409, 409, 409])
    const made = answers.find(answer => answer.status === 201)?.body.data.tenant_id
    const newest = 'SELECT tenant_id FROM admin_key WHERE created_ms = ?1 AND tenant_id = ?2'
    expect((await env.DB.prepare(newest).bind(NOW, made).all()).results.length).toBe(1)
  })

  it('wants an owner, and a password that is one', async ({ expect }) => {
    await neverSetUp()
    const { operate } = open({ setupMode: 'once' })
    const { tenant_name, owner } = body()
    for (const wrong of [undefined, { ...owner, password: 'short' }, { ...owner, email: 'nobody' }]) {
      const { status, body: said } = await operate('POST', '/v1/setup', { tenant_name, owner: wrong })
      expect([status, said.code]).toEqual([400, 'request_invalid'])
    }
    expect((await operate('POST', '/v1/setup', { tenant_name, owner })).status).toBe(201)
  })

  it('cannot begin in a deployment that was open, and has a tenant', async ({ expect }) => {
    await neverSetUp()
    await newTenant(fakeControl())
    expect((await open({ setupMode: 'once' }).operate('POST', '/v1/setup', body())).body.code).toBe('setup_done')
  })

  it('that is open gives no tenant that exists a new owner, and no account a new password', async ({ expect }) => {
    const { operate, send: ask } = open()
    const input = body()
    expect((await operate('POST', '/v1/setup', input)).status).toBe(201)
    expect((await operate('POST', '/v1/setup', input)).body.code).toBe('already_exists')
    const owner = { ...input.owner, password: 'another password' }
    const taken = await operate('POST', '/v1/setup', { tenant_name: name(), owner })
    expect([taken.status, taken.body.param]).toEqual([409, 'owner.email'])
    const login = { email: owner.email, password: owner.password }
    expect((await ask(undefined, 'POST', '/v1/auth/login', login)).status).toBe(401)
  })
})

describe("the operator's routes", () => {
  const CALLS: Call[] = [
    ['GET', TENANTS],
    ['POST', TENANTS, { name: name(), owner_email: email() }],
    ['PUT', `${TENANTS}/x/plan`, { plan: 'free' }],
    ['PUT', `${TENANTS}/x/status`, { status: 'suspended' }],
  ]

  it.for(CALLS)('are closed to every credential of a tenant: %s %s', async (call, { expect }) => {
    const { control, send: ask } = open()
    const { adminKey, tenantId } = await newTenant(control)
    const { accessToken } = await newMember(control, { tenantId, role: 'owner' })
    for (const key of [undefined, 'setup-tokem', adminKey, accessToken]) {
      expect((await ask(key, ...call)).status).toBe(401)
    }
    expect((await send(fakeControl({ setupToken: undefined }), OPERATOR, call)).status).toBe(404)
  })

  it('make a tenant with an invitation for its owner, who is then the only one in it', async ({ expect }) => {
    const { operate, send: ask } = open()
    const input = { name: name(), owner_email: email(), plan: 'growth' }
    const { status, body } = await operate('POST', TENANTS, input)
    expect(status).toBe(201)
    expect(body.data).toMatchObject({
      name: input.name,
      plan: 'growth',
      status: 'active',
      invitation: { role: 'owner' },
    })
    expect((await operate('POST', TENANTS, input)).body.code).toBe('already_exists')
    const accept = { token: body.data.invitation.token, name: 'Ada', password: PASSWORD }
    const member = await ask(undefined, 'POST', '/v1/auth/invitations/accept', accept)
    expect(member.body.data).toMatchObject({ tenant_id: body.data.id, email: input.owner_email, role: 'owner' })
    const login = await ask(undefined, 'POST', '/v1/auth/login', { email: input.owner_email, password: PASSWORD })
    const plan = await ask(login.body.data.accessToken, 'GET', '/v1/tenant/plan')
    expect(plan.body.data).toEqual({ plan: 'growth', is_default: false, requests_per_minute: 300 })
  })

  it('list tenants in pages, with nothing of what is in them', async ({ expect }) => {
    const { control, operate } = open()
    const { tenantId } = await newTenant(control)
    const all = await operate('GET', `${TENANTS}?limit=1000`)
    const mine = all.body.data.find((one: { id: string }) => one.id === tenantId)
    const names = ['id', 'name', 'display_name', 'plan', 'status', 'suspended_at', 'created_at', 'shard']
    expect(Object.keys(mine)).toEqual(names)
    expect(all.body.pagination.total).toBe(all.body.data.length)
    expect((await operate('GET', `${TENANTS}?limit=0`)).status).toBe(400)
  })

  it('set the plan, which the tenant reads and cannot set, and which its audit trail tells', async ({ expect }) => {
    const { control, operate } = open()
    const { tenantId, call } = await newTenant(control)
    const plan = async () => (await call('GET', '/v1/tenant/plan')).body.data
    expect(await plan()).toEqual({ plan: 'free', is_default: true, requests_per_minute: 60 })
    await call('PATCH', '/v1/tenant', { plan: 'enterprise', settings: { plan: 'enterprise' } })
    expect((await plan()).plan).toBe('free')
    expect((await operate('PUT', `${TENANTS}/${tenantId}/plan`, { plan: 'scale' })).body.data.plan).toBe('scale')
    expect(await plan()).toEqual({ plan: 'scale', is_default: false, requests_per_minute: 1000 })
    const { data } = (await call('GET', '/v1/identity/audit?limit=1')).body
    expect(data[0]).toMatchObject({ action: 'tenant.set_plan', before: { plan: null }, after: { plan: 'scale' } })
    expect((await operate('PUT', `${TENANTS}/${tenantId}/plan`, { plan: null })).body.data.plan).toBeNull()
    expect((await operate('PUT', `${TENANTS}/${tenantId}/plan`, { plan: 'gold' })).status).toBe(400)
    expect((await operate('PUT', `${TENANTS}/${crypto.randomUUID()}/plan`, { plan: null })).status).toBe(404)
  })
})

describe('a suspended tenant', () => {
  async function suspended() {
    const { control, operate, send: ask } = open()
    const tenant = await newTenant(control)
    const key = (await tenant.call('POST', KEYS, { name: 'k' })).body.virtual_key
    const member = await newMember(control, { tenantId: tenant.tenantId, role: 'owner' })
    const set = (status: string) => operate('PUT', `${TENANTS}/${tenant.tenantId}/status`, { status })
    const latest = () => control.pushed.findLast(snapshot => snapshot.keyId === key.id)
    return { control, operate, ask, ...tenant, key, member, set, latest }
  }

  it('is refused to all of its credentials with the next request, and let in again as it was', async ({ expect }) => {
    const { call, ask, member, set, latest, key } = await suspended()
    const plain = latest()
    const { status, body } = await set('suspended')
    expect([status, body.data.status, body.data.suspended_at]).toEqual([200, 'suspended', new Date(NOW).toISOString()])
    expect(latest()).toEqual({ ...plain, version: 2, isActive: false })
    for (const answer of [await call('GET', KEYS), await ask(member.accessToken, 'GET', '/v1/me')]) {
      expect([answer.status, answer.body.code ?? answer.body.error.message]).toEqual([
        403,
        answer.body.code ? 'tenant_suspended' : expect.stringContaining('suspended'),
      ])
    }
    expect((await set('suspended')).body.data.suspended_at).toBe(body.data.suspended_at)
    await set('active')
    expect(latest()).toEqual({ ...plain, version: latest()?.version })
    const shown = await call('GET', `${KEYS}/${key.id}`)
    expect([shown.status, shown.body.virtual_key.is_active]).toEqual([200, true])
  })

  it('keeps a key that is off switched off when it is let in again', async ({ expect }) => {
    const { call, set, latest, key } = await suspended()
    await call('PUT', `${KEYS}/${key.id}`, { is_active: false })
    await set('suspended')
    await set('active')
    expect(latest()?.isActive).toBe(false)
  })

  it('takes nobody in: its invitations are not valid', async ({ expect }) => {
    const { call, ask, set } = await suspended()
    const { token } = (await call('POST', '/v1/tenant/members', { email: email() })).body.data
    await set('suspended')
    const accept = () => ask(undefined, 'POST', '/v1/auth/invitations/accept', { token, name: 'x', password: PASSWORD })
    expect((await accept()).status).toBe(401)
    await set('active')
    expect((await accept()).status).toBe(201)
  })

  it('suspends no other', async ({ expect }) => {
    const { control, set } = await suspended()
    const other = await newTenant(control)
    await other.call('POST', KEYS, { name: 'k' })
    control.pushed.length = 0
    await set('suspended')
    expect(control.pushed.map(snapshot => snapshot.tenantId)).not.toContain(other.tenantId)
    expect((await other.call('GET', KEYS)).status).toBe(200)
  })
})

describe('an open deployment', () => {
  const HERE = 'http://127.0.0.1:8787'

  /** The first of all tenants is this test's own: one of another test may be suspended. */
  async function openly() {
    const { control, send: ask } = open({ isOpen: true })
    const { tenantId: firstId } = await newTenant(control)
    const before = 'UPDATE tenant SET created_ms = (SELECT MIN(created_ms) FROM tenant) - 1 WHERE id = ?1'
    await env.DB.prepare(before).bind(firstId).run()
    return { ask, firstId, control }
  }

  it('is managed without a credential from its own machine, in the name of the first tenant', async ({ expect }) => {
    const { ask, firstId, control } = await openly()
    const made = await ask(undefined, 'POST', `${HERE}${KEYS}`, { name: `open ${crypto.randomUUID()}` })
    expect(made.status).toBe(200)
    const { id } = made.body.virtual_key
    expect(control.pushed.find(({ keyId }) => keyId === id)?.tenantId).toBe(firstId)
    const audit = 'SELECT actor_kind, actor_id FROM audit_event WHERE tenant_id = ?1 AND resource_id = ?2'
    expect(await env.DB.prepare(audit).bind(firstId, id).first()).toEqual({ actor_kind: 'admin_key', actor_id: 'open' })
  })

  it.for<[what: string, url: string, headers: Record<string, string>]>([
    ['by another name', `http://weir.example${KEYS}`, {}],
    ['from a page of elsewhere', `${HERE}${KEYS}`, { origin: 'https://evil.example' }],
    ['from a page of elsewhere that does not say so', `${HERE}${KEYS}`, { 'sec-fetch-site': 'cross-site' }],
    ['with a key that is none', `${HERE}${KEYS}`, { authorization: 'Bearer weir-admin-none' }],
    ['with a password', `${HERE}${KEYS}`, { authorization: 'Basic YTpi' }],
    ['beside /api', `${HERE}/v1/limits`, {}],
  ])('is closed %s', async ([, url, headers], { expect }) => {
    const { ask } = await openly()
    expect((await ask(undefined, 'GET', url, undefined, headers)).status).toBe(401)
  })

  it('is not what a deployment is unless it says so', async ({ expect }) => {
    const { send: ask } = open()
    expect((await ask(undefined, 'GET', `${HERE}${KEYS}`)).status).toBe(401)
  })
})

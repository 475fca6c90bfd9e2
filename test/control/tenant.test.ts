import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { bucketOf, isFlagOn } from '../../workers/core/access/feature-flag.ts'
import { ROLES, type Role } from '../../workers/core/access/role.ts'
import { type Call, fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { join, newMember, newUser, PASSWORD } from './new-member.ts'
import { apiKeyOf } from './route-samples.ts'

const DAY_MS = 86_400_000
const MEMBERS = '/v1/tenant/members'
const ACCEPT = '/v1/auth/invitations/accept'
const FLAGS = '/v1/tenant/feature-flags'

async function open() {
  const clock = { nowMs: NOW }
  const control = fakeControl({ nowMs: () => clock.nowMs })
  const tenant = await newTenant(control)
  const as = (key: string, ...call: Call) => send(control, key, call)
  const login = async (email: string, password = PASSWORD, more = {}) =>
    send(control, undefined, ['POST', '/v1/auth/login', { email, password, ...more }])
  const invite = async (input: object) => (await tenant.call('POST', MEMBERS, input)).body.data
  const accept = (body: object) =>
    send(control, undefined, ['POST', ACCEPT, { name: 'Ada', password: PASSWORD, ...body }])
  const member = async (role: Role) => {
    const signedIn = await newMember(control, { tenantId: tenant.tenantId, role })
    const { data } = (await tenant.call('GET', `${MEMBERS}?limit=1000`)).body
    return { ...signedIn, id: data.find((one: { email: string }) => one.email === signedIn.email).id as string }
  }
  return { control, clock, ...tenant, as, login, invite, accept, member }
}

const address = () => `${crypto.randomUUID()}@acme.com`

async function auditOf({ call }: { call: (...call: Call) => Promise<{ body: { data: { action: string }[] } }> }) {
  return (await call('GET', '/v1/identity/audit?limit=1000')).body.data.map(one => one.action)
}

describe('a tenant', () => {
  it('starts with the defaults, changes what is named, and takes back what is null', async ({ expect }) => {
    const { call, tenantId } = await open()
    const { body, headers } = await call('GET', '/v1/tenant')
    const defaults = {
      ...{ allowed_origins: [], governance_compat: null, budget_exceeded_status: 429 },
      ...{ default_residency: null, data_retention_days: null },
    }
    expect(body.data).toMatchObject({ id: tenantId, plan: null, settings: defaults })
    expect(headers.get('etag')).toBe('"1"')
    const settings = { governance_compat: '1.4', budget_exceeded_status: 402, default_residency: 'eu' }
    const changed = await call('PATCH', '/v1/tenant', {
      name: 'New',
      settings: { ...settings, data_retention_days: 30 },
    })
    expect(changed.body.data).toMatchObject({
      name: 'New',
      settings: { ...defaults, ...settings, data_retention_days: 30 },
    })
    expect(changed.headers.get('etag')).toBe('"2"')
    const back = { governance_compat: null, budget_exceeded_status: null, default_residency: null }
    const reset = await call('PATCH', '/v1/tenant', { settings: back })
    expect(reset.body.data).toMatchObject({ name: 'New', settings: { ...defaults, data_retention_days: 30 } })
    const row = await env.DB.prepare('SELECT settings FROM tenant WHERE id = ?1').bind(tenantId).first('settings')
    expect(row).toBe('{"data_retention_days":30}')
    expect((await call('GET', '/v1/tenant')).body).toEqual(reset.body)
  })

  it.for([
    { name: ' ' },
    { settings: { allowed_origins: ['https://a.example/path'] } },
    { settings: { allowed_origins: ['*'] } },
    { settings: { governance_compat: '1.5' } },
    { settings: { budget_exceeded_status: 403 } },
    { settings: { default_residency: 'moon' } },
    { settings: { data_retention_days: 0 } },
  ])('is not changed by %j', async (input, { expect }) => {
    const { call } = await open()
    const before = await call('GET', '/v1/tenant')
    const { status, body } = await call('PATCH', '/v1/tenant', input)
    expect([status, body.code]).toEqual([400, 'request_invalid'])
    expect((await call('GET', '/v1/tenant')).body).toEqual(before.body)
  })

  it('may call itself as another one does: no answer tells who else is here', async ({ expect }) => {
    const [mine, theirs] = [await open(), await open()]
    const { name } = (await theirs.call('GET', '/v1/tenant')).body.data
    const { status, body } = await mine.call('PATCH', '/v1/tenant', { name })
    expect([status, body.data.name]).toEqual([200, name])
    expect((await mine.call('GET', '/v1/tenant')).body.data.id).toBe(mine.tenantId)
  })

  it('tells all its keys of what concerns them, in their next versions, and of nothing else', async ({ expect }) => {
    const { call, control } = await open()
    const make = async (body: object) => (await call('POST', KEYS, body)).body.virtual_key.id as string
    const bare = await make({ name: 'bare' })
    const granted = await make({
      name: 'granted',
      provider_configs: [{ provider: 'openai', allowed_models: ['*'], key_ids: ['*'] }],
    })
    const none = await make({ name: 'none', provider_configs: [{ provider: 'openai', key_ids: [] }] })
    const latest = (id: string) => control.pushed.findLast(snapshot => snapshot.keyId === id)
    const plain = latest(bare)
    control.pushed.length = 0
    await call('PATCH', '/v1/tenant', { name: 'x', settings: { data_retention_days: 3, allowed_origins: [] } })
    expect(control.pushed).toEqual([])
    await call('PATCH', '/v1/tenant', { settings: { governance_compat: '1.4', budget_exceeded_status: 402 } })
    const settings = { governanceCompat: '1.4', budgetExceededStatus: 402 }
    expect(latest(bare)).toEqual({ ...plain, version: 2, tenantSettings: settings, allowsAnyProvider: true })
    for (const id of [granted, none]) {
      expect(latest(id)).toMatchObject({ version: 2, tenantSettings: settings })
      expect(latest(id)).not.toHaveProperty('allowsAnyProvider')
    }
    await call('PATCH', '/v1/tenant', { settings: { governance_compat: null } })
    expect(latest(bare)).toEqual({ ...plain, version: 3, tenantSettings: { budgetExceededStatus: 402 } })
    const later = await make({ name: 'later' })
    expect(latest(later)?.tenantSettings).toEqual({ budgetExceededStatus: 402 })
    await call('PATCH', '/v1/tenant', { settings: { budget_exceeded_status: 429 } })
    expect(latest(bare)).toEqual({ ...plain, version: 4 })
    const required = await call('PATCH', '/v1/tenant', {
      settings: { required_headers: ['X-Team', 'x-feature', 'x-team'] },
    })
    expect(required.body.data.settings.required_headers).toEqual(['x-feature', 'x-team'])
    expect(latest(bare)).toEqual({ ...plain, version: 5, tenantSettings: { requiredHeaders: ['x-feature', 'x-team'] } })
    await call('PATCH', '/v1/tenant', { settings: { required_headers: [] } })
    expect(latest(bare)).toEqual({ ...plain, version: 6 })
    for (const name of ['', 'a b', 'x:y', 'x'.repeat(65), 5])
      expect((await call('PATCH', '/v1/tenant', { settings: { required_headers: [name] } })).status).toBe(400)
  })

  it('gives a key that may use all the accounts of its own tenant, and tells it of their changes', async ({
    expect,
  }) => {
    const { call, control } = await open()
    const { id } = (await call('POST', KEYS, { name: 'bare' })).body.virtual_key
    const accounts = () => control.pushed.findLast(snapshot => snapshot.keyId === id)?.accounts?.map(one => one.name)
    const keys = [{ name: 'own', value: 'sk-own-0123456789' }]
    const before = await call('POST', '/api/providers', { provider: 'openai', keys })
    expect([before.status < 300, accounts()]).toEqual([true, undefined])
    await call('PATCH', '/v1/tenant', { settings: { governance_compat: '1.4' } })
    expect(accounts()).toEqual(['openai'])
    await call('POST', '/api/providers', { provider: 'anthropic', keys })
    expect(accounts()).toEqual(['anthropic', 'openai'])
    await call('PATCH', '/v1/tenant', { settings: { governance_compat: null } })
    expect(accounts()).toBeUndefined()
  })

  it('answers 503 where a meter does not hear of it, with the change saved for the cron', async ({ expect }) => {
    let fails = false
    const pushSnapshot = async () => {
      if (fails) throw new Error('no answer')
    }
    const { call, tenantId } = await newTenant(fakeControl({ pushSnapshot }))
    await call('POST', KEYS, { name: 'k' })
    fails = true
    const { status, body } = await call('PATCH', '/v1/tenant', { settings: { budget_exceeded_status: 402 } })
    expect([status, body.code]).toEqual([503, 'change_pending'])
    const text = `SELECT version - pushed_version AS behind, body ->> '$.tenantSettings.budgetExceededStatus' AS status
      FROM key_snapshot WHERE tenant_id = ?1`
    expect(await env.DB.prepare(text).bind(tenantId).first()).toEqual({ behind: 1, status: 402 })
  })

  it('loses no change of those who change it at once', async ({ expect }) => {
    const { call } = await open()
    const fields = [{ data_retention_days: 9 }, { default_residency: 'us' }, { budget_exceeded_status: 402 }]
    const answers = await Promise.all(fields.map(settings => call('PATCH', '/v1/tenant', { settings })))
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200])
    const { body, headers } = await call('GET', '/v1/tenant')
    expect(body.data.settings).toMatchObject(Object.assign({}, ...fields))
    const etag = headers.get('etag') ?? ''
    const once = await Promise.all(['a', 'b'].map(name => call('PATCH', '/v1/tenant', { name }, { 'if-match': etag })))
    expect(once.map(answer => answer.status).sort()).toEqual([200, 412])
  })

  it('lets pages of its origins read, from the next answer on', async ({ expect }) => {
    const { call } = await open()
    const origin = 'https://app.example'
    const seen = async () => (await call('GET', KEYS, undefined, { origin })).headers.get('access-control-allow-origin')
    expect(await seen()).toBeNull()
    await call('PATCH', '/v1/tenant', { settings: { allowed_origins: [origin] } })
    expect(await seen()).toBe(origin)
    await call('PATCH', '/v1/tenant', { settings: { allowed_origins: null } })
    expect(await seen()).toBeNull()
  })
})

describe('an invitation', () => {
  it('makes an account and a member, who signs in; its token is shown once and stored nowhere', async ({ expect }) => {
    const tenant = await open()
    const { call, invite, accept, login, tenantId } = tenant
    const email = address()
    const invited = await invite({ email: ` ${email.toUpperCase()} `, role: 'finance' })
    expect(invited).toMatchObject({ email, role: 'finance', is_expired: false })
    expect(Date.parse(invited.expires_at)).toBe(NOW + 7 * DAY_MS)
    const list = await call('GET', '/v1/tenant/invitations')
    const { token, ...shown } = invited
    expect(list.body.data).toEqual([shown])
    const rows = await env.DB.prepare('SELECT * FROM invitation WHERE tenant_id = ?1').bind(tenantId).all()
    expect(JSON.stringify(rows.results).replace(`hash of ${token}`, '')).not.toContain(token)
    const { status, body } = await accept({ token, name: 'Grace' })
    expect(status).toBe(201)
    expect(body.data).toMatchObject({ tenant_id: tenantId, email, name: 'Grace', role: 'finance', status: 'active' })
    const session = await login(email)
    expect((await tenant.as(session.body.data.accessToken, 'GET', '/v1/tenant')).body.data.id).toBe(tenantId)
    expect((await call('GET', '/v1/tenant/invitations')).body.data).toEqual([])
    expect((await call('GET', MEMBERS)).body.data).toEqual([expect.objectContaining({ email, role: 'finance' })])
    expect((await auditOf(tenant)).slice(0, 3)).toEqual(['session.create', 'member.create', 'invitation.create'])
  })

  it('is good for seven days, and for one, and not when revoked, replaced or changed: all in the same words', async ({
    expect,
  }) => {
    const { call, invite, accept, clock } = await open()
    const email = address()
    const [replaced, late] = [await invite({ email }), await invite({ email })]
    const [revoked, used] = [await invite({ email: address() }), await invite({ email: address() })]
    await call('DELETE', `/v1/tenant/invitations/${revoked.id}`)
    expect((await call('DELETE', `/v1/tenant/invitations/${revoked.id}`)).status).toBe(404)
    expect((await accept({ token: used.token })).status).toBe(201)
    clock.nowMs += 7 * DAY_MS
    const wrong = [replaced.token, late.token, revoked.token, used.token, `${late.token}x`, 'weir-inv-x', 'x']
    const answers = await Promise.all(wrong.map(token => accept({ token })))
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body.code, body.detail]))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 401, body: { code: 'key_invalid' } })
    clock.nowMs -= 1
    expect((await accept({ token: late.token })).status).toBe(201)
  })

  it('is accepted once by those who come at the same time', async ({ expect }) => {
    const { call, invite, accept } = await open()
    const { token } = await invite({ email: address() })
    const answers = await Promise.all([1, 2, 3, 4].map(() => accept({ token })))
    expect(answers.map(answer => answer.status).filter(status => status === 201)).toEqual([201])
    expect((await call('GET', MEMBERS)).body.pagination.total).toBe(1)
  })

  it('of one who has an account wants its password, and changes neither it nor what others call them', async ({
    expect,
  }) => {
    const [mine, theirs] = [await open(), await open()]
    const { email } = await mine.member('developer')
    const { token } = await theirs.invite({ email, role: 'owner' })
    const taken = await theirs.accept({ token, password: 'a password of my own choice' })
    expect([taken.status, taken.body.code]).toEqual([401, 'key_invalid'])
    expect((await theirs.login(email, 'a password of my own choice')).status).toBe(401)
    const joined = await theirs.accept({ token, name: 'Somebody Else' })
    expect([joined.status, joined.body.data.name, joined.body.data.role]).toEqual([201, 'Somebody Else', 'owner'])
    const { user } = (await mine.login(email, PASSWORD, { tenant_id: mine.tenantId })).body.data
    expect([user.role, user.name]).toEqual(['developer', 'Ada'])
    // Nor does one tenant hear what another one calls its members.
    expect((await mine.call('GET', MEMBERS)).body.data).toEqual([expect.objectContaining({ email, name: null })])
  })

  it('of one without a password, or who is disabled, lets nobody set one', async ({ expect }) => {
    const { invite, accept, login } = await open()
    for (const change of ['password_hash = NULL', 'disabled_ms = 1']) {
      const { email, userId } = await newUser()
      await env.DB.prepare(`UPDATE user SET ${change} WHERE id = ?1`).bind(userId).run()
      const { token } = await invite({ email })
      expect((await accept({ token })).status).toBe(401)
      expect((await login(email)).status).toBe(401)
    }
  })

  it('is not made for a member, and says nothing of accounts elsewhere', async ({ expect }) => {
    const [mine, theirs] = [await open(), await open()]
    const [here, there] = [await mine.member('agent'), await theirs.member('agent')]
    expect((await mine.call('POST', MEMBERS, { email: here.email })).body.code).toBe('already_exists')
    const [known, unknown] = [await mine.invite({ email: there.email }), await mine.invite({ email: address() })]
    expect(Object.keys(known)).toEqual(Object.keys(unknown))
  })

  it('counts wrong tokens as wrong credentials of their address, and then reads none', async ({ expect }) => {
    const failures: string[] = []
    const standing = { ok: true, limit: 20, remaining: 1, resetMs: NOW + 1000 }
    let isOpen = true
    const control = fakeControl({
      noteFailure: async from => {
        failures.push(from)
        return standing
      },
      readFailures: async () => ({ ...standing, ok: isOpen }),
    })
    const body = { token: 'weir-inv-x', name: 'x', password: PASSWORD }
    const call: Call = ['POST', ACCEPT, body, { 'cf-connecting-ip': '192.0.2.1' }]
    expect((await send(control, undefined, call)).status).toBe(401)
    expect(failures).toEqual(['192.0.2.1'])
    isOpen = false
    expect((await send(control, undefined, call)).body.code).toBe('attempts_limited')
  })
})

describe('a role', () => {
  it('changes with the next request of a token that is out already, up and down', async ({ expect }) => {
    const { call, as, member } = await open()
    const { id, accessToken } = await member('auditor')
    const make = () => as(accessToken, 'POST', KEYS, { name: crypto.randomUUID() })
    expect((await make()).status).toBe(403)
    await call('PATCH', `${MEMBERS}/${id}/role`, { role: 'developer' })
    expect((await make()).status).toBe(200)
    await call('PATCH', `${MEMBERS}/${id}/role`, { role: 'auditor' })
    expect((await make()).status).toBe(403)
  })

  it('is gone with the member: its next request is refused, its refresh token too, and whom it invited stays out', async ({
    expect,
  }) => {
    const { call, as, member, accept, control } = await open()
    const { id, accessToken, refreshToken } = await member('admin')
    const invited = await as(accessToken, 'POST', MEMBERS, { email: address(), role: 'admin' })
    expect((await call('DELETE', `${MEMBERS}/${id}`)).status).toBe(200)
    expect((await as(accessToken, 'GET', '/v1/tenant')).status).toBe(401)
    const refresh: Call = ['POST', '/v1/auth/refresh-tokens', { refreshToken }]
    expect((await send(control, undefined, refresh)).status).toBe(401)
    expect((await accept({ token: invited.body.data.token })).status).toBe(401)
    expect((await call('DELETE', `${MEMBERS}/${id}`)).status).toBe(404)
  })

  it('is never given above its own, by anyone, to anyone, from anything', async ({ expect }) => {
    const { as, control, tenantId, member } = await open()
    const rank = (role: Role) => ROLES.indexOf(role)
    const admin = await newMember(control, { tenantId, role: 'admin' })
    const targets = await Promise.all(ROLES.map(async role => [role, (await member(role)).id] as const))
    for (const [from, id] of targets) {
      for (const role of ROLES) {
        const { status } = await as(admin.accessToken, 'PATCH', `${MEMBERS}/${id}/role`, { role })
        const isAbove = rank(from) < rank('admin') || rank(role) < rank('admin')
        expect([from, role, status]).toEqual([from, role, isAbove ? 403 : 200])
      }
    }
    const [[, ownerId] = []] = targets
    expect((await as(admin.accessToken, 'DELETE', `${MEMBERS}/${ownerId}`)).status).toBe(403)
    const invite = (role: Role) => as(admin.accessToken, 'POST', MEMBERS, { email: address(), role })
    expect((await invite('owner')).status).toBe(403)
    expect((await invite('admin')).status).toBe(201)
  })

  it('is given by a key of few scopes to nobody who could do more', async ({ expect }) => {
    const tenant = await open()
    const key = await apiKeyOf(tenant, { role: 'owner', scopes: ['members:write', 'limits:read'] })
    for (const role of ROLES) {
      expect((await tenant.as(key, 'POST', MEMBERS, { email: address(), role })).status).toBe(403)
    }
  })

  it('of the last owner stays: by name, by removal, and where two owners unmake each other at once', async ({
    expect,
  }) => {
    const tenant = await open()
    const { call, member, tenantId } = tenant
    const only = await member('owner')
    const demoted = await call('PATCH', `${MEMBERS}/${only.id}/role`, { role: 'admin' })
    expect([demoted.status, demoted.body.code]).toEqual([409, 'last_owner'])
    expect((await call('DELETE', `${MEMBERS}/${only.id}`)).body.code).toBe('last_owner')
    expect((await call('PATCH', `${MEMBERS}/${only.id}/role`, { role: 'owner' })).status).toBe(200)
    for (let round = 0; round < 5; round += 1) {
      const other = await member('owner')
      const [first, second] = await Promise.all([
        call('PATCH', `${MEMBERS}/${only.id}/role`, { role: 'admin' }),
        call('DELETE', `${MEMBERS}/${other.id}`),
      ])
      expect([first.status, second.status].sort()).toEqual([200, 409])
      const count = `SELECT count(*) AS n FROM member WHERE tenant_id = ?1 AND role = 'owner'`
      expect(await env.DB.prepare(count).bind(tenantId).first('n')).toBe(1)
      if (first.status === 200) {
        await call('PATCH', `${MEMBERS}/${only.id}/role`, { role: 'owner' })
        await call('DELETE', `${MEMBERS}/${other.id}`)
      }
    }
  })

  it('of an owner who cannot sign in counts for none', async ({ expect }) => {
    const { call, member } = await open()
    const [one, other] = [await member('owner'), await member('owner')]
    await env.DB.prepare('UPDATE user SET disabled_ms = 1 WHERE id = ?1').bind(other.userId).run()
    expect((await call('DELETE', `${MEMBERS}/${one.id}`)).body.code).toBe('last_owner')
  })

  it('is taken once by those who remove at the same time, and told once', async ({ expect }) => {
    const tenant = await open()
    const { id } = await tenant.member('developer')
    const answers = await Promise.all([1, 2, 3].map(() => tenant.call('DELETE', `${MEMBERS}/${id}`)))
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 404, 404])
    expect((await auditOf(tenant)).filter(action => action === 'member.delete').length).toBe(1)
  })
})

describe('X-Active-Tenant-Id', () => {
  const name = 'x-active-tenant-id'

  async function twoTenants() {
    const [mine, theirs] = [await open(), await open()]
    const user = await mine.member('developer')
    await join(user.userId, { tenantId: theirs.tenantId, role: 'auditor' })
    const get = (tenantId: string, key = user.accessToken) =>
      mine.as(key, 'GET', '/v1/tenant', undefined, { [name]: tenantId })
    return { mine, theirs, user, get }
  }

  it("switches one request to another of the user's tenants, with the role it has there", async ({ expect }) => {
    const { mine, theirs, user, get } = await twoTenants()
    expect((await get(theirs.tenantId)).body.data.id).toBe(theirs.tenantId)
    expect((await get(theirs.tenantId.toUpperCase())).body.data.id).toBe(theirs.tenantId)
    expect((await mine.as(user.accessToken, 'GET', '/v1/tenant')).body.data.id).toBe(mine.tenantId)
    const make = (more: object) => mine.as(user.accessToken, 'POST', KEYS, { name: 'k' }, { ...more })
    expect((await make({ [name]: theirs.tenantId })).status).toBe(403)
    expect((await make({})).status).toBe(200)
    expect((await theirs.call('GET', KEYS)).body.virtual_keys).toEqual([])
  })

  it('answers the same for a tenant of others and for none, and lets no key switch', async ({ expect }) => {
    const { mine, get, theirs } = await twoTenants()
    const stranger = await open()
    const answers = await Promise.all([stranger.tenantId, crypto.randomUUID(), 'nonsense'].map(id => get(id)))
    expect(new Set(answers.map(({ status, body }) => JSON.stringify([status, body]))).size).toBe(1)
    expect(answers[0]).toMatchObject({ status: 403, body: { code: 'tenant_forbidden' } })
    for (const key of [mine.adminKey, await apiKeyOf(mine, { role: 'owner' })]) {
      expect((await get(theirs.tenantId, key)).body.code).toBe('tenant_forbidden')
      expect((await get(mine.tenantId, key)).status).toBe(200)
    }
  })

  it('stops with the membership, at once', async ({ expect }) => {
    const { theirs, user, get } = await twoTenants()
    const { data } = (await theirs.call('GET', MEMBERS)).body
    const { id } = data.find((one: { email: string }) => one.email === user.email)
    await theirs.call('DELETE', `${MEMBERS}/${id}`)
    expect((await get(theirs.tenantId)).body.code).toBe('tenant_forbidden')
  })
})

describe('branding', () => {
  it('is set as a whole, in one form of writing, and read by every member', async ({ expect }) => {
    const { call, as, member } = await open()
    const nothing = { logo_url: null, primary_color: null, accent_color: null, background_color: null }
    const empty = await call('GET', '/v1/tenant/branding')
    expect(empty.body.data).toEqual({ ...nothing, custom_domain: null, updated_at: null })
    const logo_url = 'https://cdn.acme.com/logo.svg'
    const input = { logo_url, primary_color: '#AbCdEf', custom_domain: 'AI.Acme.com' }
    const put = await call('PUT', '/v1/tenant/branding', input, { 'if-match': empty.headers.get('etag') ?? '' })
    const shown = { ...nothing, logo_url, primary_color: '#abcdef', custom_domain: 'ai.acme.com' }
    expect(put.body.data).toEqual({ ...shown, updated_at: new Date(NOW).toISOString() })
    const { accessToken } = await member('agent')
    expect((await as(accessToken, 'GET', '/v1/tenant/branding')).body).toEqual(put.body)
    expect((await call('PUT', '/v1/tenant/branding', {}, { 'if-match': '"0"' })).status).toBe(412)
    expect((await call('PUT', '/v1/tenant/branding', {})).body.data).toMatchObject(nothing)
  })

  it.for([
    { logo_url: 'http://cdn.acme.com/logo.svg' },
    { logo_url: 'javascript:alert(1)' },
    { logo_url: 'https://user:pw@acme.com/' },
    { logo_url: 'https://acme.com/"onload=' },
    { primary_color: 'red' },
    { accent_color: '#12345' },
    { background_color: '#fff;background:url(x)' },
    { custom_domain: 'localhost' },
    { custom_domain: 'acme.com/path' },
    { custom_domain: '-a.com' },
    { custom_domain: '192.0.2.1' },
  ])('is not %j', async (input, { expect }) => {
    const { call } = await open()
    const { status, body } = await call('PUT', '/v1/tenant/branding', input)
    expect([status, body.code]).toEqual([400, 'request_invalid'])
  })
})

describe('feature flags', () => {
  it('are on for whom they are meant, and can be changed by who may', async ({ expect }) => {
    const { call, as, member } = await open()
    await call('PUT', `${FLAGS}/all`, { enabled: true })
    await call('PUT', `${FLAGS}/off`, { enabled: false })
    await call('PUT', `${FLAGS}/nobody`, { enabled: true, percentage: 0 })
    await call('PUT', `${FLAGS}/finance`, { enabled: true, roles: ['finance', 'owner'], description: 'for money' })
    const seen = async (role: Role) => (await as((await member(role)).accessToken, 'GET', FLAGS)).body.data
    expect(await seen('finance')).toEqual({ all: true, off: false, nobody: false, finance: true })
    expect(await seen('agent')).toEqual({ all: true, off: false, nobody: false, finance: false })
    const { accessToken } = await member('developer')
    expect((await as(accessToken, 'PUT', `${FLAGS}/all`, { enabled: false })).status).toBe(403)
    expect((await call('DELETE', `${FLAGS}/all`)).status).toBe(200)
    expect((await call('GET', `${FLAGS}/all`)).status).toBe(404)
    expect(Object.keys(await seen('owner'))).toEqual(['finance', 'nobody', 'off'])
  })

  it.for([
    ['Bad Name', { enabled: true }],
    ['x'.repeat(64), { enabled: true }],
    ['x', {}],
    ['x', { enabled: true, percentage: 50.5 }],
    ['x', { enabled: true, percentage: 101 }],
    ['x', { enabled: true, roles: [] }],
    ['x', { enabled: true, roles: ['king'] }],
  ] as const)('are not %j %j', async ([name, input], { expect }) => {
    const { call } = await open()
    expect((await call('PUT', `${FLAGS}/${encodeURIComponent(name)}`, input)).status).toBe(400)
  })

  const viewer = fc.record({
    ...{ tenantId: fc.uuid(), kind: fc.constantFrom('user', 'api_key'), id: fc.uuid() },
    role: fc.constantFrom(...ROLES),
  })

  it('never turn off for anyone when the percentage grows, and are for all at 100 and for none at 0', ({ expect }) => {
    const percent = fc.integer({ min: 0, max: 100 })
    fc.assert(
      fc.property(fc.string(), viewer, fc.tuple(percent, percent), (name, who, [a, b]) => {
        const at = (percentage: number) => isFlagOn(name, { isEnabled: true, percentage, roles: null }, who)
        if (at(Math.min(a, b))) expect(at(Math.max(a, b))).toBe(true)
        expect([at(0), at(100)]).toEqual([false, true])
        expect(isFlagOn(name, { isEnabled: false, percentage: 100, roles: null }, who)).toBe(false)
      }),
    )
  })

  it('are for about as many as they say, and not for the same people each time', ({ expect }) => {
    const people = Array.from({ length: 4000 }, (_, index) => ({ tenantId: 't', kind: 'user', id: String(index) }))
    const having = (flag: string) => new Set(people.filter(who => bucketOf(flag, who) < 25).map(who => who.id))
    const [one, other] = [having('one'), having('other')]
    for (const { size } of [one, other]) expect(Math.abs(size - 1000)).toBeLessThan(120)
    expect(Math.abs([...one].filter(id => other.has(id)).length - 250)).toBeLessThan(80)
  })
})

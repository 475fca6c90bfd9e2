import { env, exports } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { ControlPorts } from '../../workers/control/ports.ts'
import { isCostOf } from '../../workers/core/sign-in/password.ts'
import { type Control, fakeControl, fakeSignIn, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { join, newMember, newUser, PASSWORD } from './new-member.ts'
import { apiKeyOf } from './route-samples.ts'

const DAY_MS = 86_400_000

async function open(overrides: Partial<ControlPorts> = {}) {
  const clock = { nowMs: NOW }
  const control = fakeControl({ nowMs: () => clock.nowMs, ...overrides })
  const tenant = await newTenant(control)
  return {
    control,
    clock,
    ...tenant,
    member: await newMember(control, { tenantId: tenant.tenantId, role: 'developer' }),
  }
}

const logIn = (control: Control, body: object, headers: Record<string, string> = {}) =>
  send(control, undefined, ['POST', '/v1/auth/login', body, headers])
const refresh = (control: Control, refreshToken: string) =>
  send(control, undefined, ['POST', '/v1/auth/refresh-tokens', { refreshToken }])
const logOut = (control: Control, refresh_token: string) =>
  send(control, undefined, ['POST', '/v1/auth/logout', { refresh_token }])
const me = async (control: Control, token: string, headers: Record<string, string> = {}) =>
  send(control, token, ['GET', '/v1/me', undefined, headers])

async function actionsOf(tenantId: string): Promise<string[]> {
  const text = 'SELECT action, actor_kind, actor_id FROM audit_event WHERE tenant_id = ?1 ORDER BY id'
  const { results } = await env.DB.prepare(text).bind(tenantId).all<Record<string, string>>()
  return results.map(({ action, actor_kind, actor_id }) => `${actor_kind}:${actor_id} ${action}`)
}

describe('signing in with a password', () => {
  it('answers two tokens and who it is, in the names that clients know, and keeps neither token', async ({
    expect,
  }) => {
    const { control, tenantId, member } = await open()
    const { status, body } = await logIn(control, { email: ` ${member.email.toUpperCase()} `, password: PASSWORD })
    expect(status).toBe(200)
    const user = {
      id: `usr_${member.userId}`,
      email: member.email,
      name: 'Ada',
      role: 'developer',
      tenant_id: tenantId,
    }
    const { accessToken, refreshToken } = body.data
    expect(body).toEqual({ data: { accessToken, refreshToken, expiresIn: 900, user } })
    const [head, claims] = accessToken
      .split('.')
      .slice(0, 2)
      .map((part: string) => JSON.parse(atob(part)))
    expect(head).toEqual({ alg: 'HS256', typ: 'at+jwt' })
    const times = { iat: NOW / 1000, exp: NOW / 1000 + 900 }
    const who = { iss: 'weir', aud: 'weir', sub: member.userId, tenant: tenantId, role: 'developer', typ: 'access' }
    expect(claims).toEqual({ ...who, ...times, jti: expect.any(String), sid: expect.any(String) })
    expect((await me(control, accessToken)).body).toMatchObject({ id: user.id, principal: { kind: 'user' } })
    const rows = await env.DB.prepare('SELECT * FROM refresh_token WHERE tenant_id = ?1').bind(tenantId).all()
    expect(JSON.stringify(rows.results)).not.toContain(refreshToken.split('.')[1])
    expect((await actionsOf(tenantId)).at(-1)).toBe(`user:${member.userId} session.create`)
  })

  it('lets a role do what it may and nothing else, as it is at the moment of the request', async ({ expect }) => {
    const { control, tenantId, member } = await open()
    const status = async (path: string) => (await send(control, member.accessToken, ['GET', path])).status
    expect([await status(KEYS), await status('/v1/identity/audit')]).toEqual([200, 403])
    const set = (column: string, value: string) =>
      env.DB.prepare(`UPDATE member SET ${column} = ?1 WHERE tenant_id = ?2`).bind(value, tenantId).run()
    await set('role', 'auditor')
    expect([await status(KEYS), await status('/v1/identity/audit')]).toEqual([200, 200])
    await set('status', 'suspended')
    expect(await status(KEYS)).toBe(401)
  })

  it('says the same of whatever is wrong', async ({ expect }) => {
    const { control, member, tenantId } = await open()
    const [disabled, stranger, suspended, byProvider] = [
      await newUser(),
      await newUser(),
      await newUser(),
      await newUser(),
    ]
    for (const one of [disabled, suspended, byProvider]) await join(one.userId, { tenantId, role: 'owner' })
    const at = (text: string, id: string) => env.DB.prepare(text).bind(id).run()
    await at('UPDATE user SET disabled_ms = 1 WHERE id = ?1', disabled.userId)
    await at("UPDATE member SET status = 'suspended' WHERE user_id = ?1", suspended.userId)
    await at('UPDATE user SET password_hash = NULL WHERE id = ?1', byProvider.userId)
    const wrong = [
      { email: 'nobody@acme.com', password: PASSWORD },
      { email: 'not an address', password: PASSWORD },
      { email: member.email, password: `${PASSWORD} ` },
      { email: member.email, password: PASSWORD, tenant_id: crypto.randomUUID() },
      ...[disabled, stranger, suspended, byProvider].map(({ email }) => ({ email, password: PASSWORD })),
    ]
    const answers = await Promise.all(wrong.map(body => logIn(control, body)))
    for (const { status, body, headers } of answers) {
      expect([status, body.code]).toEqual([401, 'sign_in_refused'])
      expect([body, [...headers]]).toEqual([answers[0]?.body, [...(answers[0]?.headers ?? [])]])
    }
    expect((await actionsOf(tenantId)).filter(action => action.endsWith('session.create')).length).toBe(1)
  })

  it('is for the tenant that is asked for, or else for the one that the user is in the longest', async ({ expect }) => {
    const { control, tenantId, member } = await open()
    const other = await newTenant(control)
    await join(member.userId, { tenantId: other.tenantId, role: 'owner', createdMs: NOW - 1 })
    const at = async (tenant_id?: string) => {
      const { body } = await logIn(control, { email: member.email, password: PASSWORD, tenant_id })
      return [body.data.user.tenant_id, body.data.user.role]
    }
    expect(await at()).toEqual([other.tenantId, 'owner'])
    expect(await at(tenantId)).toEqual([tenantId, 'developer'])
  })

  it('hashes a password anew where hashes cost more today', async ({ expect }) => {
    const cost = { log2Cost: 5, blockSize: 8, parallel: 1 }
    const { member } = await open({ signIn: fakeSignIn({ passwordCost: cost }) })
    const stored = () =>
      env.DB.prepare('SELECT password_hash FROM user WHERE id = ?1').bind(member.userId).first<string>('password_hash')
    const hash = (await stored()) ?? ''
    expect(isCostOf(hash, cost)).toBe(true)
    const later = fakeControl({ signIn: fakeSignIn({ passwordCost: cost }) })
    expect((await logIn(later, { email: member.email, password: PASSWORD })).status).toBe(200)
    expect(await stored()).toBe(hash)
  })

  it.for([
    [{ email: 'a@b.c' }, 'password'],
    [{ password: PASSWORD }, 'email'],
    [{ email: 'a@b.c', password: 'x'.repeat(201) }, 'password'],
    [{ email: 'a@b.c', password: PASSWORD, tenant_id: "' OR 1" }, 'tenant_id'],
  ] as const)('is not tried with %j', async ([body, field], { expect }) => {
    const answer = await logIn((await open()).control, body)
    expect([answer.status, answer.body.code]).toEqual([400, 'request_invalid'])
    expect(answer.body.detail).toContain(field)
  })

  it('works through the Worker as it is deployed, at the full cost of a hash', async ({ expect }) => {
    const control = fakeControl()
    const { tenantId } = await newTenant(control)
    const { userId, email } = await newUser()
    await join(userId, { tenantId, role: 'auditor' })
    const post = (password: string) =>
      exports.default.fetch('http://weir.test/v1/auth/login', {
        method: 'POST',
        body: JSON.stringify({ email, password }),
      })
    const { data } = (await (await post(PASSWORD)).json()) as { data: { accessToken: string } }
    const authorization = `Bearer ${data.accessToken}`
    const answer = await exports.default.fetch('http://weir.test/v1/me', { headers: { authorization } })
    expect(await answer.json()).toMatchObject({ email, principal: { role: 'auditor' }, plan: 'enterprise' })
    expect((await post('wrong password')).status).toBe(401)
  })

  it('counts each try by the address that Cloudflare tells, under a hash of it', async ({ expect }) => {
    const headers = { 'cf-connecting-ip': '2001:db8:1:2:3::4' }
    const body = JSON.stringify({ email: 'nobody@acme.com', password: 'x' })
    // Of before: an instant that lies behind a window counts into it, should a minute end here.
    const nowMs = Date.now()
    await exports.default.fetch('http://weir.test/v1/auth/login', { method: 'POST', headers, body })
    const hash = createHmac('sha256', env.WEIR_SECRET).update('weir client address: 2001:db8:1:2').digest('base64url')
    const read = (name: string, max: number) => env.RATE.getByName(name).read({ nowMs, max })
    expect((await read(`login:${hash}`, 30)).remaining).toBe(29)
    expect((await read(`client:${hash}`, 20)).remaining).toBe(19)
  })
})

describe('an access token', () => {
  it('opens nothing with any letter of what it says changed', async ({ expect }) => {
    const { control, member } = await open()
    const [head = '', claims = '', signature] = member.accessToken.split('.')
    const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'.split('')
    const said = `${head}.${claims}`
    await fc.assert(
      fc.asyncProperty(fc.nat(said.length - 1), fc.constantFrom(...letters), async (at, letter) => {
        const changed = `${said.slice(0, at)}${letter}${said.slice(at + 1)}`
        fc.pre(changed !== said)
        expect((await me(control, `${changed}.${signature}`)).status).toBe(401)
      }),
      { numRuns: 60 },
    )
    expect((await me(control, member.accessToken)).status).toBe(200)
  })
})

describe('guessing at passwords', () => {
  const from = (address: string) => ({ 'cf-connecting-ip': address })

  it('is stopped before anything is read or hashed', async ({ expect }) => {
    const { member } = await open()
    const full = { ok: false, limit: 30, remaining: 0, resetMs: NOW + 30_000 }
    const signIn = fakeSignIn({ takeLogin: async () => full })
    Object.defineProperty(signIn, 'passwordCost', {
      get() {
        throw new Error('was hashed')
      },
    })
    const db = new Proxy({} as ControlPorts['db'], {
      get() {
        throw new Error('was read')
      },
    })
    const body = { email: member.email, password: PASSWORD }
    const answer = await logIn(fakeControl({ signIn, db }), body, from('1.2.3.4'))
    expect([answer.status, answer.body.code, answer.headers.get('retry-after')]).toEqual([
      429,
      'attempts_limited',
      '30',
    ])
  })

  it('has exactly the allowed number hashed of those that come at once, and locks nobody else out', async ({
    expect,
  }) => {
    const places = crypto.randomUUID()
    const takeLogin = (address: string) => env.RATE.getByName(`login:${places}${address}`).take({ nowMs: NOW, max: 30 })
    const { control, member } = await open({ signIn: fakeSignIn({ takeLogin }) })
    const guess = { email: member.email, password: 'wrong password' }
    const answers = await Promise.all(Array.from({ length: 40 }, () => logIn(control, guess, from('1.2.3.4'))))
    expect(answers.filter(({ status }) => status === 401).length).toBe(30)
    expect(answers.filter(({ status }) => status === 429).length).toBe(10)
    const right = { email: member.email, password: PASSWORD }
    expect((await logIn(control, right, from('1.2.3.4'))).status).toBe(429)
    expect((await logIn(control, right, from('5.6.7.8'))).status).toBe(200)
  })

  it('counts a wrong password, and a wrong refresh token, as a wrong credential', async ({ expect }) => {
    const noted: string[] = []
    const standing = { ok: true, limit: 20, remaining: 1, resetMs: NOW }
    const { control, member, clock } = await open({
      noteFailure: async address => {
        noted.push(address)
        return standing
      },
    })
    await logIn(control, { email: member.email, password: 'wrong' }, from('1.2.3.4'))
    const token = `weir-rt-${crypto.randomUUID()}.${'A'.repeat(43)}`
    await send(control, undefined, ['POST', '/v1/auth/refresh-tokens', { refreshToken: token }, from('1.2.3.5')])
    await logIn(control, { email: member.email, password: PASSWORD }, from('1.2.3.6'))
    await me(control, `${member.accessToken}x`, from('1.2.3.7'))
    expect(noted).toEqual(['1.2.3.4', '1.2.3.5', '1.2.3.7'])
    // A token that was good once is no guess: many people behind one address have such.
    clock.nowMs += 900_000
    const late = await me(control, member.accessToken, from('1.2.3.8'))
    expect([late.status, late.body.code]).toEqual([401, 'token_expired'])
    clock.nowMs = NOW
    await logOut(control, member.refreshToken)
    expect((await me(control, member.accessToken, from('1.2.3.8'))).body.code).toBe('token_expired')
    expect(noted.length).toBe(3)
  })
})

describe('a refresh token', () => {
  it('is good once, for the next one and a new access token', async ({ expect }) => {
    const { control, clock, member } = await open()
    clock.nowMs += 900_000
    expect((await me(control, member.accessToken)).status).toBe(401)
    const { status, body } = await refresh(control, member.refreshToken)
    expect(status).toBe(200)
    expect(body.data.refreshToken).not.toBe(member.refreshToken)
    expect((await me(control, body.data.accessToken)).status).toBe(200)
    expect((await refresh(control, body.data.refreshToken)).status).toBe(200)
  })

  it('ends its whole sign-in when it comes a second time, and that is written down', async ({ expect }) => {
    const { control, member, tenantId } = await open()
    const other = await logIn(control, { email: member.email, password: PASSWORD })
    const next = (await refresh(control, member.refreshToken)).body.data
    expect((await me(control, next.accessToken)).status).toBe(200)
    expect((await refresh(control, member.refreshToken)).body.code).toBe('sign_in_refused')
    expect((await refresh(control, next.refreshToken)).status).toBe(401)
    for (const token of [next.accessToken, member.accessToken]) expect((await me(control, token)).status).toBe(401)
    expect((await actionsOf(tenantId)).filter(one => one.endsWith('session.revoke_reused'))).toEqual([
      `user:${member.userId} session.revoke_reused`,
    ])
    // Another sign-in of the same user is another family.
    expect((await me(control, other.body.data.accessToken)).status).toBe(200)
  })

  it('gives at most one next one to those who bring it at once, and then nobody keeps it', async ({ expect }) => {
    const { control, member } = await open()
    const answers = await Promise.all([1, 2, 3, 4].map(() => refresh(control, member.refreshToken)))
    const given = answers.filter(({ status }) => status === 200)
    expect(given.length).toBe(1)
    for (const { body } of given) expect((await refresh(control, body.data.refreshToken)).status).toBe(401)
    expect((await me(control, member.accessToken)).status).toBe(401)
  })

  it('runs out after thirty days, and is worth nothing once its user is disabled or no member any more', async ({
    expect,
  }) => {
    const { control, clock, member, tenantId } = await open()
    clock.nowMs += 30 * DAY_MS - 1
    const next = (await refresh(control, member.refreshToken)).body.data.refreshToken
    const change = (text: string, id: string) => env.DB.prepare(text).bind(id).run()
    await change("UPDATE member SET status = 'suspended' WHERE tenant_id = ?1", tenantId)
    expect((await refresh(control, next)).status).toBe(401)
    await change("UPDATE member SET status = 'active' WHERE tenant_id = ?1", tenantId)
    await change('UPDATE user SET disabled_ms = 1 WHERE id = ?1', member.userId)
    expect((await refresh(control, next)).status).toBe(401)
    await change('UPDATE user SET disabled_ms = NULL WHERE id = ?1', member.userId)
    clock.nowMs += 30 * DAY_MS
    expect((await refresh(control, next)).status).toBe(401)
  })

  it.for(['', 'x', 'weir-rt-', `weir-rt-${crypto.randomUUID()}.${'A'.repeat(43)}`, "weir-rt-' OR 1=1 --"])(
    'is not any other text: %j',
    async (token, { expect }) => {
      const { status } = await refresh((await open()).control, token)
      expect(status).toBe(token === '' ? 400 : 401)
    },
  )

  it("opens nothing under another tenant's name", async ({ expect }) => {
    const { control, member, tenantId } = await open()
    const other = await newTenant(control)
    const moved = member.refreshToken.replace(tenantId, other.tenantId)
    expect((await refresh(control, moved)).status).toBe(401)
    expect((await refresh(control, member.refreshToken)).status).toBe(200)
  })
})

describe('signing out', () => {
  it('ends this sign-in and its access tokens at once, and no other', async ({ expect }) => {
    const { control, member, tenantId } = await open()
    const other = (await logIn(control, { email: member.email, password: PASSWORD })).body.data
    expect((await logOut(control, member.refreshToken)).body).toEqual({ data: { ended: true } })
    expect((await me(control, member.accessToken)).status).toBe(401)
    expect((await refresh(control, member.refreshToken)).status).toBe(401)
    expect((await me(control, other.accessToken)).status).toBe(200)
    expect((await logOut(control, member.refreshToken)).status).toBe(200)
    expect((await actionsOf(tenantId)).filter(one => one.endsWith('session.delete')).length).toBe(1)
  })
})

describe('changing a password', () => {
  const NEW = 'another battery staple'
  const change = (control: Control, token: string, body: object) =>
    send(control, token, ['POST', '/v1/auth/password', body])

  it('puts the new one in the place of the old one and ends all other sign-ins', async ({ expect }) => {
    const { control, member, tenantId } = await open()
    const other = (await logIn(control, { email: member.email, password: PASSWORD })).body.data
    const body = { current_password: PASSWORD, new_password: NEW }
    expect((await change(control, member.accessToken, body)).status).toBe(200)
    expect((await logIn(control, { email: member.email, password: PASSWORD })).status).toBe(401)
    expect((await logIn(control, { email: member.email, password: NEW })).status).toBe(200)
    expect((await me(control, member.accessToken)).status).toBe(200)
    expect((await me(control, other.accessToken)).status).toBe(401)
    expect((await refresh(control, other.refreshToken)).status).toBe(401)
    const rows = await env.DB.prepare(
      "SELECT before, after FROM audit_event WHERE tenant_id = ?1 AND action = 'user.change_password'",
    )
      .bind(tenantId)
      .all()
    expect(rows.results.length).toBe(1)
    expect(JSON.stringify(rows.results)).not.toMatch(/scrypt|password_hash/)
  })

  it('needs the current one, and a user who signed in with it', async ({ expect }) => {
    const { control, member, adminKey } = await open()
    const wrong = await change(control, member.accessToken, { current_password: NEW, new_password: NEW })
    expect([wrong.status, wrong.body.code]).toEqual([401, 'sign_in_refused'])
    const asKey = await change(control, adminKey, { current_password: PASSWORD, new_password: NEW })
    expect([asKey.status, asKey.body.code]).toEqual([403, 'scope_missing'])
    expect((await logIn(control, { email: member.email, password: PASSWORD })).status).toBe(200)
  })

  it('gives one of two at once its way', async ({ expect }) => {
    const { control, member } = await open()
    const passwords = [`${NEW} 1`, `${NEW} 2`]
    const answers = await Promise.all(
      passwords.map(one => change(control, member.accessToken, { current_password: PASSWORD, new_password: one })),
    )
    const won = answers.findIndex(({ status }) => status === 200)
    const good = await Promise.all(passwords.map(password => logIn(control, { email: member.email, password })))
    expect(good.filter(({ status }) => status === 200).length).toBe(1)
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThanOrEqual(1)
    expect(won).toBeGreaterThanOrEqual(0)
  })

  it.for([
    ['x'.repeat(9), 400],
    ['x'.repeat(10), 200],
    ['密码密码密码密码密码', 200],
    ['x'.repeat(200), 200],
    ['x'.repeat(201), 400],
  ] as const)('wants 10 to 200 characters, whichever: %s', async ([new_password, status], { expect }) => {
    const { control, member } = await open()
    const answer = await change(control, member.accessToken, { current_password: PASSWORD, new_password })
    expect(answer.status).toBe(status)
  })
})

describe('X-Active-Tenant-Id', () => {
  const to = (tenantId: string) => ({ 'x-active-tenant-id': tenantId })

  it("is another tenant of the user's, with the role that the user has there", async ({ expect }) => {
    const { control, tenantId, member } = await open()
    const other = await newTenant(control)
    await join(member.userId, { tenantId: other.tenantId, role: 'owner' })
    const made = await send(control, member.accessToken, ['POST', KEYS, { name: 'there' }, to(other.tenantId)])
    expect(made.status).toBe(200)
    expect(JSON.stringify((await other.call('GET', KEYS)).body)).toContain('there')
    expect((await send(control, member.accessToken, ['GET', KEYS])).body.virtual_keys).toEqual([])
    const { body } = await me(control, member.accessToken, to(other.tenantId))
    expect(body).toMatchObject({ tenant_id: other.tenantId, principal: { role: 'owner' } })
    expect(body.tenants.map((one: { id: string }) => one.id).sort()).toEqual([tenantId, other.tenantId].sort())
    expect((await actionsOf(other.tenantId)).at(-1)).toBe(`user:${member.userId} virtual_key.create`)
  })

  it('is refused in the same words where the user is no member, is none any more, or there is no such tenant', async ({
    expect,
  }) => {
    const { control, member, adminKey, tenantId, ...tenant } = await open()
    const [other, former] = [await newTenant(control), await newTenant(control)]
    await join(member.userId, { tenantId: former.tenantId, role: 'owner' })
    await env.DB.prepare("UPDATE member SET status = 'suspended' WHERE tenant_id = ?1").bind(former.tenantId).run()
    const ids = [other.tenantId, former.tenantId, crypto.randomUUID(), "' OR 1=1 --", '*']
    const key = await apiKeyOf(tenant, { role: 'owner' })
    for (const token of [member.accessToken, adminKey, key]) {
      const answers = await Promise.all(ids.map(id => me(control, token, to(id))))
      for (const { status, body } of answers) {
        expect([status, body.code, body]).toEqual([403, 'tenant_forbidden', answers[0]?.body])
      }
      expect((await me(control, token, to(tenantId.toUpperCase()))).status).toBe(200)
    }
  })
})

describe('GET /v1/me', () => {
  it('tells who the caller is, whatever it is', async ({ expect }) => {
    const { control, member, tenantId, adminKey, call } = await open()
    const { body: asUser } = await me(control, member.accessToken)
    const company = asUser.company
    const shared = { company, plan: 'free', created_at: new Date(NOW).toISOString(), tenant_id: tenantId }
    const tenants = (role: string) => [{ id: tenantId, name: company, role }]
    expect(asUser).toEqual({
      ...{ id: `usr_${member.userId}`, email: member.email, name: 'Ada', ...shared, tenants: tenants('developer') },
      principal: { kind: 'user', id: member.userId, role: 'developer' },
      scopes: expect.arrayContaining(['keys:write']),
    })
    const asAdmin = (await me(control, adminKey)).body
    expect(asAdmin).toMatchObject({ email: null, name: null, ...shared, tenants: tenants('owner') })
    const key = await apiKeyOf({ call }, { role: 'auditor', scopes: ['events:read'] })
    expect((await me(control, key)).body).toMatchObject({ scopes: ['events:read'], principal: { kind: 'api_key' } })
  })
})

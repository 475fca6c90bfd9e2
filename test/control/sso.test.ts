import { env } from 'cloudflare:workers'
import { createHmac } from 'node:crypto'
import { exportJWK, exportSPKI, generateKeyPair, type JWTPayload, SignJWT } from 'jose'
import { describe, it } from 'vitest'
import { type Call, type Control, fakeControl, fakeSignIn, NOW, newTenant, send } from './fake-ports.ts'
import { join, newUser } from './new-member.ts'
import { apiKeyOf } from './route-samples.ts'

const MINUTE_MS = 60_000
const DAY_MS = 86_400_000
const SSO = '/v1/identity/sso'

type Signer = { kid: string; alg: string; privateKey: CryptoKey; publicKey: CryptoKey }

async function newSigner(kid: string, alg = 'RS256'): Promise<Signer> {
  return { kid, alg, ...(await generateKeyPair(alg, { extractable: true })) }
}

const KEY_1 = await newSigner('k1')
const KEY_2 = await newSigner('k2')
const KEY_EC = await newSigner('e1', 'ES256')
const STRANGE = await newSigner('k1')

const publicJwk = async ({ kid, alg, publicKey }: Signer) => ({ ...(await exportJWK(publicKey)), kid, alg, use: 'sig' })

/** An identity provider that counts how often it is asked, and can be switched off. */
function identityProvider() {
  const issuer = `https://${crypto.randomUUID()}.example.com`
  const state = { asked: [] as string[], isUp: true, keys: [] as unknown[], issuerOfDocument: issuer }
  const fetchJson = async (address: string): Promise<unknown> => {
    state.asked.push(address)
    if (!state.isUp) throw new Error('down')
    if (address === `${issuer}/jwks`) return { keys: state.keys }
    if (address !== `${issuer}/.well-known/openid-configuration`) throw new Error('404')
    return { issuer: state.issuerOfDocument, jwks_uri: `${issuer}/jwks` }
  }
  return { issuer, state, fetchJson }
}

async function open() {
  const clock = { nowMs: NOW }
  const idp = identityProvider()
  idp.state.keys = [await publicJwk(KEY_1), await publicJwk(KEY_EC)]
  const control = fakeControl({ nowMs: () => clock.nowMs, signIn: fakeSignIn({ fetchJson: idp.fetchJson }) })
  const tenant = await newTenant(control)
  const settings = { name: 'idp', issuer: idp.issuer, audience: 'weir-app', jwks_uri: `${idp.issuer}/jwks` }
  const add = async (more: object = {}, at: typeof tenant = tenant) => {
    const { status, body } = await at.call('POST', SSO, { ...settings, ...more })
    if (status !== 201) throw new Error(JSON.stringify(body))
    return body.data.id as string
  }
  const { userId, email } = await newUser()
  await join(userId, { tenantId: tenant.tenantId, role: 'developer' })
  const nowSeconds = () => Math.floor(clock.nowMs / 1000)
  const claimsOf = (): JWTPayload => ({ iss: idp.issuer, aud: 'weir-app', sub: 'u', email, exp: nowSeconds() + 600 })
  const sign = (claims: JWTPayload = {}, signer = KEY_1, header: object = {}) =>
    new SignJWT({ ...claimsOf(), iat: nowSeconds(), ...claims })
      .setProtectedHeader({ alg: signer.alg, kid: signer.kid, ...header })
      .sign(signer.privateKey)
  return { control, clock, idp, ...tenant, settings, add, userId, email, sign, nowSeconds }
}

const me = (control: Control, token: string, headers: Record<string, string> = {}) =>
  send(control, token, ['GET', '/v1/me', undefined, headers])

describe('a JWT of an identity provider', () => {
  it('lets in a member of the tenant that has the provider, in the role that it has there', async ({ expect }) => {
    const { control, add, sign, userId, email, tenantId } = await open()
    await add({ algorithms: ['RS256', 'ES256'] })
    for (const signer of [KEY_1, KEY_EC]) {
      const { status, body } = await me(control, await sign({ email: email.toUpperCase() }, signer))
      expect([status, body.principal]).toEqual([200, { kind: 'user', id: userId, role: 'developer' }])
      expect(body).toMatchObject({ tenant_id: tenantId, tenants: [{ id: tenantId }] })
    }
  })

  it('lets in nobody who is no member, is suspended or disabled, or whose address nobody has verified', async ({
    expect,
  }) => {
    const { control, add, sign, userId, tenantId } = await open()
    await add()
    const stranger = await newUser()
    const claims = [{ email: stranger.email }, { email: 'nobody@acme.com' }, { email: 'x' }, { email: 5 }]
    for (const one of [...claims, { email_verified: false }, { email: undefined }]) {
      expect((await me(control, await sign(one as JWTPayload))).status).toBe(401)
    }
    const set = (text: string, id: string) => env.DB.prepare(text).bind(id).run()
    await set("UPDATE member SET status = 'suspended' WHERE tenant_id = ?1", tenantId)
    expect((await me(control, await sign())).status).toBe(401)
    await set("UPDATE member SET status = 'active' WHERE tenant_id = ?1", tenantId)
    expect((await me(control, await sign())).status).toBe(200)
    await set('UPDATE user SET disabled_ms = 1 WHERE id = ?1', userId)
    expect((await me(control, await sign())).status).toBe(401)
  })

  it('makes a member of whom the provider vouches for where it shall, once, in its name', async ({ expect }) => {
    const { control, add, sign, tenantId } = await open()
    const id = await add({ jit_provisioning: true, default_role: 'auditor' })
    const email = `${crypto.randomUUID()}@acme.com`
    const token = await sign({ email, name: 'Grace' })
    // The keys are at hand, so that nobody waits for them.
    expect((await me(control, await sign())).status).toBe(200)
    const answers = await Promise.all([1, 2, 3].map(() => me(control, token)))
    for (const { status, body } of answers) {
      expect([status, body.email, body.principal.role]).toEqual([200, email, 'auditor'])
    }
    const named = env.DB.prepare('SELECT name FROM user WHERE email = ?1').bind(email)
    expect(await named.first()).toEqual({ name: 'Grace' })
    const text = "SELECT actor_kind, actor_id FROM audit_event WHERE tenant_id = ?1 AND action = 'member.create'"
    const { results } = await env.DB.prepare(text).bind(tenantId).all()
    expect(results).toEqual([{ actor_kind: 'sso_provider', actor_id: id.replace('sso_', '') }])
    // A user of another tenant becomes a member of this one, and stays one user.
    const known = await newUser()
    const { body } = await me(control, await sign({ email: known.email }))
    expect(body.principal.id).toBe(known.userId)
  })

  it('tells nothing of a user that other tenants know: not the name, nor since when, nor that there was one', async ({
    expect,
  }) => {
    const { control, clock, add, sign, tenantId } = await open()
    await add({ jit_provisioning: true, default_role: 'auditor' })
    const [known, stranger] = [(await newUser()).email, `${crypto.randomUUID()}@acme.com`]
    clock.nowMs += MINUTE_MS
    const shown = async (email: string) => {
      const { id, principal, ...rest } = (await me(control, await sign({ email, name: 'Grace' }))).body
      return { ...rest, email: '', kind: principal.kind }
    }
    expect(await shown(known)).toEqual(await shown(stranger))
    const text = "SELECT after FROM audit_event WHERE tenant_id = ?1 AND action = 'member.create' ORDER BY id"
    const { results } = await env.DB.prepare(text).bind(tenantId).all<{ after: string }>()
    const [first, second] = results.map(({ after }) => Object.keys(JSON.parse(after)))
    expect(first).toEqual(second)
    expect(JSON.stringify(results)).not.toContain('Ada')
  })

  it('has the role that its claim maps to, the mightiest of several, and no other', async ({ expect }) => {
    const { control, add, sign } = await open()
    const role_mapping = { Admins: 'admin', Money: 'finance' }
    await add({ role_claim: 'groups', role_mapping })
    const roleOf = async (groups: unknown) => (await me(control, await sign({ groups }))).body.principal?.role
    expect(await roleOf(['x', 'Money', 'Admins'])).toBe('admin')
    expect(await roleOf('Money')).toBe('finance')
    for (const none of [[], 'admins', ['developer'], 'toString', '__proto__', { Admins: 1 }, undefined]) {
      expect(await roleOf(none)).toBeUndefined()
    }
  })

  it("proves its user in the provider's tenant and in no other, whatever else the user is a member of", async ({
    expect,
  }) => {
    const { control, add, sign, userId } = await open()
    await add()
    const other = await newTenant(control)
    await join(userId, { tenantId: other.tenantId, role: 'owner' })
    const answer = await me(control, await sign(), { 'x-active-tenant-id': other.tenantId })
    expect(answer.status).toBe(401)
    const body = { current_password: 'x', new_password: 'y'.repeat(10) }
    expect((await send(control, await sign(), ['POST', '/v1/auth/password', body])).status).toBe(403)
  })

  it('is of the tenant whose provider has its audience; where several have, X-Active-Tenant-Id chooses', async ({
    expect,
  }) => {
    const { control, add, sign, userId, tenantId } = await open()
    await add()
    const other = await newTenant(control)
    await join(userId, { tenantId: other.tenantId, role: 'finance' })
    const tenantOf = async (claims: JWTPayload, wanted?: string) => {
      const headers: Record<string, string> = wanted ? { 'x-active-tenant-id': wanted } : {}
      return (await me(control, await sign(claims), headers)).body.tenant_id
    }
    await add({ audience: 'their-app' }, other)
    expect(await tenantOf({})).toBe(tenantId)
    expect(await tenantOf({ aud: 'their-app' })).toBe(other.tenantId)
    expect(await tenantOf({ aud: ['their-app', 'weir-app'] })).toBeUndefined()
    await add({}, other)
    expect(await tenantOf({})).toBeUndefined()
    expect(await tenantOf({}, tenantId)).toBe(tenantId)
    expect(await tenantOf({}, other.tenantId)).toBe(other.tenantId)
  })
})

describe('an attack on a JWT', () => {
  type Setup = Awaited<ReturnType<typeof open>>
  const b64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
  const claimsIn = (token: string) => JSON.parse(atob(token.split('.')[1] ?? ''))
  const hmac = (secret: string, header: object, claims: object) => {
    const signed = `${b64(header)}.${b64(claims)}`
    return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
  }

  /** Forged tokens by what is wrong with them. */
  const FORGED: Record<string, (setup: Setup) => Promise<string>> = {
    'alg none': async ({ sign }) => `${b64({ alg: 'none', kid: 'k1' })}.${b64(claimsIn(await sign()))}.`,
    'alg None, with a signature': async ({ sign }) => {
      const [, claims, signature] = (await sign()).split('.')
      return `${b64({ alg: 'None', kid: 'k1' })}.${claims}.${signature}`
    },
    'the public key as an HMAC secret, as PEM': async ({ sign }) =>
      hmac(await exportSPKI(KEY_1.publicKey), { alg: 'HS256', kid: 'k1' }, claimsIn(await sign())),
    'the public key as an HMAC secret, as JWK': async ({ sign }) =>
      hmac(JSON.stringify(await publicJwk(KEY_1)), { alg: 'HS256', kid: 'k1' }, claimsIn(await sign())),
    'the modulus as an HMAC secret': async ({ sign }) =>
      hmac((await publicJwk(KEY_1)).n ?? '', { alg: 'HS256', kid: 'k1' }, claimsIn(await sign())),
    'an empty HMAC secret': async ({ sign }) => hmac('', { alg: 'HS256', kid: 'k1' }, claimsIn(await sign())),
    'a key of its own under a known name': ({ sign }) => sign({}, STRANGE),
    'a key of its own in the header': async ({ sign }) => sign({}, STRANGE, { jwk: await publicJwk(STRANGE) }),
    'an address of keys in the header': ({ sign }) =>
      sign({}, STRANGE, { jku: 'https://evil.example.org/jwks', x5u: 'https://evil.example.org/x5u' }),
    'an algorithm that the provider is not allowed': ({ sign }) => sign({}, KEY_EC),
    'no name of a key': ({ sign }) => sign({}, KEY_1, { kid: undefined }),
    'a name that is a path': ({ sign }) => sign({}, KEY_1, { kid: '../../../../dev/null' }),
    'a name that is SQL': ({ sign }) => sign({}, KEY_1, { kid: "k1' OR '1'='1" }),
    'a name that is very long': ({ sign }) => sign({}, KEY_1, { kid: 'k'.repeat(5000) }),
    'a name of a service credential': ({ sign }) => sign({}, KEY_1, { kid: `svc_${crypto.randomUUID()}` }),
    'an unknown critical header': ({ sign }) => sign({}, KEY_1, { crit: ['exp'], exp: 1 }).catch(() => 'e30.e30.x'),
    'another audience': ({ sign }) => sign({ aud: 'another' }),
    'no audience': ({ sign }) => sign({ aud: undefined } as unknown as JWTPayload),
    'another issuer': ({ sign }) => sign({ iss: 'https://evil.example.org' }),
    'an issuer that only begins alike': ({ sign, idp }) => sign({ iss: `${idp.issuer}/` }),
    'no end': ({ sign }) => sign({ exp: undefined } as unknown as JWTPayload),
    'an end that is a text': ({ sign }) => sign({ exp: '9999999999' } as unknown as JWTPayload),
    expired: ({ sign, nowSeconds }) => sign({ exp: nowSeconds() - 60 }),
    'not yet good': ({ sign, nowSeconds }) => sign({ nbf: nowSeconds() + 61 }),
    'issued in the future': ({ sign, nowSeconds }) => sign({ iat: nowSeconds() + 61 }),
    'changed claims': async ({ sign }) => {
      const [head, claims, signature] = (await sign()).split('.')
      return [head, b64({ ...claimsIn(`.${claims}`), email: 'boss@acme.com' }), signature].join('.')
    },
    'no signature': async ({ sign }) => `${(await sign()).split('.').slice(0, 2).join('.')}.`,
  }

  it.for(Object.keys(FORGED))('opens nothing: %s', async (name, { expect }) => {
    const setup = await open()
    await setup.add()
    const token = (await FORGED[name]?.(setup)) ?? ''
    const answer = await me(setup.control, token)
    expect([answer.status, answer.body.code]).toEqual([401, name === 'expired' ? 'token_expired' : 'key_invalid'])
    expect(setup.idp.state.asked.filter(address => !address.startsWith(setup.idp.issuer))).toEqual([])
    expect(JSON.stringify(answer.body)).not.toContain(token)
    // The same token without what is wrong with it.
    expect((await me(setup.control, await setup.sign())).status).toBe(200)
  })

  it('may be off by as much as clocks differ, and not by a second more', async ({ expect }) => {
    const { control, add, sign, nowSeconds } = await open()
    await add()
    const status = async (claims: JWTPayload) => (await me(control, await sign(claims))).status
    const now = nowSeconds()
    expect([await status({ exp: now - 59 }), await status({ exp: now - 60 })]).toEqual([200, 401])
    expect([await status({ nbf: now + 60 }), await status({ nbf: now + 61 })]).toEqual([200, 401])
    expect([await status({ iat: now + 60 }), await status({ iat: now + 61 })]).toEqual([200, 401])
  })

  it('leaves out what a provider publishes that is no public key of its own kind', async ({ expect }) => {
    const { control, add, sign, idp } = await open()
    await add()
    const secret = Buffer.from('shared').toString('base64url')
    idp.state.keys = [{ kty: 'oct', kid: 'k1', k: secret }, { ...(await publicJwk(KEY_2)), use: 'enc' }, null, 5]
    expect((await me(control, await sign())).status).toBe(401)
    expect((await me(control, await sign({}, KEY_2))).status).toBe(401)
    const row = await env.DB.prepare('SELECT key_set FROM sso_provider WHERE issuer = ?1').bind(idp.issuer).first()
    expect(row).toEqual({ key_set: '{"keys":[]}' })
  })
})

describe('the keys of a provider', () => {
  it('are read once and kept; another one that it begins to sign with is read when it is first met', async ({
    expect,
  }) => {
    const { control, clock, add, sign, idp } = await open()
    await add()
    for (let n = 0; n < 3; n += 1) expect((await me(control, await sign())).status).toBe(200)
    expect(idp.state.asked.length).toBe(1)
    idp.state.keys = [await publicJwk(KEY_1), await publicJwk(KEY_2)]
    clock.nowMs += MINUTE_MS
    expect((await me(control, await sign({}, KEY_2))).status).toBe(200)
    expect(idp.state.asked.length).toBe(2)
  })

  it('are waited for by those that come while they are read: they are told to try again', async ({ expect }) => {
    const { control, add, sign, idp } = await open()
    await add()
    const tokens = await Promise.all([1, 2, 3, 4].map(() => sign()))
    const answers = await Promise.all(tokens.map(token => me(control, token)))
    expect(answers.filter(({ status }) => ![200, 503].includes(status))).toEqual([])
    expect(answers.filter(({ status }) => status === 200).length).toBeGreaterThan(0)
    expect(idp.state.asked.length).toBe(1)
    expect((await me(control, tokens[0] ?? '')).status).toBe(200)
  })

  it('are asked for at most once a minute, however many names are made up', async ({ expect }) => {
    const { control, clock, add, sign, idp } = await open()
    await add()
    await me(control, await sign())
    clock.nowMs += MINUTE_MS
    const made = await Promise.all(Array.from({ length: 10 }, (_, n) => sign({}, KEY_1, { kid: `made-up-${n}` })))
    const answers = await Promise.all(made.map(token => me(control, token)))
    expect(answers.filter(({ status }) => ![401, 503].includes(status))).toEqual([])
    expect(idp.state.asked.length).toBe(2)
    clock.nowMs += MINUTE_MS - 1
    await me(control, made[0] ?? '')
    expect(idp.state.asked.length).toBe(2)
    clock.nowMs += 1
    await me(control, made[0] ?? '')
    expect(idp.state.asked.length).toBe(3)
  })

  it('that it has taken back open nothing once they are read again, ten minutes later at most', async ({ expect }) => {
    const { control, clock, add, sign, idp } = await open()
    await add()
    expect((await me(control, await sign())).status).toBe(200)
    idp.state.keys = [await publicJwk(KEY_2)]
    clock.nowMs += 10 * MINUTE_MS
    expect((await me(control, await sign())).status).toBe(401)
    expect((await me(control, await sign({}, KEY_2))).status).toBe(200)
  })

  it('go on to be good for a day while it does not answer; an unknown one opens nothing', async ({ expect }) => {
    const { control, clock, add, sign, idp } = await open()
    await add()
    expect((await me(control, await sign())).status).toBe(200)
    idp.state.isUp = false
    for (const passedMs of [11 * MINUTE_MS, DAY_MS - 11 * MINUTE_MS - 1]) {
      clock.nowMs += passedMs
      expect((await me(control, await sign())).status).toBe(200)
      const unknown = await me(control, await sign({}, KEY_2))
      expect(unknown.status).not.toBe(200)
      const asked = idp.state.asked.length
      await me(control, await sign())
      expect(idp.state.asked.length).toBe(asked)
    }
    clock.nowMs += 1
    const late = await me(control, await sign())
    expect([late.status, late.body.code]).toEqual([503, 'identity_provider_unreachable'])
    expect(late.headers.get('retry-after')).toBe('1')
    idp.state.isUp = true
    clock.nowMs += MINUTE_MS
    expect((await me(control, await sign())).status).toBe(200)
  })

  it('are where its discovery document says, if that is its own', async ({ expect }) => {
    const { control, clock, add, sign, idp } = await open()
    await add({ jwks_uri: null })
    idp.state.issuerOfDocument = 'https://evil.example.org'
    expect((await me(control, await sign())).status).toBe(503)
    idp.state.issuerOfDocument = idp.issuer
    clock.nowMs += MINUTE_MS
    expect((await me(control, await sign())).status).toBe(200)
    expect(idp.state.asked.slice(-2)).toEqual([`${idp.issuer}/.well-known/openid-configuration`, `${idp.issuer}/jwks`])
  })

  it('are forgotten with the provider, and read anew where its address changes', async ({ expect }) => {
    const { control, add, sign, idp, settings, call } = await open()
    const id = await add()
    expect((await me(control, await sign())).status).toBe(200)
    await call('PUT', `${SSO}/${id}`, { ...settings, jwks_uri: `${idp.issuer}/other` })
    expect((await me(control, await sign())).status).toBe(503)
    await call('PUT', `${SSO}/${id}`, settings)
    expect((await me(control, await sign())).status).toBe(200)
    expect((await call('DELETE', `${SSO}/${id}`)).body).toEqual({ deleted: true })
    expect((await me(control, await sign())).status).toBe(401)
  })
})

describe('setting up a provider', () => {
  it('shows all that was set, and replaces all of it', async ({ expect }) => {
    const { settings, call } = await open()
    const full = { algorithms: ['ES256'], email_claim: 'mail', role_claim: 'groups', role_mapping: { Ops: 'admin' } }
    const made = await call('POST', SSO, { ...settings, ...full, default_role: 'agent', jit_provisioning: true })
    expect(made.status).toBe(201)
    const { data } = made.body
    expect(data).toMatchObject({
      ...settings,
      ...full,
      default_role: 'agent',
      jit_provisioning: true,
      keys_read_at: null,
    })
    expect((await call('GET', `${SSO}/${data.id}`)).body.data).toEqual(data)
    const { body } = await call('PUT', `${SSO}/${data.id}`, { ...settings, jwks_uri: undefined })
    const plain = {
      algorithms: ['RS256'],
      email_claim: 'email',
      role_claim: null,
      role_mapping: {},
      default_role: null,
    }
    expect(body.data).toMatchObject({ id: data.id, jwks_uri: null, ...plain, jit_provisioning: false })
    expect((await call('GET', SSO)).body).toMatchObject({ data: [body.data], pagination: { total: 1 } })
  })

  it('is for owners who may do everything, since it decides who everybody is', async ({ expect }) => {
    const { control, settings, call } = await open()
    const callers = [{ role: 'admin' }, { role: 'owner', scopes: ['identity:*', 'keys:*'] }]
    for (const input of callers) {
      const key = await apiKeyOf({ call }, input)
      const refused = await send(control, key, ['POST', SSO, settings])
      expect([refused.status, refused.body.code]).toEqual([403, 'scope_missing'])
      expect((await send(control, key, ['GET', SSO])).status).toBe(200)
    }
    expect((await send(control, await apiKeyOf({ call }, { role: 'owner' }), ['POST', SSO, settings])).status).toBe(201)
  })

  it.for([
    [{ issuer: 'http://idp.example.com' }, 'issuer'],
    [{ jwks_uri: 'http://169.254.169.254/latest' }, 'jwks_uri'],
    [{ jwks_uri: 'file:///etc/passwd' }, 'jwks_uri'],
    [{ issuer: 'weir' }, 'issuer'],
    [{ algorithms: ['HS256'] }, 'algorithms'],
    [{ algorithms: ['none'] }, 'algorithms'],
    [{ algorithms: [] }, 'algorithms'],
    [{ audience: '' }, 'audience'],
    [{ role_mapping: { Ops: 'king' } }, 'role_mapping'],
    [{ default_role: 'king' }, 'default_role'],
    [{ jit_provisioning: true }, 'default_role'],
  ] as const)('is refused with %j', async ([more, field], { expect }) => {
    const { settings, call } = await open()
    const { status, body } = await call('POST', SSO, { ...settings, ...more })
    expect([status, body.code]).toEqual([400, 'request_invalid'])
    expect(body.detail).toContain(field)
    expect((await call('GET', SSO)).body.data).toEqual([])
  })

  it('is refused twice for the same issuer and audience', async ({ expect }) => {
    const { settings, call, add } = await open()
    await add()
    const again: Call = ['POST', SSO, settings]
    expect([(await call(...again)).status, (await call(...again)).body.code]).toEqual([409, 'already_exists'])
    const other = await add({ audience: 'other' })
    expect((await call('PUT', `${SSO}/${other}`, settings)).status).toBe(409)
  })
})

import { env } from 'cloudflare:workers'
import { type JWTPayload, SignJWT } from 'jose'
import { describe, it } from 'vitest'
import type { Scope } from '../../workers/core/access/scope.ts'
import { sealer } from '../../workers/core/key/seal.ts'
import { AGENT_SCHEME, signAgentRequest } from '../../workers/core/sign-in/agent-signature.ts'
import { type Call, type Control, fakeControl, fakeSignIn, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { apiKeyOf } from './route-samples.ts'

const SERVICES = '/v1/identity/service-credentials'
const AGENTS = '/v1/identity/agent-credentials'
const HOUR = 3600

async function open() {
  const clock = { nowMs: NOW }
  const control = fakeControl({ nowMs: () => clock.nowMs })
  return { control, clock, ...(await newTenant(control)) }
}

const me = (control: Control, token: string, headers: Record<string, string> = {}) =>
  send(control, token, ['GET', '/v1/me', undefined, headers])

describe('a service token', () => {
  type Credential = { id: string; secret: string }

  async function openPartner(input: object = {}) {
    const opened = await open()
    const made = await opened.call('POST', SERVICES, { name: 'partner', issuer: 'acme-billing', ...input })
    if (made.status !== 201) throw new Error(JSON.stringify(made.body))
    const credential: Credential = made.body
    const nowSeconds = () => Math.floor(opened.clock.nowMs / 1000)
    const sign = (claims: JWTPayload = {}, header: object = {}, { id, secret } = credential) =>
      new SignJWT({ iss: 'acme-billing', tenantId: opened.tenantId, exp: nowSeconds() + 600, ...claims })
        .setProtectedHeader({ alg: 'HS256', kid: id, ...header })
        .sign(new TextEncoder().encode(secret))
    return { ...opened, made: made.body, sign, nowSeconds }
  }

  it('is who the credential is, with its scopes and not those of the token', async ({ expect }) => {
    const { control, sign, tenantId, made } = await openPartner({ role: 'finance', scopes: ['limits:*'] })
    for (const claims of [
      {},
      { tenantId: undefined, tenant_id: tenantId },
      { scopes: ['keys:write'], role: 'owner' },
    ]) {
      const { status, body } = await me(control, await sign(claims as unknown as JWTPayload))
      expect([status, body.tenant_id, body.scopes]).toEqual([200, tenantId, ['limits:read', 'limits:write']])
      expect(body.principal).toEqual({ kind: 'service', id: made.id.replace('svc_', ''), role: 'finance' })
    }
    expect((await send(control, await sign(), ['GET', KEYS])).status).toBe(403)
  })

  it('has a secret that is shown once, and is sealed where it is stored', async ({ expect }) => {
    const { call, made, tenantId } = await openPartner()
    const { secret, ...shown } = made
    expect(secret).toMatch(/^weir-svc-[\w-]{43}$/)
    expect((await call('GET', SERVICES)).body.data).toEqual([shown])
    const rows = await env.DB.prepare('SELECT * FROM service_credential WHERE tenant_id = ?1').bind(tenantId).all()
    expect(JSON.stringify(rows.results)).not.toContain(secret)
  })

  it('opens nothing once its credential is deleted, also one that was signed before', async ({ expect }) => {
    const { control, call, sign, made } = await openPartner()
    const token = await sign()
    expect((await me(control, token)).status).toBe(200)
    expect((await call('DELETE', `${SERVICES}/${made.id}`)).body).toEqual({ deleted: true })
    expect((await me(control, token)).status).toBe(401)
    expect((await call('DELETE', `${SERVICES}/${made.id}`)).status).toBe(404)
    expect((await call('GET', SERVICES)).body.data).toEqual([])
  })

  it('opens nothing if its secret was moved from another row, or sealed under another WEIR_SECRET', async ({
    expect,
  }) => {
    const { control, call, sign, made } = await openPartner()
    const second = (await call('POST', SERVICES, { name: 'x', issuer: 'acme-billing' })).body
    const move = `UPDATE service_credential SET secret_sealed = (SELECT secret_sealed FROM service_credential WHERE id = ?1)
      WHERE id = ?2`
    await env.DB.prepare(move).bind(made.id.slice(4), second.id.slice(4)).run()
    expect((await me(control, await sign({}, { kid: second.id }))).status).toBe(401)
    expect((await me(control, await sign())).status).toBe(200)
  })

  it('goes on being good while WEIR_SECRET changes, and is sealed anew when it is used', async ({ expect }) => {
    const { control, sign, made } = await openPartner()
    const [today, tomorrow] = ['test-secret-test-secret-test-secret-0', 'the-secret-of-tomorrow-0123456789abcdef']
    const at = (secret: string, previous?: string) => {
      const { seal, open: openSealed, reseal } = sealer(secret, previous)
      return fakeControl({ signIn: fakeSignIn({ seal, open: openSealed, ...(previous && { reseal }) }) })
    }
    expect((await me(control, await sign())).status).toBe(200)
    expect((await me(at(tomorrow), await sign())).status).toBe(401)
    const stored = () =>
      env.DB.prepare('SELECT secret_sealed FROM service_credential WHERE id = ?1').bind(made.id.slice(4)).first()
    const before = await stored()
    for (let n = 0; n < 2; n += 1) expect((await me(at(tomorrow, today), await sign())).status).toBe(200)
    expect(await stored()).not.toEqual(before)
    expect((await me(at(tomorrow), await sign())).status).toBe(200)
  })

  it('has an issuer that is not that of access tokens', async ({ expect }) => {
    await expect(openPartner({ issuer: 'weir' })).rejects.toThrow(/issuer must be/)
  })

  type Partner = Awaited<ReturnType<typeof openPartner>>
  const FORGED: Record<string, (partner: Partner) => Promise<string>> = {
    'another secret': ({ sign, made }) => sign({}, {}, { id: made.id, secret: `${made.secret}x` }),
    'no kid': ({ sign }) => sign({}, { kid: undefined }),
    'a kid without its prefix': ({ sign, made }) => sign({}, { kid: made.id.replace('svc_', '') }),
    'a kid that is a path': ({ sign, made }) => sign({}, { kid: `../${made.id}` }),
    'a kid that is SQL': ({ sign, made }) => sign({}, { kid: `${made.id}' OR '1'='1` }),
    'an unknown kid': ({ sign }) => sign({}, { kid: `svc_${crypto.randomUUID()}` }),
    "another tenant's kid": async ({ sign, control }) => {
      const other = await newTenant(control)
      const theirs = (await other.call('POST', SERVICES, { name: 'x', issuer: 'acme-billing' })).body
      return sign({}, {}, theirs)
    },
    'its own kid for another tenant': async ({ sign, control }) =>
      sign({ tenantId: (await newTenant(control)).tenantId }),
    'two tenants': async ({ sign, control }) => sign({ tenant_id: (await newTenant(control)).tenantId }),
    'no tenant': ({ sign }) => sign({ tenantId: undefined }),
    'a tenant that is no text': ({ sign, tenantId }) => sign({ tenantId: [tenantId] }),
    'another issuer': ({ sign }) => sign({ iss: 'someone' }),
    'an audience that is not Weir': ({ sign }) => sign({ aud: 'elsewhere' }),
    'no end': ({ sign }) => sign({ exp: undefined } as unknown as JWTPayload),
    expired: ({ sign, nowSeconds }) => sign({ exp: nowSeconds() - 60 }),
    'an end too far off': ({ sign, nowSeconds }) => sign({ exp: nowSeconds() + HOUR + 61 }),
    'too long a life': ({ sign, nowSeconds }) => sign({ iat: nowSeconds() - 10, exp: nowSeconds() + HOUR - 9 }),
    'issued in the future': ({ sign, nowSeconds }) => sign({ iat: nowSeconds() + 61 }),
    'not yet good': ({ sign, nowSeconds }) => sign({ nbf: nowSeconds() + 61 }),
    'another algorithm': async ({ sign, made }) => {
      const [, claims] = (await sign()).split('.')
      const head = Buffer.from(JSON.stringify({ alg: 'none', kid: made.id })).toString('base64url')
      return `${head}.${claims}.`
    },
    HS512: async ({ tenantId, made, nowSeconds }) =>
      new SignJWT({ iss: 'acme-billing', tenantId, exp: nowSeconds() + 600 })
        .setProtectedHeader({ alg: 'HS512', kid: made.id })
        .sign(new TextEncoder().encode(made.secret)),
  }

  it.for(Object.keys(FORGED))('opens nothing with %s', async (name, { expect }) => {
    const partner = await openPartner()
    const answer = await me(partner.control, (await FORGED[name]?.(partner)) ?? '')
    expect([answer.status, answer.body.code]).toEqual([401, name === 'expired' ? 'token_expired' : 'key_invalid'])
    expect((await me(partner.control, await partner.sign())).status).toBe(200)
  })

  it('may say that it is for Weir, live for an hour, and be off by a minute', async ({ expect }) => {
    const { control, sign, nowSeconds } = await openPartner()
    const now = nowSeconds()
    const good = [{ aud: ['x', 'weir'] }, { iat: now, exp: now + HOUR }, { exp: now + HOUR + 60 }, { exp: now - 59 }]
    for (const claims of good) expect((await me(control, await sign(claims))).status).toBe(200)
  })

  it('is of one tenant, whatever X-Active-Tenant-Id says', async ({ expect }) => {
    const { control, sign, tenantId } = await openPartner()
    const other = await newTenant(control)
    const status = async (wanted: string) => (await me(control, await sign(), { 'x-active-tenant-id': wanted })).status
    expect([await status(tenantId), await status(other.tenantId)]).toEqual([200, 403])
  })
})

describe('a request that an agent signed', () => {
  async function openAgent(input: object = {}) {
    const opened = await open()
    const made = await opened.call('POST', AGENTS, { name: 'agent', ...input })
    if (made.status !== 201) throw new Error(JSON.stringify(made.body))
    const { key_id: keyId, secret } = made.body
    /** Sends a request as signed, or changed after that. */
    const sendSigned = async (change: Change = {}) => {
      const path = '/v1/limits?limit=5&scope=user:a b'
      const at = { method: 'GET', path, body: '', ts: opened.clock.nowMs / 1000, nonce: crypto.randomUUID(), ...change }
      const url = `http://localhost${at.path}`
      const signed = {
        method: at.method,
        url,
        body: new TextEncoder().encode(at.body),
        timestamp: at.ts,
        nonce: at.nonce,
      }
      const signature = signAgentRequest(signed, change.secret ?? secret)
      const fields = { keyId, ts: at.ts, nonce: at.nonce, signature, ...change.header }
      const authorization = `${AGENT_SCHEME} ${Object.entries(fields)
        .map(pair => pair.join('='))
        .join(', ')}`
      const sent = { method: at.method, path: at.path, body: at.body, ...change.sent }
      const call: Call = [
        sent.method,
        sent.path,
        sent.body === '' ? undefined : sent.body,
        { authorization, ...change.more },
      ]
      return send(opened.control, undefined, call)
    }
    return { ...opened, made: made.body, sendSigned }
  }

  type Sent = { method?: string; path?: string; body?: string }
  type Change = Sent & {
    ts?: number
    nonce?: string
    secret?: string
    header?: Record<string, unknown>
    sent?: Sent
    more?: Record<string, string>
  }

  it('is let in as that agent, with the scopes of its credential', async ({ expect }) => {
    const { sendSigned, control, made, tenantId } = await openAgent({ scopes: ['limits:read'] })
    expect((await sendSigned()).status).toBe(200)
    expect((await sendSigned({ path: '/v1/events' })).status).toBe(403)
    const { body } = await sendSigned({ path: '/v1/me' })
    expect(body).toMatchObject({
      tenant_id: tenantId,
      principal: { kind: 'agent', role: 'agent' },
      scopes: ['limits:read'],
    })
    expect(made.key_id).toContain(tenantId.replaceAll('-', ''))
    // A body that is signed is read again by the route.
    const wrong = await sendSigned({ method: 'POST', path: '/v1/limits', body: '{"scope":"user:ü"}' })
    expect([wrong.status, wrong.body.code]).toEqual([403, 'scope_missing'])
    expect((await me(control, made.secret)).status).toBe(401)
  })

  it('is let in once: of those who bring it at the same time, one', async ({ expect }) => {
    const { sendSigned, clock } = await openAgent()
    const nonce = 'n'.repeat(16)
    const ts = NOW / 1000
    const answers = await Promise.all(Array.from({ length: 8 }, () => sendSigned({ nonce, ts })))
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(7).fill(401)])
    // Not even in the last instant in which its ts would do.
    clock.nowMs = NOW + 300_000
    expect((await sendSigned({ nonce, ts })).status).toBe(401)
    expect((await sendSigned({ nonce: `${nonce}x`, ts })).status).toBe(200)
    // The same nonce with a later request is another request, once the first one is too old.
    clock.nowMs += 1
    expect((await sendSigned({ nonce, ts })).body.detail).toContain('ts')
    expect((await sendSigned({ nonce, ts: NOW / 1000 + 300 })).status).toBe(200)
  })

  it("uses up no nonce of another agent's, nor one that it did not sign", async ({ expect }) => {
    const [one, other] = [await openAgent(), await openAgent()]
    const nonce = crypto.randomUUID()
    expect((await one.sendSigned({ nonce, secret: 'guessed' })).status).toBe(401)
    expect((await one.sendSigned({ nonce })).status).toBe(200)
    expect((await other.sendSigned({ nonce })).status).toBe(200)
  })

  it.for([
    [-300, 200],
    [-301, 401],
    [300, 200],
    [301, 401],
  ] as const)('may be off by five minutes: %i s is %i', async ([offset, status], { expect }) => {
    const { sendSigned } = await openAgent()
    expect((await sendSigned({ ts: NOW / 1000 + offset })).status).toBe(status)
  })

  it('may have its parameters in any order, and escaped in any way', async ({ expect }) => {
    const { sendSigned } = await openAgent()
    const path = '/v1/limits?scope=user%3Aa+b&limit=5'
    expect((await sendSigned({ sent: { path } })).status).toBe(200)
  })

  const FORGED: Record<string, Change> = {
    'another method': { sent: { method: 'POST' } },
    'another path': { sent: { path: '/v1/limits/x?limit=5&scope=user:a b' } },
    'another parameter': { sent: { path: '/v1/limits?limit=6&scope=user:a b' } },
    'one parameter more': { sent: { path: '/v1/limits?limit=5&scope=user:a b&x=1' } },
    'a parameter twice': { sent: { path: '/v1/limits?limit=5&limit=5&scope=user:a b' } },
    'another body': { method: 'POST', path: '/v1/limits', body: '{"max":1}', sent: { body: '{"max":2}' } },
    'another ts': { header: { ts: NOW / 1000 + 1 } },
    'another nonce': { header: { nonce: crypto.randomUUID() } },
    'another secret': { secret: 'weir-agent-x' },
    'no signature': { header: { signature: '' } },
    'half a signature': { header: { signature: 'ab' } },
    'an upper-case signature of zeros': { header: { signature: 'A'.repeat(64) } },
    'an unknown key': { header: { keyId: `agt_${'0'.repeat(64)}` } },
    'a key that is SQL': { header: { keyId: "agt_' OR 1=1 --" } },
    'a short nonce': { nonce: 'short' },
    'a field more': { header: { extra: '1' } },
    'a ts that is none': { header: { ts: 'NaN' } },
  }

  it.for(Object.keys(FORGED))('is refused with %s', async (name, { expect }) => {
    const { sendSigned } = await openAgent()
    const { status, body, headers } = await sendSigned(FORGED[name])
    expect([status, body.code]).toEqual([401, 'key_invalid'])
    expect(headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
  })

  it("is refused with another tenant's key of the same secret, and for another tenant", async ({ expect }) => {
    const [mine, theirs] = [await openAgent(), await openAgent()]
    expect((await mine.sendSigned({ header: { keyId: theirs.made.key_id } })).status).toBe(401)
    const more = { 'x-active-tenant-id': theirs.tenantId }
    expect((await mine.sendSigned({ more })).status).toBe(403)
  })

  it('is refused once its credential is deleted, and the secret is shown once', async ({ expect }) => {
    const { sendSigned, call, made, tenantId } = await openAgent()
    const { secret, ...shown } = made
    expect((await call('GET', AGENTS)).body.data).toEqual([shown])
    const rows = await env.DB.prepare('SELECT * FROM agent_credential WHERE tenant_id = ?1').bind(tenantId).all()
    expect(JSON.stringify(rows.results)).not.toContain(secret)
    expect((await call('DELETE', `${AGENTS}/${made.key_id}`)).body).toEqual({ deleted: true })
    expect((await sendSigned()).status).toBe(401)
    expect((await call('DELETE', `${AGENTS}/${made.key_id}`)).status).toBe(404)
  })
})

describe('a credential for a machine', () => {
  it.for([SERVICES, AGENTS])('may do no more than who makes it: %s', async (path, { expect }) => {
    const { control, call } = await open()
    const key = await apiKeyOf({ call }, { role: 'admin', scopes: ['identity:write', 'events:read'] })
    const make = (input: object) => send(control, key, ['POST', path, { name: 'x', issuer: 'x', ...input }])
    expect((await make({})).status).toBe(403)
    expect((await make({ scopes: ['limits:read'] })).body.details).toEqual({ required_scope: 'limits:read' })
    expect((await make({ scopes: ['events:read'] })).status).toBe(201)
    expect((await call('POST', path, { name: ' ', issuer: 'x' })).status).toBe(400)
  })
})

describe('the internal token', () => {
  const TOKEN = 'internal-token-internal-token-internal'

  async function openInternal(scopes: readonly Scope[] = ['limits:read', 'limits:write']) {
    const control = fakeControl({ signIn: fakeSignIn({ internal: { token: TOKEN, scopes } }) })
    const tenant = await newTenant(control)
    const headers = { 'x-request-id': 'req-1', 'x-active-tenant-id': tenant.tenantId }
    return { control, ...tenant, headers }
  }

  it('is a service of the tenant that the call names, with the scopes that are declared', async ({ expect }) => {
    const { control, headers, tenantId } = await openInternal()
    const { body } = await me(control, TOKEN, headers)
    expect(body).toMatchObject({ tenant_id: tenantId, principal: { kind: 'service', id: 'internal', role: 'admin' } })
    expect(body.scopes).toEqual(['limits:read', 'limits:write'])
    expect((await send(control, TOKEN, ['GET', KEYS, undefined, headers])).status).toBe(403)
    const limit = { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' }
    expect((await send(control, TOKEN, ['POST', '/v1/limits', limit, headers])).status).toBe(201)
    const text = 'SELECT actor_kind, actor_id FROM audit_event WHERE tenant_id = ?1 ORDER BY id DESC LIMIT 1'
    expect(await env.DB.prepare(text).bind(tenantId).first()).toEqual({ actor_kind: 'service', actor_id: 'internal' })
  })

  it('needs x-request-id and a tenant that there is', async ({ expect }) => {
    const { control, headers } = await openInternal()
    const { 'x-request-id': id, 'x-active-tenant-id': tenant } = headers
    const without = await me(control, TOKEN, { 'x-active-tenant-id': tenant })
    expect([without.status, without.body.code, without.body.param]).toEqual([400, 'header_invalid', 'x-request-id'])
    for (const wanted of [{}, { 'x-active-tenant-id': crypto.randomUUID() }, { 'x-active-tenant-id': 'x' }]) {
      expect((await me(control, TOKEN, { 'x-request-id': id, ...wanted })).status).toBe(403)
    }
  })

  it('is no other text, may do nothing that is not declared, and opens nothing where there is none', async ({
    expect,
  }) => {
    const { control, headers } = await openInternal([])
    for (const text of [`${TOKEN}x`, TOKEN.slice(1), TOKEN.toUpperCase()]) {
      expect((await me(control, text, headers)).status).toBe(401)
    }
    expect((await send(control, TOKEN, ['GET', '/v1/limits', undefined, headers])).status).toBe(403)
    expect((await me(fakeControl(), TOKEN, headers)).status).toBe(401)
  })
})

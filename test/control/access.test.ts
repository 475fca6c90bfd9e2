import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { ROLES, scopesOfRole } from '../../workers/core/access/role.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { everythingOf } from './everything-of.ts'
import { type Call, fakeControl, KEYS, NOW, newTenant, send, TRACE_ID } from './fake-ports.ts'
import { apiKeyOf, GIVES_RIGHTS, inhabitedTenant, SAMPLES, type Sample } from './route-samples.ts'

const TEAMS = '/api/governance/teams'
const CUSTOMERS = '/api/governance/customers'

/** The routes that ask for a principal, and of those the ones that ask for a scope. */
const ROUTES = CONTROL_ROUTES.filter(({ access }) => typeof access !== 'string' || access === 'signed_in')
const SCOPED = ROUTES.flatMap(route => (typeof route.access === 'string' ? [] : [{ ...route, access: route.access }]))
const endpointsOf = (routes: readonly { operationId: string }[]) =>
  routes.flatMap(({ operationId }) =>
    (SAMPLES[operationId] ?? []).map((sample): [string, Sample] => [operationId, sample]),
  )
const ENDPOINTS = endpointsOf(ROUTES)
const ACCESS = new Map(SCOPED.map(({ operationId, access }) => [operationId, access]))

const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')

/** A clock that can be set, and a tenant with one of everything, made once: what is refused changes nothing of it. */
async function makeShared() {
  const clock = { nowMs: NOW }
  const control = fakeControl({ nowMs: () => clock.nowMs })
  const tenant = await inhabitedTenant(control)
  const expired = await apiKeyOf(tenant, { role: 'owner', expires_at: new Date(NOW + 1000).toISOString() })
  const stranger = await inhabitedTenant(control)
  const other = await newTenant(control)
  clock.nowMs += 1000
  return { control, tenant, stranger, expired, other }
}
async function openTenant() {
  const control = fakeControl()
  return { control, tenant: await inhabitedTenant(control) }
}
let read: ReturnType<typeof openTenant> | undefined

// Those that only ask may ask the same one.
function tenantFor(operationId: string): ReturnType<typeof openTenant> {
  if (ROUTES.find(route => route.operationId === operationId)?.method !== 'GET') return openTenant()
  return openForReading()
}

function openForReading(): ReturnType<typeof openTenant> {
  read ??= openTenant()
  return read
}

const keysOfReading = new Map<string, Promise<string>>()

/** A key of the tenant that is only read, made once for all tests that ask with its like. */
async function keyForReading(input: Record<string, unknown>): Promise<string> {
  const { tenant } = await openForReading()
  const name = JSON.stringify(input)
  const key = keysOfReading.get(name) ?? apiKeyOf(tenant, input)
  keysOfReading.set(name, key)
  return key
}

let made: ReturnType<typeof makeShared> | undefined
function shared(): ReturnType<typeof makeShared> {
  made ??= makeShared()
  return made
}

function codeOf(path: string, body: { code?: string; error?: { message: string } }) {
  return path.startsWith('/api/') ? body.error?.message : body.code
}

describe('the table of routes', () => {
  it('has a good request to try for every route that asks for a principal', ({ expect }) => {
    expect(Object.keys(SAMPLES).sort()).toEqual(ROUTES.map(route => route.operationId).sort())
  })

  it('names every operation once, and is public nowhere but where it says so', ({ expect }) => {
    const names = CONTROL_ROUTES.map(route => route.operationId)
    expect(new Set(names).size).toBe(names.length)
    const open = CONTROL_ROUTES.filter(route => !ROUTES.includes(route)).map(route => route.operationId)
    const aboutKey = ['getKeyUsage', 'listKeyEvents', 'getKeyEvent']
    const ofShards = ['getRollups', 'recomputeRollups', 'getShard', 'moveTenant']
    const operator = ['setUp', 'listTenants', 'createTenant', 'setPlan', 'setStatus', ...ofShards]
    expect(open).toEqual([
      ...operator,
      'acceptInvitation',
      'getQuota',
      'downloadExport',
      'logIn',
      'refreshSession',
      'logOut',
      ...aboutKey,
    ])
    const anyone = ROUTES.filter(route => route.access === 'signed_in').map(route => route.operationId)
    expect(anyone).toEqual(['getBranding', 'getFlagValues', 'changePassword', 'getMe'])
  })

  it('asks for a scope to write wherever it does more than read', ({ expect }) => {
    const wrong = SCOPED.filter(
      one => one.access.scope.endsWith(':read') !== (one.method === 'GET' || one.isQuestion === true),
    )
    expect(wrong).toEqual([])
  })
})

describe('every endpoint of the management API', () => {
  it.for(ENDPOINTS)(
    'refuses a request without a key, with one that is wrong or expired, with a virtual key: %s',
    async ([, callFor], { expect }) => {
      const { control, tenant, expired, other } = await shared()
      const { ids, virtualKey, adminKey, tenantId, member } = tenant
      const call = callFor(ids)
      const forged = `weir-admin-${tenantId}.${crypto.randomUUID()}.1`
      const [head, claims, signature] = member.accessToken.split('.')
      const none = `${encoded({ alg: 'none', typ: 'at+jwt' })}.${claims}.`
      const moved = [head, encoded({ ...JSON.parse(atob(claims ?? '')), tenant: other.tenantId }), signature].join('.')
      const late = await control.ports.signIn.accessTokens.sign({ ...member.session, role: 'owner' }, NOW - 900_000)
      const keys = [undefined, 'nonsense', forged, `${adminKey}9`, `${tenant.apiKeyText}9`, expired]
      const tokens = [
        none,
        `${none}${signature}`,
        moved,
        `${head}.${claims}.${'A'.repeat(43)}`,
        late,
        'a.b.c',
        'e30.e30.',
      ]
      const wrong = [...keys, ...tokens]
      const answers = await Promise.all([...wrong, virtualKey].map(key => send(control, key, call)))
      expect(answers.map(answer => answer.status)).toEqual([...wrong.map(() => 401), 403])
      for (const { headers } of answers.slice(0, -1)) expect(headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
      const [missing] = answers
      expect(codeOf(call[1], missing?.body)).toMatch(/^key_missing$|^Unauthorized$/)
      expect(missing?.headers.get('x-request-id')).toBe('req-test')
    },
  )

  it('refuses every key that was revoked, at every endpoint', async ({ expect }) => {
    const control = fakeControl()
    const { ids, adminKey, apiKeyText, member, tenantId } = await inhabitedTenant(control)
    for (const table of ['admin_key', 'api_key', 'refresh_token']) {
      const revoke = `UPDATE ${table} SET revoked_ms = created_ms WHERE tenant_id = ?1`
      await env.DB.prepare(revoke).bind(tenantId).run()
    }
    for (const [operation, callFor] of ENDPOINTS) {
      const asked = [adminKey, apiKeyText, member.accessToken].map(key => send(control, key, callFor(ids)))
      const statuses = (await Promise.all(asked)).map(({ status }) => status)
      expect([operation, statuses]).toEqual([operation, [401, 401, 401]])
    }
  })

  it.for(endpointsOf(SCOPED))(
    'refuses every role without its scope, names the scope, and asks for no other: %s',
    async ([operation, callFor], { expect }) => {
      const reading = await openForReading()
      const { scope = '', roles = ROLES } = ACCESS.get(operation) ?? {}
      const below = ROLES.filter(role => !roles.includes(role) || !scopesOfRole(role).some(one => one === scope))
      const others = scopesOfRole('owner').filter(one => one !== scope)
      for (const input of [...below.map(role => ({ role })), { role: 'owner', scopes: others }]) {
        const refused = await send(reading.control, await keyForReading(input), callFor(reading.tenant.ids))
        expect(refused.status).toBe(403)
        expect(JSON.stringify(refused.body)).toContain(scope)
        expect(refused.headers.get('www-authenticate')).toContain(`error="insufficient_scope", scope="${scope}"`)
      }
      const { control, tenant } = await tenantFor(operation)
      const just = await apiKeyOf(tenant, { role: 'owner', scopes: [scope] })
      const answer = await send(control, just, callFor(tenant.ids))
      // A key that may do nothing else can still not give another one more than it has.
      expect(answer.status).toBeLessThan(GIVES_RIGHTS.includes(operation) ? 404 : 300)
    },
  )

  it.for(ENDPOINTS)("shows and changes nothing of another tenant's: %s", async ([, callFor], { expect }) => {
    const { stranger: mine, tenant: theirs } = await shared()
    const uuid = () => crypto.randomUUID()
    const unknown = {
      ...{ account: uuid(), key: uuid(), budget: uuid(), event: makeEvent(NOW).id, team: uuid(), customer: uuid() },
      ...{ limit: `${uuid()}:tokens`, apiKey: `key_${uuid()}`, sso: `sso_${uuid()}`, service: `svc_${uuid()}` },
      agent: `agt_${uuid()}${uuid()}`.replaceAll('-', ''),
      ...{ member: `mem_${uuid()}`, invitation: `inv_${uuid()}` },
      ...{
        model: uuid(),
        override: uuid(),
        pricebook: uuid(),
        rule: uuid(),
        mcp: uuid(),
        entity: uuid(),
        export: `exp_${uuid()}`,
      },
      ...{ webhook: uuid(), delivery: `whe_${uuid()}`, agentBudget: uuid(), alert: uuid() },
    }
    const before = await everythingOf(theirs)
    const answer = await mine.call(...callFor(theirs.ids))
    const text = JSON.stringify(answer.body)
    for (const id of [theirs.tenantId, ...Object.values(theirs.ids)]) expect(text).not.toContain(id)
    if (answer.status >= 400) expect(answer).toEqual(await mine.call(...callFor(unknown)))
    expect(await everythingOf(theirs)).toBe(before)
    const after = await theirs.call('GET', `${KEYS}/${theirs.ids.key}`)
    expect(after.body.virtual_key).toMatchObject({ id: theirs.ids.key, is_active: true })
    expect(after.body.virtual_key.description).toBeUndefined()
  })

  it.for(ENDPOINTS)(
    'tells a caller that is known how it stands with its plan, and no other: %s',
    async ([operation, callFor], { expect }) => {
      const { control, tenant } = await tenantFor(operation)
      const agent = await apiKeyOf(tenant, { role: 'agent' })
      const told = async (key: string | undefined, [method, path, body]: Call, headers = {}) => {
        const answer = await send(control, key, [method, path, body, headers])
        return ['limit', 'remaining', 'reset'].map(name => answer.headers.get(`x-ratelimit-${name}`))
      }
      const standing = ['1000', '999', String(NOW / 1000 + 60)]
      const once = { 'idempotency-key': 'k' }
      const call = callFor(tenant.ids)
      const bad: Call = [call[0], call[1], call[0] === 'GET' ? undefined : '{']
      const known = [await told(agent, call), await told(tenant.adminKey, bad, { 'if-match': '"x"' })]
      known.push(await told(tenant.adminKey, call, once), await told(tenant.adminKey, call, once))
      expect(known).toEqual([standing, standing, standing, standing])
      for (const key of [undefined, 'x', tenant.virtualKey]) expect(await told(key, call)).toEqual([null, null, null])
    },
  )

  it('takes no tenant from a header, a query or a body', async ({ expect }) => {
    const control = fakeControl()
    const [mine, theirs] = [await inhabitedTenant(control), await inhabitedTenant(control)]
    const headers = { authorization: `Bearer ${mine.adminKey}`, 'x-tenant-id': theirs.tenantId }
    for (const query of ['', `?tenant_id=${theirs.tenantId}&tenantId=${theirs.tenantId}`]) {
      const response = await control.app.request(`${KEYS}${query}`, { headers })
      expect(await response.text()).not.toContain(theirs.ids.key)
    }
    const body = { name: 'x', tenant_id: theirs.tenantId, tenantId: theirs.tenantId }
    for (const path of [KEYS, TEAMS, CUSTOMERS, '/v1/api-keys']) await mine.call('POST', path, body)
    for (const path of [KEYS, TEAMS, CUSTOMERS, '/v1/api-keys']) {
      const rows = await theirs.call('GET', path)
      expect(JSON.stringify(rows.body)).not.toContain('"name":"x"')
    }
  })

  it('also takes the key from x-api-key', async ({ expect }) => {
    const control = fakeControl()
    const { adminKey } = await newTenant(control)
    const response = await control.app.request(KEYS, { headers: { 'x-api-key': adminKey } })
    expect(response.status).toBe(200)
  })

  it('leaves the routes of other planes alone', async ({ expect }) => {
    const response = await fakeControl().app.request('/v1/models')
    expect(await response.text()).toBe('the data plane')
  })
})

describe('setup', () => {
  const body = () => ({ tenant_name: `acme ${crypto.randomUUID()}` })

  it('makes a tenant and an admin key, and another key when it is asked again', async ({ expect }) => {
    const control = fakeControl()
    const input = body()
    const first = await send(control, 'setup-token', ['POST', '/v1/setup', input])
    const second = await send(control, 'setup-token', ['POST', '/v1/setup', input])
    expect(first).toMatchObject({ status: 201, body: { data: { tenant_name: input.tenant_name } } })
    expect(Object.keys(first.body.data)).toEqual(['tenant_id', 'tenant_name', 'admin_key'])
    expect(second).toMatchObject({ status: 200, body: { data: { tenant_id: first.body.data.tenant_id } } })
    for (const answer of [first, second]) {
      expect((await send(control, answer.body.data.admin_key, ['GET', KEYS])).status).toBe(200)
    }
  })

  it('gives two who ask at once the same tenant', async ({ expect }) => {
    const control = fakeControl()
    const input = body()
    const answers = await Promise.all([1, 2, 3].map(() => send(control, 'setup-token', ['POST', '/v1/setup', input])))
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 200, 201])
    expect(new Set(answers.map(answer => answer.body.data.tenant_id)).size).toBe(1)
  })

  it('is closed to other tokens, and does not exist without one', async ({ expect }) => {
    const call: Call = ['POST', '/v1/setup', body()]
    const timestamp = new Date(NOW).toISOString()
    const problem = { instance: 'urn:request:req-test', request_id: 'req-test', trace_id: TRACE_ID, timestamp }
    const wrong = await send(fakeControl(), 'setup-tokem', call)
    expect(wrong).toMatchObject({ status: 401, body: { code: 'key_invalid', ...problem } })
    expect((await send(fakeControl(), undefined, call)).status).toBe(401)
    expect((await send(fakeControl({ setupToken: undefined }), 'setup-token', call)).status).toBe(404)
  })

  it.for([
    ['{', 400, 'json_malformed'],
    ['{}', 400, 'request_invalid'],
    ['{"tenant_name":"  "}', 400, 'request_invalid'],
    [`{"tenant_name":"${'x'.repeat(200_000)}"}`, 413, 'body_too_large'],
  ] as const)('refuses a body that is not one: %s', async ([text, status, code], { expect }) => {
    const answer = await send(fakeControl(), 'setup-token', ['POST', '/v1/setup', text])
    expect(answer).toMatchObject({ status, body: { code } })
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
  })
})

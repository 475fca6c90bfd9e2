import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { insertAlerts } from '../../workers/db/insert-alerts.ts'
import { insertEvents } from '../../workers/db/insert-events.ts'
import { makeEvent } from '../accounting/make-event.ts'
import { alertOf } from '../support/alert-of.ts'
import { type Call, type Control, fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'

const RANGE = 'start_date=2026-11-01&end_date=2026-11-30'

const TEAMS = '/api/governance/teams'
const CUSTOMERS = '/api/governance/customers'
const ACCOUNTS = '/api/providers'
const LIMIT = { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' }

const BUDGET = { max_limit: 1, reset_duration: '1d' }

type Ids = { account: string; key: string; event: string; team: string; customer: string; limit: string }

/** Every endpoint that only an admin may call, given the ids of a key and an event. */
const ENDPOINTS: [name: string, call: (ids: Ids) => Call][] = [
  ['create a key', () => ['POST', KEYS, { name: crypto.randomUUID() }]],
  ['list keys', () => ['GET', KEYS]],
  ['get a key', ({ key }) => ['GET', `${KEYS}/${key}`]],
  ['update a key', ({ key }) => ['PUT', `${KEYS}/${key}`, { description: 'changed' }]],
  ['delete a key', ({ key }) => ['DELETE', `${KEYS}/${key}`]],
  ['move a key', ({ key, team }) => ['PUT', `${KEYS}/${key}`, { team_id: team }]],
  ['create a team', () => ['POST', TEAMS, { name: crypto.randomUUID() }]],
  ['list teams', () => ['GET', TEAMS]],
  ['get a team', ({ team }) => ['GET', `${TEAMS}/${team}`]],
  ['update a team', ({ team }) => ['PUT', `${TEAMS}/${team}`, { budgets: [] }]],
  ['delete a team', ({ team }) => ['DELETE', `${TEAMS}/${team}`]],
  ['create a customer', () => ['POST', CUSTOMERS, { name: crypto.randomUUID() }]],
  ['list customers', () => ['GET', CUSTOMERS]],
  ['get a customer', ({ customer }) => ['GET', `${CUSTOMERS}/${customer}`]],
  ['update a customer', ({ customer }) => ['PUT', `${CUSTOMERS}/${customer}`, { name: 'changed' }]],
  ['delete a customer', ({ customer }) => ['DELETE', `${CUSTOMERS}/${customer}`]],
  ['list budgets', () => ['GET', '/api/governance/budgets']],
  ['list rate limits', () => ['GET', '/api/governance/rate-limits']],
  ['list providers with limits', () => ['GET', '/api/governance/providers']],
  ['limit a provider', () => ['PUT', '/api/governance/providers/openai', { budget: BUDGET }]],
  ['lift the limits of a provider', () => ['DELETE', '/api/governance/providers/openai']],
  ['create an account', () => ['POST', ACCOUNTS, { provider: `a${crypto.randomUUID()}`, vendor: 'openai' }]],
  ['list accounts', () => ['GET', ACCOUNTS]],
  ['get an account', () => ['GET', `${ACCOUNTS}/own`]],
  ['update an account', () => ['PUT', `${ACCOUNTS}/own`, { region: 'r' }]],
  ['delete an account', () => ['DELETE', `${ACCOUNTS}/own`]],
  ['create a key of an account', () => ['POST', `${ACCOUNTS}/own/keys`, { name: 'new', value: 'sk-new' }]],
  ['list keys of an account', () => ['GET', `${ACCOUNTS}/own/keys`]],
  ['get a key of an account', ({ account }) => ['GET', `${ACCOUNTS}/own/keys/${account}`]],
  ['update a key of an account', ({ account }) => ['PUT', `${ACCOUNTS}/own/keys/${account}`, { value: 'sk-new' }]],
  ['rotate a key of an account', ({ account }) => ['POST', `${ACCOUNTS}/own/keys/${account}/rotate`, { value: 'x' }]],
  ['delete a key of an account', ({ account }) => ['DELETE', `${ACCOUNTS}/own/keys/${account}`]],
  ['list keys of all accounts', () => ['GET', '/api/keys']],
  ['create a limit', () => ['POST', '/v1/limits', { ...LIMIT, duration: '2h' }]],
  ['list limits', () => ['GET', '/v1/limits']],
  ['list limits of a scope', ({ team }) => ['GET', `/v1/limits?scope=team:${team}`]],
  ['get a limit', ({ limit }) => ['GET', `/v1/limits/${limit}`]],
  ['update a limit', ({ limit }) => ['PUT', `/v1/limits/${limit}`, { max: 6 }]],
  ['delete a limit', ({ limit }) => ['DELETE', `/v1/limits/${limit}`]],
  ['list alerts', () => ['GET', '/v1/alerts']],
  ['list alerts of a limit', ({ limit }) => ['GET', `/v1/alerts?limit_id=${limit}&scope=user:u`]],
  ['list events', () => ['GET', '/v1/events']],
  ['get an event', ({ event }) => ['GET', `/v1/events/${event}`]],
  ['sum costs', () => ['GET', `/v1/analytics/costs?${RANGE}`]],
  ['ask whether all agrees', () => ['GET', '/v1/health/reconcile']],
]

/** A tenant with one of everything. */
async function inhabitedTenant(control: Control) {
  const tenant = await newTenant(control)
  const created = await tenant.call('POST', KEYS, { name: 'k', budgets: [{ max_limit: 1, reset_duration: '1d' }] })
  const event = makeEvent(NOW, { tenant_id: tenant.tenantId, virtual_key_id: created.body.virtual_key.id })
  await insertEvents(control.ports.db, { tenantId: tenant.tenantId, events: [event] })
  const team = await tenant.call('POST', TEAMS, { name: 'team', budget: BUDGET })
  const customer = await tenant.call('POST', CUSTOMERS, { name: 'customer', budget: BUDGET })
  await tenant.call('PUT', '/api/governance/providers/openai', { budget: BUDGET })
  const keys = [{ name: 'k', value: 'sk-own-0123456789' }]
  const account = await tenant.call('POST', ACCOUNTS, { provider: 'own', vendor: 'openai', keys })
  const limit = await tenant.call('POST', '/v1/limits', LIMIT)
  await insertAlerts(control.ports.db, tenant.tenantId, [alertOf({ limitId: limit.body.data.id })])
  const groups = { team: team.body.team.id, customer: customer.body.customer.id, limit: limit.body.data.id }
  const ids: Ids = { account: account.body.keys[0].id, key: created.body.virtual_key.id, event: event.id, ...groups }
  return { ...tenant, ids, virtualKey: created.body.virtual_key.value }
}

function codeOf(path: string, body: { code?: string; error?: { message: string } }) {
  return path.startsWith('/api/') ? body.error?.message : body.code
}

describe('every endpoint of an admin', () => {
  it.for(ENDPOINTS)(
    'refuses a request without a key, with a wrong one, with a virtual key: %s',
    async ([, callFor], { expect }) => {
      const control = fakeControl()
      const { ids, virtualKey, adminKey, tenantId } = await inhabitedTenant(control)
      const call = callFor(ids)
      const forged = `weir-admin-${tenantId}.${crypto.randomUUID()}.1`
      const answers = [undefined, 'nonsense', forged, `${adminKey}9`, virtualKey].map(key => send(control, key, call))
      expect((await Promise.all(answers)).map(answer => answer.status)).toEqual([401, 401, 401, 401, 403])
      const missing = await send(control, undefined, call)
      expect(codeOf(call[1], missing.body)).toMatch(/^key_missing$|Present your key/)
      expect(missing.headers.get('x-request-id')).toBe('req-test')
    },
  )

  it.for(ENDPOINTS)('refuses a revoked key: %s', async ([, callFor], { expect }) => {
    const control = fakeControl()
    const { ids, tenantId, call } = await inhabitedTenant(control)
    await env.DB.prepare('UPDATE admin_key SET revoked_ms = created_ms WHERE tenant_id = ?1').bind(tenantId).run()
    expect((await call(...callFor(ids))).status).toBe(401)
  })

  it.for(ENDPOINTS)("shows and changes nothing of another tenant's: %s", async ([, callFor], { expect }) => {
    const control = fakeControl()
    const [mine, theirs] = [await inhabitedTenant(control), await inhabitedTenant(control)]
    const uuid = () => crypto.randomUUID()
    const unknown = {
      account: uuid(),
      key: uuid(),
      event: makeEvent(NOW).id,
      team: uuid(),
      customer: uuid(),
      limit: `${uuid()}:tokens`,
    }
    const shown = async () => {
      const paths = [TEAMS, CUSTOMERS, '/v1/limits', '/api/governance/providers', ACCOUNTS]
      return (await Promise.all(paths.map(path => theirs.call('GET', path)))).map(({ body }) => body)
    }
    const before = await shown()
    const answer = await mine.call(...callFor(theirs.ids))
    const text = JSON.stringify(answer.body)
    for (const id of [theirs.tenantId, ...Object.values(theirs.ids)]) expect(text).not.toContain(id)
    if (answer.status >= 400) expect(answer).toEqual(await mine.call(...callFor(unknown)))
    expect(await shown()).toEqual(before)
    const after = await theirs.call('GET', `${KEYS}/${theirs.ids.key}`)
    expect(after.body.virtual_key).toMatchObject({ id: theirs.ids.key, is_active: true })
    expect(after.body.virtual_key.description).toBeUndefined()
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
    const problem = { instance: 'urn:request:req-test', request_id: 'req-test' }
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

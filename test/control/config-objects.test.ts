import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { isDeclared } from '../../workers/contracts/declared-routes.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { fakeControl, KEYS, newTenant, openTenant } from './fake-ports.ts'
import { inhabitedTenant, SAMPLES } from './route-samples.ts'

const OBJECTS = '/v1/config/objects'
const hash = (digit: string) => digit.repeat(64)
const marked = (digit: string) => ({ 'x-weir-config-hash': hash(digit) })
const DRY = { 'x-weir-dry-run': 'true' }

/** Every good request of a route whose changes a file can declare. */
const DECLARED = CONTROL_ROUTES.filter(isDeclared).flatMap(({ operationId }) =>
  (SAMPLES[operationId] ?? []).map((sample, index) => ({ name: `${operationId} ${index}`, operationId, sample })),
)

/** All rows of all tables, but of who used which key when. */
async function everything(): Promise<string> {
  const list = `SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT GLOB '_cf_*' AND name NOT GLOB 'd1_*'`
  const { results } = await env.DB.prepare(list).all<{ name: string }>()
  const rows = await env.DB.batch(results.map(({ name }) => env.DB.prepare(`SELECT * FROM ${name}`)))
  return JSON.stringify(rows.map(one => one.results))
}

describe('what a file makes', () => {
  it('is known by its hash from the change itself, and no more when it is deleted', async ({ expect }) => {
    const { call } = await openTenant()
    const made = await call('POST', KEYS, { name: 'k' }, marked('a'))
    const path = `${KEYS}/${made.body.virtual_key.id}`
    const list = async () => (await call('GET', OBJECTS)).body.data
    const row = { kind: 'virtual_key', id: made.body.virtual_key.id, applied_at: '2026-11-20T12:00:00.000Z' }
    expect(await list()).toEqual([{ ...row, config_hash: hash('a') }])
    await call('PUT', path, { description: 'by hand' })
    expect(await list()).toEqual([{ ...row, config_hash: hash('a') }])
    await call('PUT', path, { description: 'by the file' }, marked('b'))
    expect(await list()).toEqual([{ ...row, config_hash: hash('b') }])
    expect((await call('PUT', path, { is_active: true, weight: 1, budgets: [{}] }, marked('c'))).status).toBe(400)
    expect(await list()).toEqual([{ ...row, config_hash: hash('b') }])
    await call('DELETE', path)
    expect(await list()).toEqual([])
  })

  it.for(DECLARED.filter(({ sample }) => ['POST', 'PUT', 'PATCH'].includes(sample({} as never)[0])))(
    'has the hash of the request that made it so: $name',
    async ({ sample }, { expect }) => {
      const tenant = await inhabitedTenant(fakeControl())
      const [method, path, body] = sample(tenant.ids)
      const answer = await tenant.call(method, path, body, marked('d'))
      expect(answer.status).toBeLessThan(300)
      const { data, pagination } = (await tenant.call('GET', OBJECTS)).body
      expect(pagination.total).toBe(1)
      expect(data[0].config_hash).toBe(hash('d'))
      const told = JSON.stringify(answer.body)
      expect(JSON.stringify(path) + told).toContain(data[0].id)
      // What has a hash in the contract shows this one; an override answers with its budget alone.
      const isShown = told.includes('config_hash') && !path.endsWith('/override')
      if (isShown) expect(told).toContain(`"config_hash":"${hash('d')}"`)
    },
  )

  it('shows its hash wherever the contract has one: by itself, in lists, and within others', async ({ expect }) => {
    const { call, make } = await openTenant()
    const customer = (await call('POST', '/api/governance/customers', { name: 'c' }, marked('c'))).body.customer
    const own = { name: 't', customer_id: customer.id }
    const team = (await call('POST', '/api/governance/teams', own, marked('a'))).body.team
    expect(team).toMatchObject({ config_hash: hash('a'), customer: { config_hash: hash('c') } })
    const limited = { name: 'k', team_id: team.id, budgets: [{ max_limit: 1, reset_duration: '1d' }] }
    const key = (await call('POST', KEYS, limited, marked('b'))).body.virtual_key
    const bare = await make(KEYS, { name: 'bare', team_id: team.id })
    const shown = (await call('GET', `${KEYS}/${key.id}`)).body.virtual_key
    // A key's budgets are part of it, and have no hash of their own.
    expect(shown).toMatchObject({
      config_hash: hash('b'),
      budget: { config_hash: '' },
      team: { config_hash: hash('a') },
    })
    const both = [
      { id: bare.id, config_hash: '' },
      { id: key.id, config_hash: hash('b') },
    ]
    expect((await call('GET', `${KEYS}?sort_by=name`)).body.virtual_keys).toMatchObject(both)
    const within: { name: string }[] = (await call('GET', `/api/governance/teams/${team.id}`)).body.team.virtual_keys
    // Those of one instant are in the order of their ids.
    expect(within.toSorted((a, b) => a.name.localeCompare(b.name))).toMatchObject(both)
    const map = (await call('GET', '/api/governance/teams?from_memory=true')).body.teams
    expect(map[team.id].config_hash).toBe(hash('a'))
    const other = await newTenant(fakeControl())
    const mark = { objects: [{ kind: 'team', id: team.id, config_hash: hash('e') }] }
    expect((await other.call('PUT', OBJECTS, mark)).status).toBe(400)
  })

  it('is told by kind, and says nothing of what went with another object', async ({ expect }) => {
    const { call } = await openTenant()
    const team = await call('POST', '/api/governance/teams', { name: 't' }, marked('a'))
    const scope_id = team.body.team.id
    const targets = [{ provider: 'openai', weight: 1 }]
    const rules = '/api/governance/routing-rules'
    await call('POST', rules, { name: 'r', targets, scope: 'team', scope_id }, marked('b'))
    await call('POST', '/api/providers', { provider: 'own', vendor: 'openai' }, marked('c'))
    await call('POST', '/api/providers/own/keys', { name: 'k', value: 'sk-0123456789ab' }, marked('d'))
    const kinds = async (query = '') =>
      (await call('GET', OBJECTS + query)).body.data.map((row: { kind: string }) => row.kind)
    expect(await kinds()).toEqual(['provider', 'provider_key', 'routing_rule', 'team'])
    expect(await kinds('?kind=team')).toEqual(['team'])
    expect((await call('GET', `${OBJECTS}?kind=nothing`)).status).toBe(400)
    await call('DELETE', `/api/governance/teams/${scope_id}`)
    await call('DELETE', '/api/providers/own')
    expect(await kinds()).toEqual([])
  })

  it('can be marked as it is, and no longer, but only where it is the tenant’s own', async ({ expect }) => {
    const control = fakeControl()
    const [mine, theirs] = [await inhabitedTenant(control), await inhabitedTenant(control)]
    const put = (id: string, config_hash: string | null, kind = 'virtual_key') =>
      mine.call('PUT', OBJECTS, { objects: [{ kind, id, config_hash }] })
    expect((await put(mine.ids.key, hash('e'))).body.data).toMatchObject([{ id: mine.ids.key, config_hash: hash('e') }])
    expect((await put(mine.ids.key, null)).body.data).toEqual([])
    expect((await mine.call('GET', OBJECTS)).body.pagination.total).toBe(0)
    const foreign = await put(theirs.ids.key, hash('e'))
    expect(foreign.body).toMatchObject({ status: 400, param: 'objects[0].id' })
    expect((await put(mine.ids.team, hash('e'))).status).toBe(400)
    expect((await put(mine.ids.limit, hash('e'), 'limit')).status).toBe(200)
    expect((await put(mine.tenantId, hash('e'), 'tenant')).status).toBe(200)
    expect((await put('own', hash('e'), 'provider')).status).toBe(200)
  })

  it.for<[string, unknown, RegExp]>([
    ['no list', {}, /objects/],
    ['nothing', { objects: [] }, /objects/],
    ['too many', { objects: Array.from({ length: 501 }, () => ({ kind: 'team', id: 'x', config_hash: null })) }, /500/],
    ['no kind', { objects: [{ kind: 'api_key', id: 'x', config_hash: null }] }, /kind/],
    ['no hash', { objects: [{ kind: 'team', id: 'x', config_hash: 'ABC' }] }, /64 hexadecimal digits/],
    ['a word more', { objects: [{ kind: 'team', id: 'x', config_hash: null, more: 1 }] }, /more/],
  ])('cannot be marked by a body with %s', async ([, body, detail], { expect }) => {
    const tenant = await newTenant(fakeControl())
    const answer = await tenant.call('PUT', OBJECTS, body)
    expect([answer.status, answer.body.code]).toEqual([400, 'request_invalid'])
    expect(answer.body.detail).toMatch(detail)
  })

  it('is not said of what no file declares, nor by a hash that is none', async ({ expect }) => {
    const { call } = await openTenant()
    const wrong = await call('POST', KEYS, { name: 'k' }, { 'x-weir-config-hash': 'abc' })
    expect([wrong.status, wrong.body.error.message]).toEqual([400, expect.stringContaining('64 hexadecimal digits')])
    const other = await call('POST', '/v1/api-keys', { name: 'k' }, marked('a'))
    expect([other.status, other.body.code]).toEqual([400, 'header_invalid'])
    expect((await call('GET', KEYS)).body.total_count).toBe(0)
  })
})

describe('a change that is only tried', () => {
  it.for(DECLARED)('would pass, writes nothing and pushes nothing: $name', async ({ sample }, { expect }) => {
    const control = fakeControl()
    const tenant = await inhabitedTenant(control)
    const [method, path, body] = sample(tenant.ids)
    const [before, pushes] = [await everything(), control.pushOrder.length]
    const answer = await tenant.call(method, path, body, { ...DRY, 'idempotency-key': crypto.randomUUID() })
    expect([answer.status, answer.body]).toEqual([200, { dry_run: true }])
    expect(await everything()).toBe(before)
    expect(control.pushOrder.length).toBe(pushes)
    expect((await tenant.call(method, path, body)).status).toBeLessThan(300)
    expect(await everything()).not.toBe(before)
  })

  it('is refused as it would be, also by the database', async ({ expect }) => {
    const { call } = await openTenant()
    await call('POST', KEYS, { name: 'k' })
    for (const body of [{ name: 'k' }, { name: '' }, { name: 'x', team_id: crypto.randomUUID() }]) {
      const [tried, done] = [await call('POST', KEYS, body, DRY), await call('POST', KEYS, body)]
      expect([tried.status, tried.body]).toEqual([done.status, done.body])
      expect(tried.status).toBe(400)
    }
  })

  it('is none where it cannot be tried', async ({ expect }) => {
    const { call } = await openTenant()
    expect((await call('POST', '/v1/api-keys', { name: 'k' }, DRY)).body.code).toBe('header_invalid')
    expect((await call('POST', KEYS, { name: 'k' }, { 'x-weir-dry-run': 'maybe' })).status).toBe(400)
    expect((await call('GET', '/v1/api-keys')).body.pagination.total).toBe(0)
  })
})

describe('what a file has to be able to say', () => {
  it('takes one half of a rate limit away and keeps the other', async ({ expect }) => {
    const { make, put } = await openTenant()
    const both = { token_max_limit: 5, token_reset_duration: '1h', request_max_limit: 6, request_reset_duration: '1d' }
    const requests = { request_max_limit: 7, request_reset_duration: '1d' }
    for (const path of [KEYS, '/api/governance/customers', '/api/governance/teams']) {
      const made = await make(path, { name: path, rate_limit: both })
      const { rate_limit } = await put(`${path}/${made.id}`, { rate_limit: { ...requests, replace: true } })
      expect(rate_limit).toMatchObject({ ...requests, id: made.rate_limit.id })
      expect(rate_limit).not.toHaveProperty('token_max_limit')
    }
  })

  it('gives an account its default timeouts back', async ({ expect }) => {
    const { make, put } = await openTenant()
    const network_config = { default_request_timeout_in_seconds: 5, stream_idle_timeout_in_seconds: 6 }
    await make('/api/providers', { provider: 'own', vendor: 'openai', network_config })
    const changed = await put('/api/providers/own', { network_config: { default_request_timeout_in_seconds: 0 } })
    expect(changed.network_config).toEqual({ stream_idle_timeout_in_seconds: 6 })
  })
})

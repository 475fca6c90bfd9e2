import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { auditForm } from '../../workers/core/access/audit-action.ts'
import { type Call, fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { ACCESS_KEY_ID, apiKeyOf, inhabitedTenant, PROVIDER_SECRETS, SAMPLES } from './route-samples.ts'

const AUDIT = '/v1/identity/audit'

/** The writing routes with a principal, and one good request of each. */
const WRITES = CONTROL_ROUTES.filter(
  route => route.method !== 'GET' && !route.isQuestion && typeof route.access !== 'string',
).flatMap(({ method, operationId }) => (SAMPLES[operationId] ?? []).map(sample => ({ operationId, method, sample })))

type Row = Record<'actor_kind' | 'actor_id' | 'action' | 'resource_type' | 'resource_id' | 'request_id', string> & {
  before: string | null
  after: string | null
}

async function rowsOf(tenantId: string): Promise<Row[]> {
  const text = `SELECT actor_kind, actor_id, action, resource_type, resource_id, request_id, before, after
    FROM audit_event WHERE tenant_id = ?1 ORDER BY id`
  return (await env.DB.prepare(text).bind(tenantId).all<Row>()).results
}

async function makePair() {
  const control = fakeControl()
  const [mine, theirs] = [await inhabitedTenant(control), await inhabitedTenant(control)]
  return { control, mine, theirs, weak: await apiKeyOf(mine, { role: 'auditor' }) }
}
let refused: ReturnType<typeof makePair> | undefined

// A delete may find what has the same name in every tenant; all others are refused, and change nothing.
function pairFor(method: string): ReturnType<typeof makePair> {
  if (method === 'DELETE') return makePair()
  refused ??= makePair()
  return refused
}

describe('the audit trail', () => {
  it.for(WRITES)(
    'has one row of each change: who, what, before and after: $operationId',
    async ({ operationId, method, sample }, { expect }) => {
      const control = fakeControl()
      const tenant = await inhabitedTenant(control)
      const key = await apiKeyOf(tenant, { role: 'owner' })
      const { results } = await env.DB.prepare('SELECT id FROM api_key WHERE tenant_id = ?1 AND name = ?2')
        .bind(tenant.tenantId, 'made')
        .all<{ id: string }>()
      const before = await rowsOf(tenant.tenantId)
      const answer = await send(control, key, sample(tenant.ids))
      expect(answer.status).toBeLessThan(300)
      const added = (await rowsOf(tenant.tenantId)).slice(before.length)
      expect(added).toMatchObject([{ actor_kind: 'api_key', actor_id: results[0]?.id, request_id: 'req-test' }])
      const [row] = added
      const isNew = method === 'POST' && !/^(rotate|refresh|reset)/.test(operationId)
      // What is taken away there is a part of what stays.
      const isGone = method === 'DELETE' && operationId !== 'clearBudgetOverride'
      expect([row?.before === null, row?.after === null]).toEqual([isNew, isGone])
      const shown = JSON.stringify([answer.body, sample(tenant.ids)[1]])
      expect(shown).toContain(row?.resource_id)
      if (!isNew) expect(row?.after).not.toBe(row?.before)
    },
  )

  it.for(WRITES)(
    'has no row of a change that was refused: $operationId',
    async ({ method: verb, sample }, { expect }) => {
      const { control, mine, theirs, weak } = await pairFor(verb)
      const [method, path, body] = sample(theirs.ids)
      const before = [await rowsOf(mine.tenantId), await rowsOf(theirs.tenantId)]
      const calls: [key: string, call: Call][] = [
        [weak, [method, path, body]],
        [mine.adminKey, [method, path, '{"name": 5']],
        [
          mine.adminKey,
          [method, path, { name: 5, scope: 5, description: 5, budgets: 5, budget: 5, max: 'x', primary_color: 5 }],
        ],
      ]
      for (const [key, call] of calls) {
        const { status } = await send(control, key, call)
        if (method !== 'DELETE') expect(status).toBeGreaterThanOrEqual(400)
        if (method === 'DELETE' && key === weak) expect(status).toBe(403)
      }
      const after = [await rowsOf(mine.tenantId), await rowsOf(theirs.tenantId)]
      // Providers and flags have the same names in every tenant, and a delete reads no body.
      if (method !== 'DELETE' || !/providers|feature-flags/.test(path)) expect(after).toEqual(before)
    },
  )

  it('rolls back with a change that the database refuses', async ({ expect }) => {
    const control = fakeControl()
    const tenant = await inhabitedTenant(control)
    const before = await rowsOf(tenant.tenantId)
    for (const path of [KEYS, '/api/governance/teams', '/api/governance/customers']) {
      const name = { [KEYS]: 'k', '/api/governance/teams': 'team' }[path] ?? 'customer'
      expect((await tenant.call('POST', path, { name })).status).toBe(400)
    }
    expect(await rowsOf(tenant.tenantId)).toEqual(before)
  })

  it('keeps one row of each of those who change the same thing at once', async ({ expect }) => {
    const control = fakeControl()
    const tenant = await inhabitedTenant(control)
    const before = await rowsOf(tenant.tenantId)
    const path = `${KEYS}/${tenant.ids.key}`
    const answers = await Promise.all([1, 2, 3, 4].map(n => tenant.call('PUT', path, { description: `d${n}` })))
    expect(answers.map(answer => answer.status)).toEqual([200, 200, 200, 200])
    const added = (await rowsOf(tenant.tenantId)).slice(before.length)
    expect(added.length).toBe(4)
    const last = await tenant.call('GET', path)
    const versions = added.map(row => JSON.parse(row.after ?? '{}'))
    const newest = versions.sort((a, b) => b.version - a.version)[0]
    expect(newest.description).toBe(last.body.virtual_key.description)
  })

  it('tells who made a tenant and its admin keys', async ({ expect }) => {
    const control = fakeControl()
    const tenant = await newTenant(control)
    const rows = await rowsOf(tenant.tenantId)
    expect(rows).toMatchObject([{ actor_kind: 'setup_token', action: 'admin_key.create', before: null }])
    expect(JSON.parse(rows[0]?.after ?? '').tenant.id).toBe(tenant.tenantId)
  })

  it.for([
    'UPDATE audit_event SET action = ?2 WHERE tenant_id = ?1',
    'DELETE FROM audit_event WHERE tenant_id = ?1 OR action = ?2',
  ])('cannot be changed, even by us: %s', async (text, { expect }) => {
    const tenant = await newTenant(fakeControl())
    await expect(env.DB.prepare(text).bind(tenant.tenantId, 'x.y').run()).rejects.toThrow(/append-only/)
    expect((await rowsOf(tenant.tenantId)).length).toBe(1)
  })

  it('holds no key and nothing that a key could be checked against', async ({ expect }) => {
    const control = fakeControl()
    const tenant = await inhabitedTenant(control)
    for (const { sample } of WRITES) await tenant.call(...sample(tenant.ids))
    const text = JSON.stringify(await rowsOf(tenant.tenantId))
    const { accessToken, refreshToken } = tenant.member
    const keys = [tenant.virtualKey, tenant.adminKey, tenant.apiKeyText, ...tenant.secrets, accessToken, refreshToken]
    keys.push(ACCESS_KEY_ID, ...PROVIDER_SECRETS)
    for (const secret of keys) {
      expect(text).not.toContain(secret)
      expect(text).not.toContain(`hash of ${secret}`)
    }
    expect(text).not.toMatch(/hash of|setup-token|scrypt|"v1\.|weir-(svc|agent|rt)-/)
    const planted = { keyHash: 'P1', client_secret: 'P2', nested: [{ passwordHash: 'P3', sealed: 'P4', name: 'kept' }] }
    expect(auditForm(planted)).toEqual({ nested: [{ name: 'kept' }] })
  })
})

describe('GET /v1/identity/audit', () => {
  it('shows the newest first, in pages, and finds by actor, action, resource and time', async ({ expect }) => {
    let nowMs = NOW
    const control = fakeControl({ nowMs: () => nowMs })
    const tenant = await newTenant(control)
    nowMs += 1000
    const { body } = await tenant.call('POST', KEYS, { name: 'a' })
    nowMs += 1000
    const key = await apiKeyOf(tenant, { role: 'owner' })
    const { id } = body.virtual_key
    await send(control, key, ['PUT', `${KEYS}/${id}`, { description: 'b' }])
    const actions = async (query: string) => {
      const answer = await tenant.call('GET', `${AUDIT}${query}`)
      return answer.body.data.map((event: { action: string }) => event.action)
    }
    const all = ['virtual_key.update', 'api_key.create', 'virtual_key.create', 'admin_key.create']
    expect(await actions('')).toEqual(all)
    expect(await actions('?limit=2&offset=1')).toEqual(all.slice(1, 3))
    expect(await actions('?actor_kind=api_key')).toEqual(['virtual_key.update'])
    expect(await actions('?actor_id=setup')).toEqual(['admin_key.create'])
    expect(await actions('?action=virtual_key.create')).toEqual(['virtual_key.create'])
    expect(await actions(`?resource_type=virtual_key&resource_id=${id}`)).toEqual([all[0], all[2]])
    expect(await actions(`?start_date=${new Date(NOW + 1000).toISOString()}`)).toEqual(all.slice(0, 3))
    expect(await actions(`?end_date=${new Date(NOW + 1000).toISOString()}`)).toEqual(['admin_key.create'])
    const { body: page } = await tenant.call('GET', `${AUDIT}?limit=1`)
    expect(page.pagination).toEqual({ total: 4, limit: 1, offset: 0, has_more: true })
    expect(page.data[0]).toMatchObject({ before: { description: '' }, after: { description: 'b' } })
    for (const wrong of ['limit=0', 'limit=1001', 'offset=-1', 'start_date=x']) {
      expect((await tenant.call('GET', `${AUDIT}?${wrong}`)).status).toBe(400)
    }
  })
})

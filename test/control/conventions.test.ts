import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { maskSecret } from '../../workers/control/http/mask-secret.ts'
import { CONTROL_ROUTES } from '../../workers/control/routes.ts'
import { type Call, fakeControl, KEYS, NOW, newTenant, send } from './fake-ports.ts'
import { apiKeyOf, type Ids, inhabitedTenant, SAMPLES } from './route-samples.ts'

/** The routes of one thing that has a version: how to read it, and how to change it. */
const VERSIONED: [read: string, writes: string[]][] = [
  ['getVirtualKey', ['updateVirtualKey', 'deleteVirtualKey']],
  // A part of the key, which has the key's version.
  ['getVirtualKey', ['overrideBudget', 'clearBudgetOverride']],
  ['getTeam', ['updateTeam', 'deleteTeam']],
  ['getCustomer', ['updateCustomer', 'deleteCustomer']],
  ['getRoutingRule', ['updateRoutingRule', 'deleteRoutingRule']],
  ['getLimit', ['updateLimit', 'deleteLimit']],
  ['getPricingOverride', ['updatePricingOverride', 'deletePricingOverride']],
  ['getMember', ['changeRole', 'removeMember']],
  ['getFlag', ['putFlag', 'deleteFlag']],
  ['getTenant', ['updateTenant']],
  ['getBranding', ['putBranding']],
  ['getBudget', ['updateBudget', 'deleteBudget']],
  ['getComplexityConfig', ['updateComplexityConfig']],
  ['getMcpClient', ['updateMcpClient', 'deleteMcpClient']],
  ['getMcpClientInList', ['updateMcpClientInList', 'deleteMcpClientInList']],
  ['getWebhook', ['updateWebhook', 'deleteWebhook']],
  ['getAlert', ['updateAlert', 'deleteAlert']],
  ['getSsoProvider', ['updateSsoProvider', 'deleteSsoProvider']],
  ['getProvider', ['updateProvider', 'deleteProvider']],
  ['getProviderKey', ['updateProviderKey', 'deleteProviderKey']],
]

function sampleOf(operation: string, ids: Ids): Call {
  const [sample] = SAMPLES[operation] ?? []
  if (!sample) throw new Error(`no sample of ${operation}`)
  return sample(ids)
}

describe('ETag and If-Match', () => {
  it('are of every route that says so', ({ expect }) => {
    const names = CONTROL_ROUTES.filter(route => route.hasEtag && route.method !== 'POST').map(one => one.operationId)
    expect(names.sort()).toEqual([...new Set(VERSIONED.flat(2))].sort())
  })

  it.for(VERSIONED)('lets only those who know it as it is change it: %s', async ([read, writes], { expect }) => {
    const control = fakeControl()
    const { ids, call } = await inhabitedTenant(control)
    const tag = async () => (await call(...sampleOf(read, ids))).headers.get('etag') ?? ''
    const stale = await tag()
    const [update, remove = update] = writes.map(name => sampleOf(name, ids)) as [Call, Call?]
    const changed = await call(update[0], update[1], update[2], { 'if-match': stale })
    expect(changed.status).toBe(200)
    const fresh = await tag()
    expect(fresh).not.toBe(stale)
    expect(changed.headers.get('etag')).toBe(fresh)
    for (const header of [stale, `W/${fresh}`, '"x"']) {
      for (const [method, path, body] of [update, remove]) {
        const refused = await call(method, path, body, { 'if-match': header })
        expect([refused.status, refused.body.code ?? refused.body.status_code]).toEqual([412, refused.body.code ?? 412])
      }
    }
    expect(await tag()).toBe(fresh)
    expect((await call(update[0], update[1], update[2], { 'if-match': '*' })).status).toBe(200)
    expect((await call(remove[0], remove[1], remove[2], { 'if-match': `"x", ${await tag()}` })).status).toBeLessThan(
      300,
    )
  })

  it('lets one of those through who change what they all know, and tells the others', async ({ expect }) => {
    const { ids, call } = await inhabitedTenant(fakeControl())
    const path = `${KEYS}/${ids.key}`
    const etag = (await call('GET', path)).headers.get('etag') ?? ''
    const change = (n: number) => call('PUT', path, { description: `d${n}` }, { 'if-match': etag })
    const answers = await Promise.all([1, 2, 3, 4].map(change))
    expect(answers.map(answer => answer.status).sort()).toEqual([200, 412, 412, 412])
  })
})

/** The routes that make something for a tenant. */
const CREATES = CONTROL_ROUTES.filter(
  route => route.method === 'POST' && !route.isQuestion && typeof route.access !== 'string',
).map(route => route.operationId)

describe('Idempotency-Key', () => {
  const once = (key = crypto.randomUUID()) => ({ 'idempotency-key': key })

  async function auditCount(tenantId: string) {
    const text = 'SELECT count(*) AS n FROM audit_event WHERE tenant_id = ?1'
    return env.DB.prepare(text).bind(tenantId).first<number>('n')
  }

  it.for(CREATES)(
    'makes one thing of a request that is repeated, and keeps no secret: %s',
    async (name, { expect }) => {
      const control = fakeControl()
      const { ids, call, tenantId } = await inhabitedTenant(control)
      const [method, path, body] = sampleOf(name, ids)
      const headers = once()
      const before = (await auditCount(tenantId)) ?? 0
      const first = await call(method, path, body, headers)
      const second = await call(method, path, body, headers)
      expect(first.headers.get('x-weir-replayed')).toBeNull()
      expect(second.headers.get('x-weir-replayed')).toBe('true')
      expect(second.status).toBe(first.status)
      expect(await auditCount(tenantId)).toBe(before + 1)
      const route = CONTROL_ROUTES.find(one => one.operationId === name)
      expect(second.body).toEqual(JSON.parse(maskSecret(JSON.stringify(first.body), route?.secret)))
      const secret = first.body.key ?? first.body.secret ?? first.body.virtual_key?.value
      const kept = await env.DB.prepare('SELECT body FROM idempotent_answer WHERE tenant_id = ?1').bind(tenantId).all()
      if (secret) expect(JSON.stringify([kept.results, second.body])).not.toContain(secret)
      expect(JSON.stringify(kept.results)).not.toMatch(/hash of|sk-bf-[^*]/)
    },
  )

  it("refuses another request under the same key, and another caller's", async ({ expect }) => {
    const control = fakeControl()
    const tenant = await newTenant(control)
    const headers = once()
    await tenant.call('POST', KEYS, { name: 'a' }, headers)
    const other = await tenant.call('POST', '/v1/api-keys', { name: 'a' }, headers)
    expect(other.status).toBe(201)
    const changed = await tenant.call('POST', '/v1/api-keys', { name: 'b' }, headers)
    expect([changed.status, changed.body.code]).toEqual([422, 'idempotency_key_reused'])
    const key = await apiKeyOf(tenant, { role: 'owner' })
    expect((await send(control, key, ['POST', '/v1/api-keys', { name: 'a' }, headers])).status).toBe(422)
    const stranger = await newTenant(control)
    expect((await stranger.call('POST', '/v1/api-keys', { name: 'b' }, headers)).status).toBe(201)
  })

  it('makes one thing of requests that come together: one wins, the others hear of it', async ({ expect }) => {
    const { call } = await newTenant(fakeControl())
    const headers = once()
    const answers = await Promise.all([1, 2, 3, 4, 5].map(() => call('POST', '/v1/api-keys', { name: 'a' }, headers)))
    expect(answers.filter(answer => ![201, 409].includes(answer.status))).toEqual([])
    expect(answers.filter(answer => answer.status === 201 && !answer.headers.has('x-weir-replayed')).length).toBe(1)
    for (const busy of answers.filter(answer => answer.status === 409)) {
      expect(busy.body.code).toBe('idempotency_in_progress')
      expect(Number(busy.headers.get('retry-after'))).toBeGreaterThan(0)
    }
    expect((await call('GET', '/v1/api-keys')).body.pagination.total).toBe(1)
  })

  it('keeps no refusal, so that what was put right can be asked for again', async ({ expect }) => {
    const { call } = await newTenant(fakeControl())
    const headers = once()
    expect((await call('POST', KEYS, { name: '' }, headers)).status).toBe(400)
    expect((await call('POST', KEYS, { name: 'a' }, headers)).status).toBe(200)
  })

  it('keeps the answer to a change that is saved and not yet in force', async ({ expect }) => {
    let fails = true
    const pushScope = async () => {
      if (fails) throw new Error('no answer')
    }
    const { call } = await newTenant(fakeControl({ pushScope }))
    const body = { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' }
    const headers = once()
    expect((await call('POST', '/v1/limits', body, headers)).status).toBe(503)
    fails = false
    const again = await call('POST', '/v1/limits', body, headers)
    expect([again.status, again.body.code]).toEqual([503, 'change_pending'])
    expect((await call('GET', '/v1/limits')).body.data.length).toBe(1)
  })

  it('is forgotten after a day', async ({ expect }) => {
    let nowMs = NOW
    const { call } = await newTenant(fakeControl({ nowMs: () => nowMs }))
    const headers = once()
    const make = () => call('POST', '/v1/api-keys', { name: 'a' }, headers)
    const first = await make()
    nowMs += 86_399_999
    expect((await make()).body.id).toBe(first.body.id)
    nowMs += 1
    expect((await make()).body.id).not.toBe(first.body.id)
  })

  it.for(['', 'a b', 'x'.repeat(256)])('refuses a key that is none: %j', async (key, { expect }) => {
    const { call } = await newTenant(fakeControl())
    const { status, body } = await call('POST', '/v1/api-keys', { name: 'a' }, { 'idempotency-key': key })
    expect([status, body.code]).toEqual([400, 'header_invalid'])
  })
})

describe('a deprecated route', () => {
  it('says since when, until when, and where to go instead, whatever it answers', async ({ expect }) => {
    const deprecated = { sinceMs: Date.UTC(2026, 0, 1), sunsetMs: Date.UTC(2027, 0, 1), successor: '/v2/limits' }
    const routes = CONTROL_ROUTES.map(one => (one.operationId === 'listLimits' ? { ...one, deprecated } : one))
    const control = fakeControl({}, routes)
    const { call } = await newTenant(control)
    for (const answer of [await call('GET', '/v1/limits'), await send(control, undefined, ['GET', '/v1/limits'])]) {
      expect(answer.headers.get('deprecation')).toBe('@1767225600')
      expect(answer.headers.get('sunset')).toBe('Fri, 01 Jan 2027 00:00:00 GMT')
      expect(answer.headers.get('link')).toBe('</v2/limits>; rel="successor-version"')
    }
    expect((await call('GET', '/v1/alerts')).headers.get('deprecation')).toBeNull()
  })
})

import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { fakeControl, NOW, newTenant, send } from './fake-ports.ts'
import { apiKeyOf } from './route-samples.ts'

const HOOKS = '/v1/webhooks'
const URL = 'https://hooks.example.com/x'
const GOOD = { url: URL, events: ['cost_event'] }

async function setUp() {
  const control = fakeControl()
  const tenant = await newTenant(control)
  return {
    control,
    ...tenant,
    make: async (over = {}) => (await tenant.call('POST', HOOKS, { ...GOOD, ...over })).body,
  }
}

describe('a webhook', () => {
  it('is made with a secret that is shown once and kept sealed', async ({ expect }) => {
    const { call, make, tenantId } = await setUp()
    const made = await make({ events: ['limit.reached', 'cost_event', 'limit.reached'] })
    const { secret, ...shown } = made
    expect(secret).toMatch(/^whsec_[\w-]{43}$/)
    expect(shown).toEqual({
      ...{ id: expect.any(String), url: URL, events: ['limit.reached', 'cost_event'], active: true, status: 'active' },
      ...{ paused_reason: null, paused_at: null, failures: 0, failing_since: null, previous_secret_until: null },
      created_by: expect.stringMatching(/^admin_key:/),
      ...{ created_at: new Date(NOW).toISOString(), updated_at: new Date(NOW).toISOString() },
    })
    expect((await call('GET', `${HOOKS}/${made.id}`)).body).toEqual(shown)
    expect((await call('GET', HOOKS)).body.data).toEqual([shown])
    const row = await env.DB.prepare('SELECT * FROM webhook WHERE tenant_id = ?1').bind(tenantId).first()
    expect(JSON.stringify(row)).not.toContain(secret.slice(6))
    expect(await make({ secret: 'my-own-secret' })).toMatchObject({ secret: 'my-own-secret' })
  })

  it.for([
    [{ ...GOOD, url: 'hooks.example.com' }, 'url must be an absolute URL'],
    [{ ...GOOD, url: 'http://hooks.example.com' }, 'url must be an https:// address'],
    [{ ...GOOD, url: 'https://u:p@hooks.example.com' }, 'url must be without a user'],
    [{ ...GOOD, url: 'https://169.254.169.254/' }, 'url must be on the public internet'],
    [{ ...GOOD, url: 'https://0x7f000001/' }, 'url must be on the public internet'],
    [{ ...GOOD, url: 'https://017700000001/' }, 'url must be on the public internet'],
    [{ ...GOOD, url: 'https://2130706433/' }, 'url must be on the public internet'],
    [{ ...GOOD, url: 'https://[::ffff:10.0.0.1]/' }, 'url must be on the public internet'],
    [{ ...GOOD, url: 'https://localhost./' }, 'url must be on the public internet'],
    [{ ...GOOD, url: 'https://hooks.example.com/#a' }, 'url must be without a fragment'],
    [{ ...GOOD, url: 'javascript:alert(1)' }, 'url must be an https:// address'],
    [{ ...GOOD, url: `https://hooks.example.com/${'x'.repeat(2048)}` }, 'url'],
    [{ ...GOOD, url: 5 }, 'url'],
    [{ ...GOOD, events: [] }, 'must be a list of one or more of cost_event'],
    [{ ...GOOD, events: ['cost.event'] }, 'must be a list of one or more of cost_event'],
    [{ ...GOOD, events: ['webhook.test'] }, 'must be a list of one or more of cost_event'],
    [{ ...GOOD, events: 'cost_event' }, 'must be a list of one or more of cost_event'],
    [{ url: URL }, 'events'],
    [{ ...GOOD, secret: 'short' }, 'must be 8 to 256 visible ASCII characters'],
    [{ ...GOOD, secret: 'not quite one' }, 'must be 8 to 256 visible ASCII characters'],
    [{ ...GOOD, active: 'yes' }, 'active'],
    ['[]', 'object'],
    ['{"url":', 'Invalid JSON'],
  ] as [unknown, string][])('is not made of %j', async ([body, words], { expect }) => {
    const { call } = await setUp()
    const answer = await call('POST', HOOKS, body)
    expect(answer).toMatchObject({ status: 400, body: { detail: expect.stringContaining(words) } })
    expect((await call('GET', HOOKS)).body.pagination.total).toBe(0)
  })

  it('changes by what the body names, is checked as when it is made, and can be switched off', async ({ expect }) => {
    const { call, make } = await setUp()
    const { id } = await make()
    const path = `${HOOKS}/${id}`
    const changed = await call('PUT', path, { events: ['anomaly.detected'] })
    expect(changed.body).toMatchObject({ url: URL, events: ['anomaly.detected'], active: true })
    expect((await call('PUT', path, { active: false })).body).toMatchObject({ active: false, status: 'inactive' })
    for (const body of [{ url: 'https://10.0.0.1/' }, { events: ['x'] }, { active: 1 }, '{']) {
      expect((await call('PUT', path, body)).status).toBe(400)
    }
    const refused = await call('POST', `${path}/test`)
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining('inactive') } })
  })

  it('is one of twenty at most, also of those that are made at once', async ({ expect }) => {
    const { call } = await setUp()
    const answers = await Promise.all(Array.from({ length: 23 }, () => call('POST', HOOKS, GOOD)))
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(20)
    const [refused] = answers.filter(({ status }) => status !== 201)
    expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining('at most 20 webhooks') } })
  })

  it('takes its outbox and its log with it', async ({ expect }) => {
    const { call, make, tenantId } = await setUp()
    const [gone, kept] = [await make(), await make()]
    for (const { id } of [gone, kept]) await call('POST', `${HOOKS}/${id}/test`)
    expect((await call('DELETE', `${HOOKS}/${gone.id}`)).body).toEqual({ deleted: true })
    expect((await call('DELETE', `${HOOKS}/${gone.id}`)).status).toBe(404)
    const text = 'SELECT webhook_id FROM webhook_delivery WHERE tenant_id = ?1'
    const rows = await env.DB.prepare(text).bind(tenantId).all()
    expect(rows.results).toEqual([{ webhook_id: kept.id }])
  })

  it('gets a new secret without a body, with one, and at once where no grace is asked for', async ({ expect }) => {
    const { call, make } = await setUp()
    const { id } = await make()
    const rotate = async (body?: unknown) => call('POST', `${HOOKS}/${id}/rotate-secret`, body)
    const day = await rotate()
    expect(day).toMatchObject({ status: 200, body: { secret: expect.stringMatching(/^whsec_/) } })
    expect(day.body.previous_secret_until).toBe(new Date(NOW + 86_400_000).toISOString())
    const now = await rotate({ secret: 'my-own-secret', grace_seconds: 0 })
    expect(now.body).toMatchObject({ secret: 'my-own-secret', previous_secret_until: null })
    for (const body of [{ grace_seconds: -1 }, { grace_seconds: 1e9 }, { grace_seconds: 1.5 }, { secret: 'x' }, '{']) {
      expect((await rotate(body)).status).toBe(400)
    }
  })

  it('shows its deliveries in pages, by status and kind, to those who may read', async ({ expect }) => {
    const { control, call, make, ...tenant } = await setUp()
    const { id } = await make()
    const path = `${HOOKS}/${id}/deliveries`
    const tests = [await call('POST', `${HOOKS}/${id}/test`), await call('POST', `${HOOKS}/${id}/test`)]
    expect(tests.map(({ status }) => status)).toEqual([202, 202])
    const page = (await call('GET', `${path}?limit=1&status=pending&event_type=webhook.test`)).body
    expect(page).toMatchObject({ data: { length: 1 }, pagination: { total: 2, has_more: true } })
    expect(page.data[0]).toMatchObject({ webhook_id: id, attempts: [], next_attempt_at: new Date(NOW).toISOString() })
    expect((await call('GET', `${path}?status=failed`)).body.data).toEqual([])
    for (const query of ['status=lost', 'event_type=x', 'limit=0', 'offset=-1']) {
      expect((await call('GET', `${path}?${query}`)).status).toBe(400)
    }
    const unknown = await call('POST', `${path}/whe_${'0'.repeat(32)}/redeliver`)
    expect([unknown.status, unknown.body.detail]).toEqual([404, 'This webhook has no such delivery.'])
    const reader = await apiKeyOf({ ...tenant, call }, { role: 'auditor' })
    expect((await send(control, reader, ['GET', path])).status).toBe(200)
    expect((await send(control, reader, ['POST', `${HOOKS}/${id}/test`])).status).toBe(403)
  })
})

// Routing rules as a tenant's admin writes them and its clients meet them: a change is in force with the next request.
import fc from 'fast-check'
import { afterAll, beforeAll, describe, it } from 'vitest'
import { adminClient, until } from '../support/admin.mjs'
import { MODELS } from '../support/vendors/index.mjs'
import { openaiChat } from '../support/vendors/openai-chat.mjs'
import { startVendor } from '../support/vendors/serve-vendor.mjs'
import { startWeir } from '../support/weir-server.mjs'

const SETUP_TOKEN = 'setup-token-of-the-rule-tests'
const RULES = '/api/governance/routing-rules'
const OPENAI = `openai/${MODELS.openai}`
const GROQ = 'groq/llama-3.1-8b-instant'
const TO_GROQ = [{ provider: 'groq', model: 'llama-3.1-8b-instant', weight: 1 }]

type Vendor = Awaited<ReturnType<typeof startVendor>>

let openai: Vendor
let groq: Vendor
let weir: Awaited<ReturnType<typeof startWeir>>

beforeAll(async () => {
  ;[openai, groq] = await Promise.all([startVendor(openaiChat), startVendor(openaiChat)])
  const env = {
    OPENAI_API_KEY: 'sk-vendor',
    GROQ_API_KEY: 'sk-vendor',
    ANTHROPIC_API_KEY: 'sk-never-used',
    GROQ_BASE_URL: `${groq.baseUrl}/v1`,
    WEIR_SETUP_TOKEN: SETUP_TOKEN,
    ALLOW_PRIVATE_UPSTREAMS: 'on',
  }
  weir = await startWeir({ upstreamUrl: `${openai.baseUrl}/v1`, env })
})

afterAll(async () => {
  await weir?.dispose()
  await Promise.all([openai, groq].map(vendor => vendor?.stop()))
})

/** A tenant with a team and a key in it. */
async function openTenant() {
  const headers = { authorization: `Bearer ${SETUP_TOKEN}`, 'content-type': 'application/json' }
  const body = JSON.stringify({ tenant_name: `tenant-${crypto.randomUUID()}` })
  const answer = await fetch(`${weir.baseUrl}/v1/setup`, { method: 'POST', headers, body })
  const { data } = (await answer.json()) as { data: { admin_key: string } }
  const admin = adminClient(weir.baseUrl, data.admin_key)
  const { team } = await admin.call('POST', '/api/governance/teams', { name: 'research' })
  const grant = (provider: string) => ({ provider, allowed_models: ['*'], key_ids: ['*'] })
  const provider_configs = ['openai', 'groq', 'mock'].map(grant)
  const key = await admin.createKey({ budgetUsd: 1, team_id: team.id, provider_configs })
  const make = async (over: Record<string, unknown>) => {
    const rule = { name: `rule ${crypto.randomUUID()}`, targets: TO_GROQ, ...over }
    return (await admin.call('POST', RULES, rule)).rule
  }
  const put = (rule: { id: string }, change: unknown) => admin.call('PUT', `${RULES}/${rule.id}`, change)
  return { admin, team, key, make, put, provider_configs }
}

type Tenant = Awaited<ReturnType<typeof openTenant>>

/** Asks, and tells who answered and which rule sent it there. */
async function ask({ key }: Tenant, { path = '', headers = {}, ...fields }: Record<string, unknown> = {}) {
  const tag = `cell-${crypto.randomUUID()}`
  const body = { model: OPENAI, messages: [{ role: 'user', content: `[${tag}] Hello.` }], max_tokens: 20, ...fields }
  const response = await fetch(`${weir.baseUrl}/v1/chat/completions${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key.value}`,
      'content-type': 'application/json',
      'x-request-id': tag,
      ...(headers as Record<string, string>),
    },
    body: JSON.stringify(body),
  })
  await response.text()
  const header = (name: string) => response.headers.get(name)
  const [provider, rule, skipped] = ['x-weir-provider', 'x-weir-rule', 'x-weir-rules-skipped'].map(header)
  return { tag, status: response.status, provider, rule, skipped, attempts: header('x-weir-attempts') }
}

const told = ({ status, provider, rule }: Awaited<ReturnType<typeof ask>>) => [status, provider, rule]

const MOCK = { provider: 'mock', model: 'echo', weight: 1 }
const configured = fc.record({
  grants: fc.subarray(
    [
      { provider: 'openai', allowed_models: ['*'] },
      { provider: 'groq', allowed_models: ['*'] },
      { provider: 'mock', allowed_models: ['echo'], blacklisted_models: [] },
    ],
    { minLength: 1 },
  ),
  rules: fc.array(
    fc.record({
      cel_expression: fc.constantFrom(
        ...['', 'headers["x-tier"] == "gold"', `model == "${MODELS.openai}"`, 'team_name == "research"'],
        ...['provider == "groq"', 'provider == "" && request_type == "chat_completion"', 'budget_used > 50.0'],
      ),
      targets: fc.constantFrom([MOCK], TO_GROQ, [{ provider: 'openai', weight: 1 }], [{ model: 'nope', weight: 1 }]),
      fallbacks: fc.constantFrom([], ['mock/echo'], [GROQ]),
      chain_rule: fc.boolean(),
      enabled: fc.constantFrom(true, true, true, false),
    }),
    { maxLength: 3 },
  ),
  model: fc.constantFrom<string[]>(OPENAI, GROQ, `${MODELS.openai}`, 'mock/echo', 'nope'),
  headers: fc.constantFrom<Record<string, string>>({}, { 'x-tier': 'gold' }),
  isActive: fc.constantFrom(true, true, true, true, true, false),
  limit: fc.constantFrom({}, { request_max_limit: 1000, request_reset_duration: '1d' }),
})
type Configured = typeof configured extends fc.Arbitrary<infer T> ? T : never

const RULED: Configured = {
  grants: [{ provider: 'mock', allowed_models: ['echo'], blacklisted_models: [] }],
  rules: [{ cel_expression: '', targets: [MOCK], fallbacks: [], chain_rule: false, enabled: true }],
  ...{ model: OPENAI, headers: {}, isActive: true, limit: {} },
}

async function configure({ admin, key, make }: Tenant, { grants, rules, isActive, limit }: Configured): Promise<void> {
  for (const { id } of (await admin.call('GET', RULES)).rules) await admin.call('DELETE', `${RULES}/${id}`)
  for (const [priority, rule] of rules.entries()) await make({ ...rule, priority })
  const provider_configs = grants.map(grant => ({ key_ids: ['*'], ...grant }))
  await admin.updateKey(key.id, { provider_configs, is_active: isActive, rate_limit: limit })
}

const requestOf = ({ model }: Configured) => ({ model, messages: [{ role: 'user', content: 'Hi.' }], max_tokens: 20 })

type Explained = { order: string[]; rule: { name: string } | null; refusal: { code: string } | null }

async function explained({ admin, key }: Tenant, given: Configured): Promise<Explained> {
  const question = { virtual_key_id: key.id, request: requestOf(given), headers: given.headers }
  return (await admin.call('POST', '/v1/route', question)).data
}

async function sent({ key }: Tenant, given: Configured) {
  const headers = { authorization: `Bearer ${key.value}`, 'content-type': 'application/json', ...given.headers }
  const init = { method: 'POST', headers, body: JSON.stringify(requestOf(given)) }
  const answer = await fetch(`${weir.baseUrl}/v1/chat/completions`, init)
  const { error } = (await answer.json()) as { error?: { code: string } }
  const told = (name: string) => answer.headers.get(name)
  const by = `${told('x-weir-provider')}/${told('x-weir-model')}`
  return { status: answer.status, by, rule: told('x-weir-rule'), error: error?.code }
}

describe('a routing rule', () => {
  it('is in force with the next request: made, changed, turned off, moved and deleted', async ({ expect }) => {
    const tenant = await openTenant()
    const { admin, make, put, team } = tenant
    const as = async () => told(await ask(tenant))
    expect(await as()).toEqual([200, 'openai', null])
    const rule = await make({ name: 'to groq', cel_expression: `model == "${MODELS.openai}" && provider == "openai"` })
    expect(await as()).toEqual([200, 'groq', 'to groq'])
    await put(rule, { name: 'ünd 100%' })
    expect(await as()).toEqual([200, 'groq', '%C3%BCnd 100%25'])
    await put(rule, { cel_expression: 'model == "other"', name: 'r' })
    expect(await as()).toEqual([200, 'openai', null])
    await put(rule, { cel_expression: 'team_name == "research"', scope: 'team', scope_id: team.id })
    expect(await as()).toEqual([200, 'groq', 'r'])
    await admin.call('PUT', `/api/governance/teams/${team.id}`, { name: 'sales' })
    expect(await as()).toEqual([200, 'openai', null])
    await put(rule, { cel_expression: '' })
    expect(await as()).toEqual([200, 'groq', 'r'])
    await put(rule, { enabled: false })
    expect(await as()).toEqual([200, 'openai', null])
    await put(rule, { enabled: true, targets: [{ model: 'gpt-4o-mini', weight: 1 }] })
    expect(await as()).toEqual([200, 'openai', 'r'])
    await admin.call('DELETE', `${RULES}/${rule.id}`)
    expect(await as()).toEqual([200, 'openai', null])
  })

  it('sends what is charged: the event and its cost are of where it went', async ({ expect }) => {
    const tenant = await openTenant()
    await tenant.make({ name: 'r' })
    const { tag } = await ask(tenant)
    expect([groq.callsOf(tag).length, openai.callsOf(tag).length]).toEqual([1, 0])
    const events = await until(
      () => tenant.admin.listEvents(),
      found => found.length > 0,
    )
    expect(events).toMatchObject([{ provider: 'groq', model: 'llama-3.1-8b-instant', requested_model: OPENAI }])
  })

  it('may ask for headers, the query and the kind of request, and for no credential', async ({ expect }) => {
    const tenant = await openTenant()
    await tenant.make({ name: 'header', cel_expression: 'headers["X-Tier"] == "gold"', priority: 1 })
    await tenant.make({ name: 'query', cel_expression: 'params["region"] == "eu"', priority: 2 })
    await tenant.make({ name: 'secret', cel_expression: '"authorization" in headers', priority: 3 })
    const type = 'request_type == "chat_completion" && "x-type" in headers'
    await tenant.make({ name: 'type', cel_expression: type, priority: 4 })
    const rule = async (sent: Record<string, unknown>) => (await ask(tenant, sent)).rule
    expect(await rule({ headers: { 'x-tier': 'gold' } })).toBe('header')
    expect(await rule({ path: '?region=eu' })).toBe('query')
    expect(await rule({ headers: { 'x-type': '1' } })).toBe('type')
    expect(await rule({})).toBe(null)
  })

  it('may ask how complex a request is, by words that its tenant chooses', async ({ expect }) => {
    const tenant = await openTenant()
    const { admin, key, make } = tenant
    await make({ name: 'complex', cel_expression: 'complexity_tier == "COMPLEX"' })
    const rule = async (content: string) => (await ask(tenant, { messages: [{ role: 'user', content }] })).rule
    const routed = async (content: string) => {
      const request = { model: OPENAI, messages: [{ role: 'user', content }] }
      return (await admin.call('POST', '/v1/route', { virtual_key_id: key.id, request })).data.rule?.name ?? null
    }
    const [simple, complex, own] = [
      'Hello.',
      'Analyze the trade-offs, step by step.',
      'Weigh the plumbus and the fleeb.',
    ]
    const all = async () => [await rule(simple), await rule(complex), await rule(own)]
    expect(await all()).toEqual([null, 'complex', null])
    const keywords = { reasoning_keywords: ['Plumbus', 'fleeb'] }
    await admin.call('PUT', '/api/governance/complexity-analyzer-config', { keywords })
    expect(await all()).toEqual([null, null, 'complex'])
    expect([await routed(simple), await routed(complex), await routed(own)]).toEqual([null, null, 'complex'])
    await admin.call('POST', '/api/governance/complexity-analyzer-config/reset')
    expect(await all()).toEqual([null, 'complex', null])
  })

  it('that cannot be evaluated is passed over, and counted: in the answer, by its event, and in what it shows itself', async ({
    expect,
  }) => {
    const tenant = await openTenant()
    const { admin, key } = tenant
    const broken = await tenant.make({ name: 'broken', cel_expression: 'model > 1', priority: 1 })
    const sound = await tenant.make({ name: 'sound', priority: 2 })
    expect(await ask(tenant)).toMatchObject({ status: 200, provider: 'groq', rule: 'sound', skipped: '1' })
    const [event] = await until(
      () => admin.listEvents(),
      found => found.length > 0,
    )
    // What a server writes comes through a pipe.
    expect(weir.output()).toMatch(/rules_skipped/)
    expect(event).toMatchObject({ rule_id: sound.id, rules_skipped: [broken.id] })
    expect(await admin.call('GET', `/v1/events/${event.id}`)).toMatchObject({
      rule_id: sound.id,
      rules_skipped: [broken.id],
    })
    const hour = new Date(Math.floor(Date.parse(event.timestamp) / 3_600_000) * 3_600_000).toISOString()
    const skipped = async ({ id }: { id: string }) => (await admin.call('GET', `${RULES}/${id}`)).rule.skipped
    expect(await skipped(broken)).toEqual({ attempts: 1, hours: [{ hour, attempts: 1 }] })
    expect(await skipped(sound)).toEqual({ attempts: 0, hours: [] })
    const request = { model: OPENAI, messages: [{ role: 'user', content: 'Hello.' }] }
    const { data } = await admin.call('POST', '/v1/route', { virtual_key_id: key.id, request })
    expect(data.rules).toMatchObject([
      { id: broken.id, verdict: 'skipped', skipped_attempts: 1 },
      { id: sound.id, verdict: 'matched', skipped_attempts: 0 },
    ])
  })

  it('is asked before those of wider scopes, and a chained one is followed', async ({ expect }) => {
    const tenant = await openTenant()
    const { key, team, make } = tenant
    const to = (model: string) => [{ provider: 'mock', model, weight: 1 }]
    await make({ name: 'global', targets: to('echo') })
    expect((await ask(tenant)).rule).toBe('global')
    await make({ name: 'team', scope: 'team', scope_id: team.id, targets: to('echo'), chain_rule: true })
    expect((await ask(tenant)).rule).toBe('global')
    await make({ name: 'key', scope: 'virtual_key', scope_id: key.id })
    expect(told(await ask(tenant))).toEqual([200, 'groq', 'key'])
  })

  it('that sends where the key may not go is refused, and goes to its fallbacks where it has some', async ({
    expect,
  }) => {
    const tenant = await openTenant()
    const rule = await tenant.make({ targets: [{ provider: 'anthropic', model: 'claude-haiku-4-5', weight: 1 }] })
    expect(await ask(tenant)).toMatchObject({ status: 403, provider: null, rule: rule.name })
    await tenant.put(rule, { fallbacks: ['mock/echo', GROQ] })
    expect(await ask(tenant)).toMatchObject({ status: 200, provider: 'mock' })
    await tenant.put(rule, { fallbacks: ['openai/'] })
    expect(await ask(tenant)).toMatchObject({ status: 200, provider: 'openai' })
  })

  it('splits requests by the weights of its targets', async ({ expect }) => {
    const tenant = await openTenant()
    const targets = [
      { provider: 'mock', model: 'echo', weight: 0.25 },
      { ...TO_GROQ[0], weight: 0.75 },
    ]
    await tenant.make({ targets })
    const answers = []
    for (let n = 0; n < 60; n++) answers.push((await ask(tenant)).provider)
    const groqs = answers.filter(provider => provider === 'groq').length
    expect(groqs + answers.filter(provider => provider === 'mock').length).toBe(60)
    // Of 60 at 3 to 1: 45. That it is outside of this happens once in 100,000 runs.
    expect(groqs).toBeGreaterThan(29)
    expect(groqs).toBeLessThan(58)
  })

  it('opens a provider with the key it names and no other, as a header does, and only where the virtual key may', async ({
    expect,
  }) => {
    const tenant = await openTenant()
    const { admin } = tenant
    // The vendor knows one of them, so that its answer tells which it was shown.
    const keys = [
      { name: 'wrong', value: 'sk-unknown-to-vendor' },
      { name: 'right', value: 'sk-vendor' },
    ]
    const network_config = { base_url: `${groq.baseUrl}/v1` }
    const account = await admin.call('POST', '/api/providers', {
      provider: 'groq',
      vendor: 'groq',
      keys,
      network_config,
    })
    const [wrong, right] = account.keys.map((key: { id: string }) => key.id)
    const pinned = (key_id: string) => [{ provider: 'groq', model: 'llama-3.1-8b-instant', key_id, weight: 1 }]
    const rule = await tenant.make({ targets: pinned(right) })
    for (let n = 0; n < 6; n++) expect((await ask(tenant)).status).toBe(200)
    await tenant.put(rule, { targets: pinned(wrong) })
    const failed = await ask(tenant)
    expect([failed.status, groq.callsOf(failed.tag).length]).toEqual([401, 1])
    const provider_configs = [{ provider: 'groq', allowed_models: ['*'], key_ids: [right] }]
    await admin.updateKey(tenant.key.id, { provider_configs })
    const refused = await ask(tenant)
    expect([refused.status, groq.callsOf(refused.tag).length]).toEqual([403, 0])
    await tenant.put(rule, { enabled: false })
    const named = async (headers: Record<string, string>) => {
      const { status, tag } = await ask(tenant, { model: GROQ, headers })
      return [status, groq.callsOf(tag).length]
    }
    expect(await named({ 'x-bf-api-key-id': wrong })).toEqual([403, 0])
    await admin.updateKey(tenant.key.id, { provider_configs: [{ ...provider_configs[0], key_ids: ['*'] }] })
    for (let n = 0; n < 4; n++) {
      expect(await named({ 'x-bf-api-key-id': right, 'x-bf-api-key': 'wrong' })).toEqual([200, 1])
      expect(await named({ 'x-bf-api-key': 'right' })).toEqual([200, 1])
      expect(await named({ 'x-bf-api-key': 'wrong' })).toEqual([401, 1])
    }
    expect(await named({ 'x-bf-api-key': 'nobody' })).toEqual([403, 0])
    const request = { model: GROQ, messages: [{ role: 'user', content: 'Hi.' }] }
    const asked = { request, virtual_key_id: tenant.key.id, headers: { 'x-bf-api-key': 'nobody' } }
    const { data } = await admin.call('POST', '/v1/route', asked)
    expect(data.refusal).toMatchObject({
      code: 'provider_blocked',
      detail: expect.stringContaining('x-bf-api-key names'),
    })
  })

  it('is explained before anything is sent, to the key and to its administrator alike', async ({ expect }) => {
    const tenant = await openTenant()
    const { admin, key } = tenant
    await tenant.make({ name: 'r', cel_expression: 'headers["x-tier"] == "gold"' })
    const request = { model: OPENAI, messages: [{ role: 'user', content: 'Hello.' }], max_tokens: 20 }
    const headers = { 'x-tier': 'gold' }
    const before = openai.calls.length + groq.calls.length
    const asked = { virtual_key_id: key.id, request, headers }
    const { data } = await admin.call('POST', '/v1/route', asked)
    const [pricing] = data.candidates
    expect(data).toMatchObject({ requested_model: OPENAI, routed_model: GROQ, order: [GROQ], refusal: null })
    expect(pricing).toMatchObject({
      provider: 'groq',
      is_kept: true,
      price_pico_usd: { input: 50_000, output: 80_000 },
    })
    const init = { authorization: `Bearer ${key.value}`, 'content-type': 'application/json' }
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(weir.baseUrl + path, { method: 'POST', headers: init, body: JSON.stringify(body) })
      return { status: answer.status, body: (await answer.json()) as Record<string, unknown> }
    }
    const own = await post('/v1/route', { request, headers })
    const rules = data.rules.map(({ skipped_attempts: _, ...rule }: Record<string, unknown>) => rule)
    expect(own).toEqual({ status: 200, body: { data: { ...data, rules } } })
    expect(await post('/v1/route', { ...request })).toMatchObject({ body: { data: { order: [OPENAI] } } })
    expect(openai.calls.length + groq.calls.length).toBe(before)
    expect((await ask(tenant, { headers })).provider).toBe('groq')
    // What is wrong with a question is told, and another tenant's key is nobody's.
    expect((await post('/v1/route', { request: { model: 5 } })).status).toBe(400)
    expect((await post('/v1/route', { request, path: '/v1/none' })).status).toBe(400)
    const other = await openTenant()
    await expect(other.admin.call('POST', '/v1/route', asked)).rejects.toThrow(/404/)
    await expect(admin.call('POST', '/v1/route', { request })).rejects.toThrow(/400.*virtual_key_id/)
  })

  it('goes where POST /v1/route said that it would, or is refused for what that said, whatever is configured', async ({
    expect,
  }) => {
    const tenant = await openTenant()
    const seen = { sent: 0, refused: 0, ruled: 0, elsewhere: 0 }
    const one = async (given: Configured) => {
      await configure(tenant, given)
      const { order, rule, refusal } = await explained(tenant, given)
      const { error, ...went } = await sent(tenant, given)
      expect(error).toBe(refusal?.code)
      if (!refusal) expect(went).toEqual({ status: 200, by: order[0], rule: rule?.name ?? null })
      seen[refusal ? 'refused' : 'sent'] += 1
      seen.ruled += Number(went.rule !== null)
      seen.elsewhere += Number(!refusal && !went.by.endsWith(given.model))
    }
    await fc.assert(fc.asyncProperty(configured, one), {
      numRuns: 22,
      endOnFailure: true,
      examples: [[RULED], [{ ...RULED, rules: [], isActive: false }]],
    })
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(0)
  }, 60_000)

  it('sends to what GET /v1/providers lists: to a key what it may use, to its administrator all', async ({
    expect,
  }) => {
    const tenant = await openTenant()
    const grant = { provider: 'openai', allowed_models: ['gpt-4o-mini'], key_ids: ['*'] }
    await tenant.admin.updateKey(tenant.key.id, { provider_configs: [grant] })
    const own = {
      provider: 'mine',
      vendor: 'openai',
      residency: 'eu',
      keys: [{ name: 'k', value: 'sk-own-0123456789' }],
    }
    await tenant.admin.call('POST', '/api/providers', own)
    const answer = await fetch(`${weir.baseUrl}/v1/providers`, {
      headers: { authorization: `Bearer ${tenant.key.value}` },
    })
    const { data } = (await answer.json()) as {
      data: { name: string; models: { id: string; price_pico_usd: object }[] }[]
    }
    expect(data.map(({ name, models }) => [name, models.map(({ id }) => id)])).toEqual([['openai', [OPENAI]]])
    expect(data[0]?.models[0]?.price_pico_usd).toMatchObject({ input: 150_000, output: 600_000 })
    const all = await tenant.admin.call('GET', '/v1/providers')
    expect(all.data.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['openai', 'groq', 'anthropic', 'mock', 'mine']),
    )
    const mine = all.data.find(({ name }: { name: string }) => name === 'mine')
    expect(mine).toMatchObject({ residency: 'eu', has_keys: true, health: { is_resting: false, in_flight: 0 } })
    expect(JSON.stringify(all)).not.toContain('sk-own')
  })

  it('is told how far a provider’s limits are used, as this isolate last heard', async ({ expect }) => {
    const tenant = await openTenant()
    const configs = [
      {
        provider: 'openai',
        allowed_models: ['*'],
        key_ids: ['*'],
        rate_limit: { request_max_limit: 4, request_reset_duration: '1d' },
      },
      { provider: 'groq', allowed_models: ['*'], key_ids: ['*'] },
    ]
    await tenant.admin.updateKey(tenant.key.id, { provider_configs: configs })
    await tenant.make({ name: 'nearly', cel_expression: 'request >= 50' })
    const providers = []
    for (let n = 0; n < 4; n++) providers.push((await ask(tenant)).provider)
    // A standing is of right after the hold, before its own request is settled: the third is seen with two settled.
    expect(providers).toEqual(['openai', 'openai', 'openai', 'groq'])
  })
})

import { describe, it } from 'vitest'
import { until } from '../../support/admin.mjs'
import {
  ask,
  askBy,
  CUSTOMERS,
  call,
  costsOf,
  DAILY,
  GOVERNANCE,
  grants,
  MODELS,
  make,
  newKey,
  PROVIDERS,
  RULES,
  TEAMS,
  upstream,
  VKS,
  WEEKLY,
  weir,
} from './server.ts'

/** What one request of `ask` costs. */
const COST = 0.0000075
const PLENTY = { max_limit: 1, reset_duration: '1d' }
const LIMITED = {
  token_max_limit: 100_000,
  token_reset_duration: '1d',
  request_max_limit: 100,
  request_reset_duration: '1h',
}

const denied = (status: number, type: string, message: string) => ({
  status,
  body: {
    ...{ type, is_bifrost_error: false, status_code: status, extra_fields: {} },
    error: { message: begins(message), code: begins(''), type: begins('') },
  },
})

// Asymmetric, without the `expect` of a test: any text that begins so.
const begins = (text: string) => ({
  asymmetricMatch: (told: unknown) => typeof told === 'string' && told.startsWith(text),
})

describe('who is let through (2.1 to 2.3)', () => {
  it('shows its key in any of the headers, the first of them in the contract’s order', async ({ expect }) => {
    const { value } = await newKey()
    const bearer = { authorization: `Bearer ${value}` }
    for (const headers of [
      { 'x-bf-vk': value },
      bearer,
      { 'x-api-key': value },
      { 'x-goog-api-key': value },
      { 'api-key': value },
    ]) {
      expect((await askBy(headers)).status).toBe(200)
    }
    expect((await askBy({ 'x-bf-vk': 'x', ...bearer })).status).toBe(401)
    expect((await askBy({ 'x-bf-vk': value, authorization: 'Bearer x' })).status).toBe(200)
    expect((await askBy({ ...bearer, 'x-api-key': 'x' })).status).toBe(200)
  })

  it('else is told what is wrong: no key, none that is known, one that is inactive, expired, or both', async ({
    expect,
  }) => {
    expect(await askBy({})).toMatchObject(
      denied(401, 'virtual_key_required', 'virtual key is required. Provide a virtual key via the x-bf-vk header'),
    )
    expect(await askBy({ 'x-bf-vk': 'sk-bf-x' })).toMatchObject(
      denied(
        401,
        'virtual_key_not_found',
        'virtual key not found. The provided virtual key does not exist or has been revoked.',
      ),
    )
    const expires_at = new Date(Date.now() + 1500).toISOString()
    const [inactive, expiring] = [await newKey({ is_active: false }), await newKey({ expires_at })]
    expect(await ask(inactive.value)).toMatchObject(denied(403, 'virtual_key_blocked', 'Virtual key is inactive'))
    const late = await until(
      () => ask(expiring.value),
      answer => answer.status !== 200,
    )
    expect(late).toMatchObject(denied(403, 'virtual_key_blocked', 'Virtual key has expired'))
    await call('PUT', `${VKS}/${expiring.id}`, { is_active: false })
    expect(await ask(expiring.value)).toMatchObject(denied(403, 'virtual_key_blocked', 'Virtual key is inactive'))
  })

  it('may use what its provider configs name and nothing else: none is nothing', async ({ expect }) => {
    const MINI = 'openai/gpt-4o-mini'
    const of = async (provider_configs: object[]) => (await newKey({ provider_configs })).value
    const blocked = (provider: string) =>
      denied(403, 'provider_blocked', `Provider '${provider}' is not allowed for this virtual key`)
    const model = denied(403, 'model_blocked', "Model 'gpt-4o-mini' is not allowed for this virtual key")
    expect(await ask(await of([]), MINI)).toMatchObject(blocked('openai'))
    expect(await ask(await of([{ ...grants[0], provider: 'mock' }]), MINI)).toMatchObject(blocked('openai'))
    expect(await ask(await of([{ ...grants[0], allowed_models: [] }]), MINI)).toMatchObject(model)
    expect(await ask(await of([{ ...grants[0], allowed_models: ['gpt-4o'] }]), MINI)).toMatchObject(model)
    expect(await ask(await of([{ ...grants[0], blacklisted_models: ['GPT-4o-mini'] }]), MINI)).toMatchObject(model)
    expect((await ask(await of([{ ...grants[0], key_ids: [] }]), MINI)).status).toBe(403)
    expect((await ask(await of([{ ...grants[0], allowed_models: ['GPT-4o-MINI'] }]), MINI)).status).toBe(200)
  })

  it('is told by whom it was answered where it shows its key as clients of Bifrost do, and else in headers alone', async ({
    expect,
  }) => {
    const key = await newKey()
    const body = { model: 'openai/gpt-4o-mini', request_type: 'chat_completion' }
    const told = await askBy({ 'x-bf-vk': key.value })
    const { extra_fields, ...answer } = told.body
    expect(extra_fields).toEqual({
      ...{ provider: 'openai', original_model_requested: body.model, resolved_model_used: 'gpt-4o-mini' },
      request_type: body.request_type,
    })
    const plain = await ask(key.value)
    expect(plain.text).not.toContain('extra_fields')
    expect(Object.keys(answer)).toEqual(Object.keys(plain.body))
    expect(told.text.startsWith(plain.text.slice(0, 20))).toBe(true)
    expect(plain.headers.get('x-weir-provider')).toBe('openai')
    const rule = await make(RULES, 'rule', {
      ...{
        scope: 'virtual_key',
        scope_id: key.id,
        cel_expression: 'true',
        targets: [{ provider: 'mock', model: 'echo', weight: 1 }],
      },
    })
    await call('PUT', `${VKS}/${key.id}`, { provider_configs: [...grants, { ...grants[0], provider: 'mock' }] })
    expect((await askBy({ 'x-bf-vk': key.value })).body.extra_fields).toMatchObject({
      ...{ provider: 'mock', original_model_requested: body.model, resolved_model_used: 'echo' },
    })
    await call('DELETE', `${RULES}/${rule.id}`)
    const failed = await askBy({ 'x-bf-vk': key.value }, { x_upstream: { status: 400 } })
    expect([failed.status, failed.text.includes('original_model_requested')]).toEqual([400, false])
  })

  it('sees those models alone', async ({ expect }) => {
    const key = await newKey({ provider_configs: [{ ...grants[0], allowed_models: ['gpt-4o-mini'] }] })
    const { body } = await call('GET', '/v1/models', undefined, { authorization: `Bearer ${key.value}` })
    expect(body.data.map((model: { id: string }) => model.id)).toEqual(['openai/gpt-4o-mini'])
  })
})

describe('what is charged, and to whom (2.4)', () => {
  it('the same to each budget and counter that a request falls under, once, streamed or not', async ({ expect }) => {
    const model = 'gpt-4.1-mini'
    const customer = await make(CUSTOMERS, 'customer', { budgets: [PLENTY, WEEKLY], rate_limit: LIMITED })
    const team = await make(TEAMS, 'team', { customer_id: customer.id, budgets: [PLENTY], rate_limit: LIMITED })
    const configs = [{ ...grants[0], budgets: [PLENTY], rate_limit: LIMITED }]
    const key = await newKey({
      team_id: team.id,
      budgets: [PLENTY, WEEKLY],
      rate_limit: LIMITED,
      provider_configs: configs,
    })
    const [any, at] = [
      await make(MODELS, 'model_config', { model_name: model, budget: PLENTY }),
      await make(MODELS, 'model_config', { model_name: model, provider: 'openai', budget: PLENTY }),
    ]
    await call('PUT', `${PROVIDERS}/openai`, { budget: PLENTY, rate_limit: LIMITED })
    const limitsOf = async () => {
      const shown = (await call('GET', `${VKS}/${key.id}`)).body.virtual_key
      const ofModels = [(await call('GET', `${MODELS}/${any.id}`)).body, (await call('GET', `${MODELS}/${at.id}`)).body]
      const owners = [
        ...[shown, shown.provider_configs[0], (await call('GET', `${TEAMS}/${team.id}`)).body.team],
        ...[(await call('GET', `${CUSTOMERS}/${customer.id}`)).body.customer, ...ofModels.map(one => one.model_config)],
        ...[(await call('GET', PROVIDERS)).body.providers[0]],
      ]
      return {
        spent: owners.flatMap(owner =>
          (owner.budgets ?? []).map((budget: { current_usage: number }) => budget.current_usage),
        ),
        used: owners.flatMap(({ rate_limit: one }) =>
          one ? [[one.request_current_usage, one.token_current_usage]] : [],
        ),
      }
    }
    const before = await limitsOf()
    expect(before.spent).toHaveLength(9)
    expect((await ask(key.value, `openai/${model}`)).status).toBe(200)
    const [cost = 0] = await costsOf(key.id, 1)
    const whole = await limitsOf()
    expect(whole).toEqual({
      spent: before.spent.map(usd => expect.closeTo(usd + cost / 1e9, 12)),
      used: before.used.map(([requests, tokens]) => [requests + 1, tokens + 20]),
    })
    const stream = await fetch(`${weir().baseUrl}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'x-bf-vk': key.value, 'content-type': 'application/json' },
      body: JSON.stringify({
        ...{ model: `openai/${model}`, stream: true, max_tokens: 20, messages: [{ role: 'user', content: 'hi' }] },
        x_upstream: { prompt_tokens: 10, output_tokens: 10 },
      }),
    })
    expect([stream.status, (await stream.text()).includes('[DONE]')]).toEqual([200, true])
    expect(await costsOf(key.id, 2)).toEqual([cost, cost])
    expect(await limitsOf()).toEqual({
      spent: before.spent.map(usd => expect.closeTo(usd + (2 * cost) / 1e9, 12)),
      used: before.used.map(([requests, tokens]) => [requests + 2, tokens + 40]),
    })
    for (const path of [`${PROVIDERS}/openai`, `${MODELS}/${any.id}`, `${MODELS}/${at.id}`]) await call('DELETE', path)
  })

  it('nothing where the provider failed and billed nothing', async ({ expect }) => {
    const key = await newKey({ budgets: [PLENTY], rate_limit: LIMITED })
    expect((await ask(key.value, undefined, { x_upstream: { status: 500 } })).status).toBe(500)
    expect((await ask(key.value)).status).toBe(200)
    const { budgets, rate_limit } = (await call('GET', `${VKS}/${key.id}`)).body.virtual_key
    expect([budgets[0].current_usage, rate_limit.token_current_usage]).toEqual([COST, 20])
  })
})

/** A key that may send a bare model to OpenAI and to an account beside it. */
async function balanced(weights: { openai: number | null; own: number | null }, limits: object = {}) {
  const provider = `own-${crypto.randomUUID().slice(0, 8)}`
  const keys = [{ name: 'main', value: 'sk-of-the-upstream-0123456789' }]
  await call('POST', '/api/providers', {
    ...{ provider, vendor: 'openai', keys },
    network_config: { base_url: upstream().baseUrl },
  })
  const provider_configs = [
    { ...grants[0], weight: weights.openai, ...limits },
    { ...grants[0], provider, weight: weights.own },
  ]
  const { id, value } = await newKey({ provider_configs })
  const went = async (more: object = {}) => {
    const answer = await ask(value, 'gpt-4o-mini', more)
    return answer.status === 200 ? answer.headers.get('x-weir-provider') : answer.body.type
  }
  return { id, provider, went, configs: provider_configs, close: () => call('DELETE', `/api/providers/${provider}`) }
}

describe('who is asked where several may be (2.6)', () => {
  it('is one by its weight, never one without a weight, and another where a limit of the first is used up', async ({
    expect,
  }) => {
    const rate_limit = { request_max_limit: 2, request_reset_duration: '1h' }
    const key = await balanced({ openai: 1, own: 1e-9 }, { rate_limit })
    expect([await key.went(), await key.went(), await key.went()]).toEqual(['openai', 'openai', key.provider])
    const [first, second] = key.configs
    const put = (...provider_configs: object[]) => call('PUT', `${VKS}/${key.id}`, { provider_configs })
    await put({ ...first, rate_limit: {} }, { ...second, weight: null })
    expect([await key.went(), await key.went()]).toEqual(['openai', 'openai'])
    await put({ ...first, rate_limit: {}, blacklisted_models: ['gpt-4o-mini'] }, { ...second, weight: 1 })
    expect(await key.went()).toBe(key.provider)
    await key.close()
  })
})

type Level = 'virtual_key' | 'provider_config' | 'team' | 'customer'

/** A key whose budget of this level is as large as one request costs, and how to raise that and to be rid of it. */
async function spenderOf(level: Level) {
  const only = (budgets: object[], of: Level) => (of === level ? { budgets } : {})
  const configsOf = (budgets: object[]) => [
    { ...grants[0], ...only(budgets, 'provider_config') },
    { ...grants[0], provider: 'mock' },
  ]
  const tiny = [{ max_limit: COST, reset_duration: '1d' }]
  const team = await make(TEAMS, 'team', only(tiny, 'team'))
  const customer = await make(CUSTOMERS, 'customer', only(tiny, 'customer'))
  const owner = level === 'customer' ? { customer_id: customer.id } : { team_id: team.id }
  const key = await newKey({ ...owner, ...only(tiny, 'virtual_key'), provider_configs: configsOf(tiny) })
  const paths = { team: `${TEAMS}/${team.id}`, customer: `${CUSTOMERS}/${customer.id}` }
  const path = level === 'team' || level === 'customer' ? paths[level] : `${VKS}/${key.id}`
  const raise = (max_limit: number) => {
    const budgets = [{ max_limit, reset_duration: '1d' }]
    return call('PUT', path, level === 'provider_config' ? { provider_configs: configsOf(budgets) } : { budgets })
  }
  const moved = { team: { team_id: '' }, customer: { customer_id: '' } }
  const released = { ...moved, virtual_key: { budgets: [] }, provider_config: { provider_configs: configsOf([]) } }
  return { key, raise, release: () => call('PUT', `${VKS}/${key.id}`, released[level]) }
}

describe('who is kept out by a limit (2.2, 6)', () => {
  it.for([
    ['its own', 'virtual_key'],
    ['its provider config’s', 'provider_config'],
    ['its team’s', 'team'],
    ['its customer’s', 'customer'],
  ] as const)(
    'is who spent %s budget, until it is raised, or the key is moved, or it goes',
    async ([, level], { expect }) => {
      const spender = await spenderOf(level)
      const over = denied(429, 'budget_exceeded', 'Budget exceeded')
      // Its hold is more than it costs, and so more than there is.
      const first = await ask(spender.key.value)
      expect(first).toMatchObject(over)
      const told = [first.headers.get('x-should-retry'), Number(first.headers.get('retry-after')) > 0]
      expect(told).toEqual(['false', true])
      const elsewhere = await ask(spender.key.value, 'mock/echo')
      expect(elsewhere.status).toBe(level === 'provider_config' ? 200 : 429)
      await spender.raise(0.001)
      expect((await ask(spender.key.value)).status).toBe(200)
      await spender.raise(2 * COST)
      expect(await ask(spender.key.value)).toMatchObject(over)
      await spender.release()
      expect((await ask(spender.key.value)).status).toBe(200)
    },
  )

  it.for([
    ['its own', 'virtual_key'],
    ['its provider config’s', 'provider_config'],
  ] as const)('goes on with an override of %s budget, which leaves what was spent', async ([, level], { expect }) => {
    const { key, raise } = await spenderOf(level)
    await raise(0.001)
    expect((await ask(key.value)).status).toBe(200)
    await raise(2 * COST)
    const shown = (await call('GET', `${VKS}/${key.id}`)).body.virtual_key
    const [budget] = (level === 'virtual_key' ? shown : shown.provider_configs[0]).budgets
    const path = `${VKS}/${key.id}/budgets/${budget.id}/override`
    for (const more of [{ mode: 'cycles', cycles: 1 }, { mode: 'forever' }]) {
      expect((await ask(key.value)).body.type).toBe('budget_exceeded')
      const put = await call('PUT', path, { amount: 0.001, ...more })
      expect(put.body.budget.current_usage).toBeGreaterThanOrEqual(COST)
      expect((await ask(key.value)).status).toBe(200)
      await call('DELETE', path)
    }
    expect((await ask(key.value)).body.type).toBe('budget_exceeded')
    const left = (await call('GET', `${VKS}/${key.id}`)).body.virtual_key
    expect((level === 'virtual_key' ? left : left.provider_configs[0]).budgets[0].current_usage).toBe(3 * COST)
  })

  it('is who has used up its requests or its tokens, and no other key', async ({ expect }) => {
    const requests = await newKey({ rate_limit: { request_max_limit: 2, request_reset_duration: '1h' } })
    const statuses = []
    for (let n = 0; n < 3; n++) statuses.push((await ask(requests.value)).status)
    expect(statuses).toEqual([200, 200, 429])
    expect(await ask(requests.value)).toMatchObject(denied(429, 'request_limited', 'Request limit exceeded'))
    const tokens = await newKey({ rate_limit: { token_max_limit: 30, token_reset_duration: '1h' } })
    const short = await ask(tokens.value)
    expect(short).toMatchObject(denied(429, 'token_limited', 'Token limit exceeded'))
    const { needed } = short.body.error.details
    const once = {
      request_max_limit: 1,
      request_reset_duration: '1h',
      token_max_limit: needed,
      token_reset_duration: '1h',
    }
    const both = await newKey({ rate_limit: once })
    expect((await ask(both.value)).status).toBe(200)
    const spent = await ask(both.value)
    expect([spent.status, spent.body.type, spent.body.error.type]).toEqual([429, 'rate_limited', 'rate_limited'])
    expect(spent.body.extra_fields).toMatchObject({ provider: 'openai', request_type: 'chat_completion' })
    expect((await ask((await newKey()).value)).status).toBe(200)
  })

  it('is whoever spends a limit that several share: a team’s, by all its keys', async ({ expect }) => {
    const team = await make(TEAMS, 'team', { rate_limit: { request_max_limit: 3, request_reset_duration: '1h' } })
    const keys = [await newKey({ team_id: team.id }), await newKey({ team_id: team.id })]
    const statuses = []
    for (let n = 0; n < 5; n++) statuses.push((await ask(keys[n % 2].value)).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
    const shown = (await call('GET', `${TEAMS}/${team.id}`)).body.team
    expect(shown.rate_limit).toMatchObject({ request_current_usage: 3 })
    expect((await call('GET', `${GOVERNANCE}/rate-limits`)).body.rate_limits).toContainEqual(
      expect.objectContaining({ id: shown.rate_limit.id, request_current_usage: 3 }),
    )
  })

  it('is whoever is sent to a provider that used up its limit, until that is raised or goes; what was used stays', async ({
    expect,
  }) => {
    const key = await newKey({ provider_configs: [{ ...grants[0], provider: 'mock' }, ...grants] })
    const path = `${PROVIDERS}/mock`
    const put = (request_max_limit: number) =>
      call('PUT', path, { rate_limit: { request_max_limit, request_reset_duration: '1d' } })
    await put(1)
    expect((await ask(key.value, 'mock/echo')).status).toBe(200)
    expect(await ask(key.value, 'mock/echo')).toMatchObject(denied(429, 'request_limited', 'Request limit exceeded'))
    expect((await ask(key.value)).status).toBe(200)
    const raised = await put(2)
    expect(raised.body.provider.rate_limit.request_current_usage).toBe(1)
    expect((await ask(key.value, 'mock/echo')).status).toBe(200)
    expect((await ask(key.value, 'mock/echo')).status).toBe(429)
    await call('DELETE', path)
    expect((await ask(key.value, 'mock/echo')).status).toBe(200)
  })

  it('is who has expired, until another end is set, or none', async ({ expect }) => {
    const key = await newKey({ budgets: [PLENTY] })
    const put = (expires_at: string) => call('PUT', `${VKS}/${key.id}`, { expires_at })
    expect((await ask(key.value)).status).toBe(200)
    await put(new Date(Date.now() + 500).toISOString())
    const expired = denied(403, 'virtual_key_blocked', 'Virtual key has expired')
    const refusal = await until(
      () => ask(key.value),
      answer => answer.status !== 200,
    )
    expect(refusal).toMatchObject(expired)
    const later = await put('2099-01-01T00:00:00Z')
    expect(later.body.virtual_key.budgets[0].current_usage).toBeGreaterThanOrEqual(COST)
    expect((await ask(key.value)).status).toBe(200)
    expect((await put('')).body.virtual_key).not.toHaveProperty('expires_at')
    expect((await ask(key.value)).status).toBe(200)
  })

  it('is who leaves out a header that its tenant requires, from the next request on', async ({ expect }) => {
    const key = await newKey()
    const set = (required_headers: string[] | null) => call('PATCH', '/v1/tenant', { settings: { required_headers } })
    const by = (headers: Record<string, string>) => askBy({ 'x-bf-vk': key.value, ...headers })
    expect((await by({})).status).toBe(200)
    await set(['X-Team', 'x-feature'])
    const missing = (names: string) => denied(400, 'missing_required_headers', `missing required headers: ${names}`)
    expect(await by({})).toMatchObject(missing('x-feature, x-team'))
    expect(await by({ 'x-feature': 'search' })).toMatchObject(missing('x-team'))
    expect((await by({ 'x-feature': 'search', 'X-TEAM': 'a' })).status).toBe(200)
    const request = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'hi' }] }
    const { data } = (await call('POST', '/v1/route', { request, virtual_key_id: key.id })).body
    expect(data.refusal.code).toBe('missing_required_headers')
    await set(null)
    expect((await by({})).status).toBe(200)
  })

  it('is told what comes first in the contract where much is wrong: whether it may, then its rates, then its budgets', async ({
    expect,
  }) => {
    const limits = { rate_limit: { request_max_limit: 1, request_reset_duration: '1h' } }
    const spent = { budgets: [{ max_limit: COST, reset_duration: '1d' }] }
    const team = await make(TEAMS, 'team', limits)
    const [own, shared] = [await newKey(limits), await newKey({ team_id: team.id })]
    for (const { value } of [own, shared]) expect((await ask(value)).status).toBe(200)
    await call('PUT', `${VKS}/${own.id}`, spent)
    await call('PUT', `${TEAMS}/${team.id}`, spent)
    for (const { value } of [own, shared])
      expect(await ask(value)).toMatchObject(denied(429, 'request_limited', 'Request limit exceeded'))
    const told = async (body: object) => {
      await call('PUT', `${VKS}/${own.id}`, body)
      return (await ask(own.value)).body.type
    }
    expect(await told({ rate_limit: {} })).toBe('budget_exceeded')
    expect(await told({ provider_configs: [{ ...grants[0], allowed_models: [] }] })).toBe('model_blocked')
    expect(await told({ provider_configs: [] })).toBe('provider_blocked')
    expect(await told({ is_active: false })).toBe('virtual_key_blocked')
  })

  it('is let in again when the window of a budget has ended, with nothing spent in the next', async ({ expect }) => {
    const key = await newKey({ budgets: [{ max_limit: 0.00004, reset_duration: '2s' }] })
    const shown = async () => (await call('GET', `${VKS}/${key.id}`)).body.virtual_key.budgets[0]
    const refusal = await until(
      () => ask(key.value),
      ({ status }) => status !== 200,
    )
    expect(refusal).toMatchObject(denied(429, 'budget_exceeded', 'Budget exceeded'))
    const spent = await shown()
    const reset = await until(shown, ({ last_reset }) => last_reset > spent.last_reset)
    expect([spent.current_usage > 0, reset.current_usage]).toEqual([true, 0])
    expect((Date.parse(reset.last_reset) - Date.parse(spent.last_reset)) % 2000).toBe(0)
    expect((await ask(key.value)).status).toBe(200)
  })

  it('is told 402 where the tenant wants it so', async ({ expect }) => {
    const key = await newKey({ budgets: [{ ...DAILY, max_limit: 0.000001 }] })
    const set = (budget_exceeded_status: number) =>
      call('PATCH', '/v1/tenant', { settings: { budget_exceeded_status } })
    await set(402)
    expect(await ask(key.value)).toMatchObject(denied(402, 'budget_exceeded', 'Budget exceeded'))
    await set(429)
    expect((await ask(key.value)).status).toBe(429)
  })
})

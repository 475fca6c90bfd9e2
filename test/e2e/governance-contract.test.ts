import { afterAll, beforeAll, describe, it } from 'vitest'
import { until } from '../support/admin.mjs'
import {
  type Answer,
  ask,
  call,
  costsOf,
  DAILY,
  grants,
  MODELS,
  make,
  name,
  newKey,
  PRICES,
  refused,
  startContract,
  stopContract,
  UUID,
  upstream,
  VKS,
  WEEKLY,
  weir,
} from './contract/server.ts'
import './contract/edges.ts'
import './contract/fields.ts'
import './contract/lists.ts'
import './contract/keys.ts'
import './contract/groups.ts'
import './contract/limits.ts'
import './contract/rules.ts'
import './contract/prices.ts'
import './contract/enforcement.ts'

// Bifrost's wire contract against a started server: statuses, texts and shapes as its clients compare them. What each endpoint answers
// is in docs/governance-api.md, which is held against what was answered here.

beforeAll(startContract)
afterAll(stopContract)

describe('what all of /api has in common (1.0)', () => {
  it('ends every body with a newline, and is JSON also where there is nothing', async ({ expect }) => {
    for (const path of [VKS, `${VKS}/none`, '/api/nowhere', '/api/mcp/clients']) {
      const { text, headers } = await call('GET', path)
      expect(headers.get('content-type')).toMatch(/^application\/json/)
      expect(text.endsWith('}\n')).toBe(true)
    }
    const nowhere = await call('GET', '/api/governance/nowhere')
    expect(nowhere).toMatchObject(refused(404, 'There is no GET /api/governance/nowhere.'))
  })

  it('refuses a caller that is not known', async ({ expect }) => {
    const { status, body } = await call('GET', VKS, undefined, { authorization: 'Bearer x' })
    expect([status, body.is_bifrost_error, body.status_code]).toEqual([401, false, 401])
  })

  it.for([VKS, '/api/governance/teams', '/api/governance/customers', MODELS])(
    'refuses a body that is no JSON, and one of other types: %s',
    async (path, { expect }) => {
      for (const body of ['{', { name: 5, model_name: 5 }]) {
        expect(await call('POST', path, body)).toMatchObject(refused(400, 'Invalid JSON'))
      }
    },
  )

  it.for([VKS, MODELS, PRICES])('says what is wrong with a page: %s', async (path, { expect }) => {
    for (const parameter of ['limit', 'offset']) {
      const answers = [await call('GET', `${path}?${parameter}=x`), await call('GET', `${path}?${parameter}=-1`)]
      expect(answers[0]).toMatchObject(refused(400, `Invalid ${parameter} parameter: must be a number`))
      expect(answers[1]).toMatchObject(refused(400, `Invalid ${parameter} parameter: must be non-negative`))
    }
  })

  it.for([
    [VKS, 'virtual_keys'],
    ['/api/governance/teams', 'teams'],
    ['/api/governance/customers', 'customers'],
    [MODELS, 'model_configs'],
    [PRICES, 'pricing_overrides'],
  ])('has one list envelope, with Bifrost’s defaults and clamps: %s', async ([path, member], { expect }) => {
    const all = (await call('GET', path ?? '')).body
    expect(Object.keys(all).sort()).toEqual([member, 'count', 'total_count', 'limit', 'offset'].sort())
    expect(all).toMatchObject({ count: all[member ?? ''].length, limit: all.total_count, offset: 0 })
    expect((await call('GET', `${path}?limit=0`)).body).toMatchObject({ limit: 25 })
    expect((await call('GET', `${path}?limit=101&offset=1`)).body).toMatchObject({ limit: 100, offset: 1 })
  })

  it('takes names of fields in any case, and passes over those it does not know', async ({ expect }) => {
    const { body } = await call('POST', VKS, { Name: name(), nobody_knows: { a: 1 } })
    expect(body.message).toBe('Virtual key created successfully')
  })
})

describe('virtual keys (1.1)', () => {
  it('are made, shown masked, changed and deleted in the contract’s words', async ({ expect }) => {
    const made = await call('POST', VKS, { name: name(), provider_configs: grants, budgets: [DAILY, WEEKLY] })
    const { virtual_key: key } = made.body
    expect(made).toMatchObject({ status: 200, body: { message: 'Virtual key created successfully' } })
    expect(key).toMatchObject({ id: expect.stringMatching(UUID), is_active: true, calendar_aligned: false })
    expect(key.budgets).toHaveLength(2)
    expect(key.budget).toEqual(key.budgets[0])
    expect(key.value).toMatch(/^sk-bf-/)
    for (const member of ['team_id', 'customer_id', 'expires_at', 'rate_limit']) expect(key).not.toHaveProperty(member)
    const shown = await call('GET', `${VKS}/${key.id}`)
    expect(Object.keys(shown.body)).toEqual(['virtual_key'])
    expect(shown.text).not.toContain(key.value)
    expect(await call('PUT', `${VKS}/${key.id}`, { budgets: null })).toMatchObject({
      status: 200,
      body: {
        message: 'Virtual key updated successfully',
        virtual_key: { budgets: key.budgets.map(({ id }: Answer['body']) => ({ id })) },
      },
    })
    expect((await call('PUT', `${VKS}/${key.id}`, { budgets: [] })).body.virtual_key).not.toHaveProperty('budgets')
    const gone = { status: 200, body: { message: 'Virtual key deleted successfully' } }
    expect(await call('DELETE', `${VKS}/${key.id}`)).toMatchObject(gone)
    for (const method of ['GET', 'PUT', 'DELETE']) {
      const answer = await call(method, `${VKS}/${key.id}`, method === 'PUT' ? {} : undefined)
      expect(answer).toMatchObject(refused(404, 'Virtual key not found'))
    }
  })

  it.for<[object, string]>([
    [{ name: '' }, 'Virtual key name is required'],
    [{ team_id: 't', customer_id: 'c' }, 'VirtualKey cannot be attached to both Team and Customer'],
    [{ budgets: [{ ...DAILY, max_limit: -1 }] }, 'Budget max_limit cannot be negative: -1.00'],
    [{ budgets: [{ ...DAILY, reset_duration: 'x' }] }, 'Invalid reset duration format: x'],
    [{ budgets: [DAILY, DAILY] }, 'Duplicate reset_duration in budgets: 1d'],
    [{ budgets: [{ ...DAILY, max_limit: 0 }] }, 'budget max limit cannot be negative or zero: 0.00'],
    [{ provider_configs: [{ provider: '' }] }, 'provider name is required'],
    [{ provider_configs: [{ provider: 'nope' }] }, 'invalid provider name: nope'],
    [
      { provider_configs: [{ provider: 'openai', allowed_models: ['*', 'a'] }] },
      "invalid allowed_models for provider openai: wildcard '*' cannot be used with other values in the whitelist",
    ],
    [
      { provider_configs: [{ provider: 'openai', budgets: [DAILY, DAILY] }] },
      'duplicate reset_duration in provider config budgets: 1d',
    ],
    [{ rate_limit: { token_max_limit: 5 } }, 'rate limit token reset duration is required'],
    [
      { rate_limit: { request_max_limit: 5, request_reset_duration: 'x' } },
      'invalid rate limit request reset duration format: x',
    ],
    [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at must be a future timestamp'],
    [{ expires_at: 'tomorrow' }, 'expires_at must be an RFC3339 timestamp'],
  ])('are refused: %j', async ([body, message], { expect }) => {
    const answer = await call('POST', VKS, { name: name(), ...body })
    expect([answer.status, answer.body.error.message]).toEqual([400, expect.stringContaining(message)])
  })

  it('have names of their own, and an update says whose failure it was', async ({ expect }) => {
    const [first, second] = [await newKey(), await newKey()]
    const text = 'a record with this name already exists. Please use a different value'
    expect(await call('POST', VKS, { name: first.name })).toMatchObject(refused(400, text))
    const taken = await call('PUT', `${VKS}/${second.id}`, { name: first.name })
    expect(taken).toMatchObject(refused(400, `Failed to update virtual key: ${text}`))
  })

  it('keep what was spent, and whom they belong to, through changes of a limit', async ({ expect }) => {
    const team = await make('/api/governance/teams', 'team')
    const key = await newKey({ team_id: team.id, budgets: [DAILY] })
    expect((await ask(key.value)).status).toBe(200)
    const { virtual_key } = (await call('PUT', `${VKS}/${key.id}`, { budgets: [{ ...DAILY, max_limit: 20 }] })).body
    expect(virtual_key).toMatchObject({ team_id: team.id, budgets: [{ max_limit: 20, current_usage: 0.0000075 }] })
    await call('PUT', `${VKS}/${key.id}`, { budgets: [{ ...DAILY, max_limit: 0.000008 }] })
    const over = await ask(key.value)
    expect(over).toMatchObject({ status: 429, body: { type: 'budget_exceeded', status_code: 429 } })
    expect(over.body).toMatchObject({ is_bifrost_error: false, extra_fields: {}, error: { type: 'budget_exceeded' } })
    await call('PUT', `${VKS}/${key.id}`, { budgets: [DAILY] })
    expect((await ask(key.value)).status).toBe(200)
  })

  it('stop and go on with the next request, by is_active and by whether they are there', async ({ expect }) => {
    const key = await newKey()
    await call('PUT', `${VKS}/${key.id}`, { is_active: false })
    expect(await ask(key.value)).toMatchObject({
      status: 403,
      body: { error: { message: 'Virtual key is inactive.' } },
    })
    await call('PUT', `${VKS}/${key.id}`, { is_active: true })
    expect((await ask(key.value)).status).toBe(200)
    const own = { scope_kind: 'virtual_key', virtual_key_id: key.id, match_type: 'exact', pattern: 'x' }
    await make(PRICES, 'pricing_override', { ...own, request_types: ['embedding'] })
    await call('DELETE', `${VKS}/${key.id}`)
    expect((await ask(key.value)).status).toBe(401)
    expect((await call('GET', `${PRICES}?virtual_key_id=${key.id}`)).body.total_count).toBe(0)
  })

  it('are sorted, searched, filtered and exported', async ({ expect }) => {
    const [team, tag] = [await make('/api/governance/teams', 'team'), name()]
    const made = []
    for (const letter of ['b', 'a', 'c']) made.push(await newKey({ name: `${tag}-${letter}`, team_id: team.id }))
    await ask(made[1].value)
    const names = async (query: string) =>
      (await call('GET', `${VKS}?search=${tag}&${query}`)).body.virtual_keys.map((key: { name: string }) =>
        key.name.at(-1),
      )
    expect(await names('')).toEqual(['b', 'a', 'c'])
    expect(await names('sort_by=name')).toEqual(['a', 'b', 'c'])
    expect(await names('sort_by=name&order=desc')).toEqual(['c', 'b', 'a'])
    expect((await call('GET', `${VKS}?team_id=${team.id}`)).body.total_count).toBe(3)
    expect((await call('GET', `${VKS}?export=true`)).body.limit).toBe(10_000)
  })
})

describe('rotation of virtual keys (1.10)', () => {
  it('shows a new text once, and the next request refuses the one before; what was spent stays', async ({ expect }) => {
    const key = await newKey({ budgets: [DAILY] })
    expect((await ask(key.value)).status).toBe(200)
    const rotated = await call('POST', `${VKS}/${key.id}/rotate`)
    const { virtual_key } = rotated.body
    expect(rotated).toMatchObject({ status: 200, body: { message: 'Virtual key rotated successfully' } })
    expect(virtual_key).toMatchObject({ id: key.id, name: key.name, budgets: [{ current_usage: 0.0000075 }] })
    expect(virtual_key.value).not.toBe(key.value)
    expect((await ask(key.value)).status).toBe(401)
    expect((await ask(virtual_key.value)).status).toBe(200)
    expect((await call('GET', `${VKS}/${key.id}`)).text).not.toContain(virtual_key.value)
    expect(await call('POST', `${VKS}/${crypto.randomUUID()}/rotate`)).toMatchObject(
      refused(404, 'Virtual key not found'),
    )
  })

  it('of several is each by itself', async ({ expect }) => {
    const [first, second] = [await newKey(), await newKey()]
    const all = await call('POST', `${VKS}/rotate`, { ids: [first.id, second.id, first.id] })
    expect(all.body.virtual_keys.map((key: { id: string }) => key.id)).toEqual([first.id, second.id])
    expect(all.body).not.toHaveProperty('errors')
    for (const { value } of all.body.virtual_keys) expect((await ask(value)).status).toBe(200)
    const part = await call('POST', `${VKS}/rotate`, { ids: [crypto.randomUUID(), first.id] })
    expect(part).toMatchObject({ status: 200, body: { errors: [{ index: 0, error: 'Virtual key not found' }] } })
    const none = await call('POST', `${VKS}/rotate`, { ids: [crypto.randomUUID()] })
    expect(none).toMatchObject({ status: 500, body: { message: 'Failed to rotate virtual keys' } })
    expect(await call('POST', `${VKS}/rotate`, {})).toMatchObject(
      refused(400, 'At least one virtual key ID is required'),
    )
    expect(await call('POST', `${VKS}/rotate`, { ids: [' '] })).toMatchObject(
      refused(400, 'Virtual key ID cannot be empty'),
    )
  })
})

describe('quota (1.9)', () => {
  const MEMBERS = ['virtual_key_name', 'is_active', 'budgets', 'rate_limit', 'provider_configs', 'model_configs']
  const quota = (headers: Record<string, string>) => call('GET', `${VKS}/quota`, undefined, headers)

  it('has exactly six members, for the key in whichever header', async ({ expect }) => {
    const rate_limit = { request_max_limit: 5, request_reset_duration: '1h' }
    const key = await newKey({ budgets: [DAILY], rate_limit })
    await ask(key.value)
    const authorization = `Bearer ${key.value}`
    const others = ['x-bf-vk', 'x-api-key', 'x-goog-api-key'].map(header => ({
      [header]: key.value,
      authorization: '',
    }))
    for (const headers of [{ authorization }, ...others]) {
      const { status, body } = await quota(headers)
      expect([status, Object.keys(body)]).toEqual([200, MEMBERS])
      expect(body).toMatchObject({
        ...{ virtual_key_name: key.name, is_active: true, model_configs: [] },
        budgets: [{ current_usage: 0.0000075, max_limit: 10 }],
        rate_limit: { request_current_usage: 1, request_max_limit: 5 },
        provider_configs: [{ provider: 'openai' }],
      })
    }
    const bare = await quota({ authorization: `Bearer ${(await newKey()).value}` })
    expect(bare.body).toMatchObject({ budgets: [], rate_limit: null })
  })

  it('is for nobody else', async ({ expect }) => {
    const missing =
      'Missing virtual key. Provide it via x-bf-vk header, Authorization Bearer, x-api-key, or x-goog-api-key header.'
    expect(await quota({ authorization: '' })).toMatchObject(refused(401, missing))
    expect(await quota({})).toMatchObject(refused(401, missing))
    const unknown = refused(401, 'Virtual key not found')
    expect(await quota({ 'x-bf-vk': 'x' })).toMatchObject(unknown)
    const key = await newKey()
    await call('POST', `${VKS}/${key.id}/rotate`)
    expect(await quota({ 'x-bf-vk': key.value })).toMatchObject(unknown)
    expect(await quota({ 'x-bf-vk': `${key.value.slice(0, -1)}x` })).toMatchObject(unknown)
  })
})

describe.each(['team', 'customer'] as const)('a %s (1.2, 1.3)', kind => {
  const path = `/api/governance/${kind}s`
  const title = kind === 'team' ? 'Team' : 'Customer'

  it('is made with several budgets, changed and deleted; its keys stay', async ({ expect }) => {
    const made = await call('POST', path, { name: name(), budgets: [DAILY, WEEKLY] })
    const { id, budgets, budget } = made.body[kind]
    expect(made).toMatchObject({ status: 200, body: { message: `${title} created successfully` } })
    expect([budgets.length, budget]).toEqual([2, budgets[0]])
    const key = await newKey({ [`${kind}_id`]: id })
    await ask(key.value)
    const changed = await call('PUT', `${path}/${id}`, { budgets: [{ ...WEEKLY, max_limit: 60 }] })
    expect(changed.body).toMatchObject({
      message: `${title} updated successfully`,
      [kind]: { budgets: [{ id: budgets[1].id, max_limit: 60, current_usage: 0.0000075 }] },
    })
    expect(changed.body[kind].virtual_keys).toMatchObject([{ id: key.id }])
    expect(await call('DELETE', `${path}/${id}`)).toMatchObject({
      status: 200,
      body: { message: `${title} deleted successfully` },
    })
    expect((await call('GET', `${VKS}/${key.id}`)).body.virtual_key).not.toHaveProperty(`${kind}_id`)
    expect((await ask(key.value)).status).toBe(200)
    const left = (await call('GET', '/api/governance/budgets')).body.budgets
    expect(left.filter((one: Record<string, string>) => one[`${kind}_id`] === id)).toEqual([])
    expect(await call('GET', `${path}/${id}`)).toMatchObject(refused(404, `${title} not found`))
  })

  it('is refused in the contract’s words', async ({ expect }) => {
    const post = (body: object) => call('POST', path, { name: name(), ...body })
    expect(await post({ name: '' })).toMatchObject(refused(400, `${title} name is required`))
    expect(await post({ budgets: [DAILY, DAILY] })).toMatchObject(
      refused(400, 'duplicate reset_duration in budgets: 1d'),
    )
    expect(await post({ budgets: [{ ...DAILY, max_limit: -2 }] })).toMatchObject(
      refused(400, 'budget max_limit cannot be negative: -2.00'),
    )
    const bad = await post({ rate_limit: { token_max_limit: -1, token_reset_duration: '1h' } })
    expect(bad.body.error.message).toMatch(/^Invalid rate limit: /)
  })
})

describe('model configs (1.5)', () => {
  it('limit a model at one provider and at any, from the next request on, and keep what was spent', async ({
    expect,
  }) => {
    const key = await newKey()
    const body = { model_name: 'gpt-4.1-nano', budget: DAILY }
    const made = await call('POST', MODELS, body)
    expect(made).toMatchObject({
      status: 200,
      body: { message: 'Model config created successfully', model_config: { model_name: 'gpt-4.1-nano' } },
    })
    const { id } = made.body.model_config
    expect(made.body.model_config).not.toHaveProperty('provider')
    expect(await call('POST', MODELS, body)).toMatchObject(
      refused(409, "Model config for model 'gpt-4.1-nano' (global) already exists"),
    )
    const at = { ...body, provider: 'openai', rate_limit: { request_max_limit: 100, request_reset_duration: '1h' } }
    expect((await call('POST', MODELS, at)).body.model_config).toMatchObject({ provider: 'openai' })
    expect(await call('POST', MODELS, at)).toMatchObject(
      refused(409, "Model config for model 'gpt-4.1-nano' with provider 'openai' already exists"),
    )
    expect((await ask(key.value, 'openai/gpt-4.1-nano')).status).toBe(200)
    const spent = (await call('GET', `${MODELS}/${id}`)).body.model_config.budget.current_usage
    expect(spent).toBeGreaterThan(0)
    const lowered = await call('PUT', `${MODELS}/${id}`, { budgets: [{ ...DAILY, max_limit: spent }] })
    expect(lowered.body).toMatchObject({
      message: 'Model config updated successfully',
      model_config: { budgets: [{ current_usage: spent, max_limit: spent }] },
    })
    expect((await ask(key.value, 'openai/gpt-4.1-nano')).body.error.message).toContain('model:gpt-4.1-nano ')
    expect((await ask(key.value)).status).toBe(200)
    const listed = (await call('GET', `${MODELS}?search=4.1-NANO`)).body
    expect(listed).toMatchObject({ count: 2, total_count: 2 })
    expect(await call('DELETE', `${MODELS}/${id}`)).toMatchObject({
      status: 200,
      body: { message: 'Model config deleted successfully' },
    })
    expect((await ask(key.value, 'openai/gpt-4.1-nano')).status).toBe(200)
    for (const method of ['GET', 'DELETE'])
      expect(await call(method, `${MODELS}/${id}`)).toMatchObject(refused(404, 'Model config not found'))
  })

  it('are refused in the contract’s words', async ({ expect }) => {
    expect(await call('POST', MODELS, {})).toMatchObject(refused(400, 'Model name is required'))
    const post = (budget: object) => call('POST', MODELS, { model_name: name(), budget })
    expect((await post({ ...DAILY, max_limit: -1 })).body.error.message).toBe(
      'Budget max_limit cannot be negative: -1.00',
    )
    expect((await post({ ...DAILY, reset_duration: 'x' })).body.error.message).toBe('Invalid reset duration format: x')
  })
})

describe('providers, budgets and rate limits (1.4, 1.6)', () => {
  it('are listed as arrays, null where no provider has any, and a provider’s limits come and go', async ({
    expect,
  }) => {
    const path = '/api/governance/providers'
    expect((await call('GET', path)).body).toEqual({ providers: null, count: 0 })
    const put = await call('PUT', `${path}/openai`, { budget: DAILY })
    expect(put.body).toMatchObject({
      message: 'Provider governance updated successfully',
      provider: { provider: 'openai', budget: DAILY },
    })
    expect((await call('GET', path)).body).toMatchObject({ providers: [{ provider: 'openai' }], count: 1 })
    const { body } = await call('GET', '/api/governance/budgets')
    expect(body.count).toBe(body.budgets.length)
    expect(Array.isArray((await call('GET', '/api/governance/rate-limits')).body.rate_limits)).toBe(true)
    expect((await call('PUT', `${path}/openai`, { budget: {} })).body.provider).toEqual({ provider: 'openai' })
    expect((await call('DELETE', `${path}/openai`)).body).toEqual({
      message: 'Provider governance deleted successfully',
    })
    expect(await call('PUT', `${path}/nope`, {})).toMatchObject(refused(404, 'Provider not found'))
  })
})

describe('pricing overrides (1.8, 4)', () => {
  const GLOBAL = {
    scope_kind: 'global',
    match_type: 'exact',
    pattern: 'gpt-4o-mini',
    request_types: ['chat_completion'],
  }
  const post = (body: object = {}) => call('POST', PRICES, { name: name(), ...GLOBAL, ...body })

  it.for<[object, string]>([
    [{ name: ' ' }, 'name is required'],
    [{ scope_kind: undefined }, 'unsupported scope_kind ""'],
    [{ scope_kind: 'team' }, 'unsupported scope_kind "team"'],
    [{ provider_id: 'openai' }, 'global scope_kind must not include scope identifiers'],
    [{ scope_kind: 'provider' }, 'provider_id is required for provider scope_kind'],
    [
      { scope_kind: 'provider', provider_id: 'openai', virtual_key_id: 'x' },
      'provider scope_kind only supports provider_id',
    ],
    [{ scope_kind: 'provider_key' }, 'provider_key_id is required for provider_key scope_kind'],
    [
      { scope_kind: 'provider_key', provider_key_id: 'x', provider_id: 'openai' },
      'provider_key scope_kind only supports provider_key_id',
    ],
    [{ scope_kind: 'virtual_key' }, 'virtual_key_id is required for virtual_key scope_kind'],
    [
      { scope_kind: 'virtual_key', virtual_key_id: 'x', provider_id: 'openai' },
      'virtual_key scope_kind only supports virtual_key_id',
    ],
    [
      { scope_kind: 'virtual_key_provider', virtual_key_id: 'x' },
      'virtual_key_id and provider_id are required for virtual_key_provider scope_kind',
    ],
    [
      { scope_kind: 'virtual_key_provider', virtual_key_id: 'x', provider_id: 'openai', provider_key_id: 'y' },
      'virtual_key_provider scope_kind does not support provider_key_id',
    ],
    [
      { scope_kind: 'virtual_key_provider_key', virtual_key_id: 'x', provider_id: 'openai' },
      'virtual_key_id, provider_id, and provider_key_id are required for virtual_key_provider_key scope_kind',
    ],
    [{ pattern: '' }, 'pattern is required'],
    [{ pattern: 'gpt-*' }, 'exact match pattern must not contain wildcards'],
    [{ match_type: 'wildcard' }, 'wildcard pattern must end with *'],
    [{ match_type: 'wildcard', pattern: 'g*t-*' }, 'wildcard pattern must contain exactly one trailing *'],
    [{ match_type: 'regex' }, 'unsupported match_type "regex"'],
    [{ request_types: [] }, 'request_types is required and must contain at least one value'],
    [{ request_types: ['chat'] }, 'unsupported request_type "chat"'],
    [
      { request_types: ['chat_completion_stream'] },
      'unsupported request_type "chat_completion_stream": use the base type (e.g. "chat_completion" covers both streaming and non-streaming)',
    ],
    [{ patch: { input_cost_per_token: 'x' } }, 'Invalid patch'],
    [{ patch: 5 }, 'Invalid patch'],
    [
      { patch: { input_cost_per_pixel: 1 } },
      'Invalid patch: input_cost_per_pixel is the price of nothing that is billed here',
    ],
    [{ patch: { input_cost_per_token: -1 } }, 'Invalid patch: input_cost_per_token cannot be negative'],
    [{ scope_kind: 'provider', provider_id: 'nope' }, 'provider_id names no provider that is configured'],
    [{ scope_kind: 'virtual_key', virtual_key_id: crypto.randomUUID() }, 'virtual_key_id names no virtual key'],
  ])('are refused: %j', async ([body, message], { expect }) => {
    expect(await post(body)).toMatchObject(refused(400, message))
  })

  it('are made (201), listed, changed in part and deleted', async ({ expect }) => {
    const patch = { input_cost_per_token: 2.5e-7 }
    const made = await post({ pattern: 'never-used', patch })
    const { pricing_override: row } = made.body
    expect(made).toMatchObject({ status: 201, body: { message: 'Pricing override created successfully' } })
    expect(row).toMatchObject({ ...GLOBAL, pattern: 'never-used', patch, pricing_patch: JSON.stringify(patch) })
    for (const member of ['virtual_key_id', 'provider_id', 'provider_key_id']) expect(row).not.toHaveProperty(member)
    const one = `${PRICES}/${row.id}`
    const renamed = await call('PUT', one, { name: 'renamed' })
    expect(renamed).toMatchObject({ status: 200, body: { message: 'Pricing override updated successfully' } })
    expect(renamed.body.pricing_override).toMatchObject({ name: 'renamed', patch, pattern: 'never-used' })
    const replaced = await call('PUT', one, { patch: { output_cost_per_token: 0 } })
    expect(replaced.body.pricing_override.patch).toEqual({ output_cost_per_token: 0 })
    const moved = await call('PUT', one, { scope_kind: 'provider', provider_id: 'OpenAI' })
    expect(moved.body.pricing_override).toMatchObject({ scope_kind: 'provider', provider_id: 'openai' })
    expect(await call('PUT', one, { provider_id: null })).toMatchObject(
      refused(400, 'provider_id is required for provider scope_kind'),
    )
    const back = await call('PUT', one, { scope_kind: 'global' })
    expect(back.body.pricing_override).not.toHaveProperty('provider_id')
    expect((await call('GET', `${PRICES}?scope_kind=global&search=RENAMED`)).body).toMatchObject({ total_count: 1 })
    expect((await call('GET', `${PRICES}?scope_kind=provider`)).body).toMatchObject({ total_count: 0 })
    const gone = { status: 200, body: { message: 'Pricing override deleted successfully' } }
    expect(await call('DELETE', one)).toMatchObject(gone)
    for (const method of ['PUT', 'DELETE']) {
      const answer = await call(method, one, method === 'PUT' ? {} : undefined)
      expect(answer).toMatchObject(refused(404, 'Pricing override not found'))
    }
  })

  it('hold from the next request on, the narrowest before the others, and for none before', async ({ expect }) => {
    const [mine, other] = [await newKey(), await newKey()]
    const made: string[] = []
    const put = async (usd: number, scope: object = {}) => {
      const patch = { input_cost_per_token: usd, output_cost_per_token: usd }
      made.push((await post({ patch, ...scope })).body.pricing_override.id)
    }
    await ask(mine.value)
    await put(1e-6)
    await ask(mine.value)
    await put(2e-6, { scope_kind: 'provider', provider_id: 'openai', match_type: 'wildcard', pattern: 'gpt-*' })
    await ask(mine.value)
    await put(3e-6, { scope_kind: 'virtual_key', virtual_key_id: mine.id })
    await ask(mine.value)
    await ask(other.value)
    await call('PUT', `${PRICES}/${made[2]}`, { patch: { input_cost_per_token: 0, output_cost_per_token: 0 } })
    await ask(mine.value)
    for (const id of made) await call('DELETE', `${PRICES}/${id}`)
    await ask(mine.value)
    expect(await costsOf(mine.id, 6)).toEqual([7500, 20_000, 40_000, 60_000, 0, 7500])
    expect(await costsOf(other.id, 1)).toEqual([40_000])
    const [, event] = (await weir().admin.listEvents({ virtual_key_id: mine.id })).toSorted((a, b) =>
      a.id < b.id ? -1 : 1,
    )
    const { cost_explanation } = await weir().admin.call('GET', `/v1/events/${event.id}`)
    expect(cost_explanation).toMatchObject({
      price_source: `override:${made[0]}:openai/gpt-4o-mini`,
      pricebook_version: expect.stringContaining(`+override:${made[0]}@1`),
      lines: [
        { unit: 'input', quantity: 10, usd_per_unit: '0.000001' },
        { unit: 'output', quantity: 10, usd_per_unit: '0.000001' },
      ],
    })
  }, 60_000)

  it('price a request that was admitted before as it was admitted', async ({ expect }) => {
    const key = await newKey()
    const wish = { prompt_tokens: 10, output_tokens: 10, delay_ms: 2000 }
    const slow = ask(key.value, undefined, { x_upstream: wish, metadata: { call: key.id } })
    await until(
      async () => upstream().callsOf(key.id).length,
      (calls: number) => calls === 1,
    )
    const patch = { input_cost_per_token: 1e-3, output_cost_per_token: 1e-3 }
    const { id } = (await post({ patch })).body.pricing_override
    expect((await ask(key.value)).status).toBe(200)
    expect((await slow).status).toBe(200)
    await call('DELETE', `${PRICES}/${id}`)
    expect(await costsOf(key.id, 2)).toEqual([7500, 20_000_000])
  })

  it('are what a request is held at, and make a model usable that no list has a price of', async ({ expect }) => {
    const key = await newKey({ budgets: [{ ...DAILY, max_limit: 0.01 }] })
    expect((await ask(key.value, 'openai/of-my-own')).body.error.code).toBe('model_not_found')
    const scope = { scope_kind: 'virtual_key_provider', virtual_key_id: key.id, provider_id: 'openai' }
    const patch = { input_cost_per_token: 1e-6, output_cost_per_token: 1e-6 }
    const made = await post({ ...scope, pattern: 'of-my-own', patch })
    expect((await ask(key.value, 'openai/of-my-own')).status).toBe(200)
    expect(await costsOf(key.id, 1)).toEqual([20_000])
    const dear = { output_cost_per_token: 0.01 }
    await call('PUT', `${PRICES}/${made.body.pricing_override.id}`, { patch: { ...patch, ...dear } })
    expect((await ask(key.value, 'openai/of-my-own')).body.error.code).toBe('budget_exceeded')
    await call('DELETE', `${PRICES}/${made.body.pricing_override.id}`)
  })

  it('are of the types of requests that they name', async ({ expect }) => {
    const key = await newKey()
    const patch = { input_cost_per_token: 0, output_cost_per_token: 0 }
    const { id } = (await post({ request_types: ['embedding', 'responses'], patch })).body.pricing_override
    await ask(key.value)
    expect(await costsOf(key.id, 1)).toEqual([7500])
    await call('DELETE', `${PRICES}/${id}`)
  })
})

describe('MCP servers and the tools of keys (1.1, 2.3)', () => {
  const CLIENT = '/api/mcp/client'
  const WHERE = { connection_type: 'http', connection_string: 'https://mcp.example.com/mcp' }

  it('are added, listed, allowed, changed and removed', async ({ expect }) => {
    const client = `c${crypto.randomUUID().replaceAll('-', '')}`
    const added = await call('POST', CLIENT, { name: client, ...WHERE, tools_to_execute: ['read'] })
    const { client_id } = added.body.client.config
    expect(added).toMatchObject({ status: 200, body: { status: 'success' } })
    const config = { client_id, name: client, ...WHERE, tools_to_execute: ['read'], auth_type: 'none', disabled: false }
    const listed = await call('GET', `/api/mcp/clients?search=${client}`)
    expect(listed.body).toMatchObject({ clients: [{ config, tools: [], state: 'pending_tools' }], count: 1, offset: 0 })
    const mcp_configs = [{ mcp_client_name: client, tools_to_execute: ['*'] }]
    const key = await newKey({ mcp_configs })
    const shown = { mcp_client_id: client_id, mcp_client: { client_id, name: client }, ...mcp_configs[0] }
    expect(key.mcp_configs).toMatchObject([{ id: 1, virtual_key_id: key.id, ...shown }])
    const repeated = await call('PUT', `${VKS}/${key.id}`, { mcp_configs: [...mcp_configs, ...mcp_configs] })
    const failed = `Failed to update virtual key: duplicate mcp_client_name: ${client}`
    expect(repeated).toMatchObject(refused(400, failed))
    expect((await call('PUT', `${CLIENT}/${client_id}`, { disabled: true })).body.client.state).toBe('disabled')
    expect((await call('DELETE', `/api/mcp/clients/${client_id}`)).status).toBe(200)
    expect(await call('DELETE', `${CLIENT}/${client_id}`)).toMatchObject(refused(404, 'MCP client not found'))
    expect((await call('GET', `${VKS}/${key.id}`)).body.virtual_key.mcp_configs).toEqual([])
  })
})

describe("the complexity analyzer's configuration (1.10)", () => {
  const PATH = '/api/governance/complexity-analyzer-config'

  it('is read, replaced and reset', async ({ expect }) => {
    const { body: defaults } = await call('GET', PATH)
    expect(defaults.tier_boundaries).toEqual({ simple_medium: 0.17, medium_complex: 0.39 })
    expect(defaults.keywords.simple_keywords.length).toBeGreaterThan(5)
    const changed = { ...defaults, tier_boundaries: { simple_medium: 0.2, medium_complex: 0.5 } }
    expect(await call('PUT', PATH, changed)).toMatchObject({ status: 200, body: changed })
    const falling = { tier_boundaries: { simple_medium: 0.6 } }
    const rule = 'tier_boundaries must rise: simple_medium < medium_complex < complex_reasoning'
    expect(await call('PUT', PATH, falling)).toMatchObject(refused(400, rule))
    expect((await call('POST', `${PATH}/reset`)).body).toEqual(defaults)
  })
})

describe('the neighbours', () => {
  it('tell of health, models and MCP clients', async ({ expect }) => {
    const health = await call('GET', '/health', undefined, { authorization: '' })
    expect(health.body).toEqual({ status: 'ok', components: { db_pings: 'ok' } })
    const { models, total } = (await call('GET', '/api/models?provider=openai&limit=3')).body
    expect([models.length, total > 10, models[0].provider]).toEqual([3, true, 'openai'])
    expect((await call('GET', '/api/models?query=GPT-4O-MINI&limit=100')).body.models).toContainEqual({
      ...{ name: 'gpt-4o-mini', provider: 'openai' },
    })
    expect((await call('GET', '/api/models')).body.models).toHaveLength(5)
    expect((await call('GET', '/api/mcp/clients?search=none')).body).toMatchObject({ clients: [], count: 0 })
  })
})

// After all others, whose answers it looks at.
await import('./contract/page.ts')

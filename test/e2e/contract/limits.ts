import { describe, it } from 'vitest'
import { ask, call, DAILY, GOVERNANCE, MODELS, name, newKey, PROVIDERS, refused, WEEKLY } from './server.ts'

const NOBODY = crypto.randomUUID()
const LIMITED = { rate_limit: { request_max_limit: 1000, request_reset_duration: '1h' } }

/** What the limits of a model or of a provider are refused for (1.5, 1.6). */
const FLAWS: [body: object, message: string][] = [
  [{ budget: { ...DAILY, max_limit: -1 } }, 'Budget max_limit cannot be negative: -1.00'],
  [{ budget: { ...DAILY, reset_duration: 'x' } }, 'Invalid reset duration format: x'],
  [{ budgets: [DAILY, DAILY] }, 'Duplicate reset_duration in budgets: 1d'],
  [{ budget: DAILY, budgets: [] }, 'budget and budgets cannot both be given: use budgets'],
  [{ budget: { ...DAILY, max_limit: 0 } }, 'budget max limit cannot be negative or zero: 0.00'],
  [
    { rate_limit: { token_max_limit: 0, token_reset_duration: '1h' } },
    'rate limit token max limit cannot be negative or zero: 0',
  ],
  [{ rate_limit: { token_max_limit: 1 } }, 'rate limit token reset duration is required'],
  [
    { rate_limit: { request_max_limit: 1, request_reset_duration: 'x' } },
    'invalid rate limit request reset duration format: x',
  ],
]

describe('model configs, all of them (1.5)', () => {
  it('are refused in the contract’s words, by POST and by PUT', async ({ expect }) => {
    const made = await call('POST', MODELS, { model_name: name() })
    const path = `${MODELS}/${made.body.model_config.id}`
    for (const body of [{}, { model_name: '' }, { model_name: ' ' }]) {
      expect(await call('POST', MODELS, body)).toMatchObject(refused(400, 'Model name is required'))
    }
    for (const [body, message] of FLAWS) {
      expect([body, await call('POST', MODELS, { model_name: name(), ...body })]).toMatchObject([
        body,
        refused(400, message),
      ])
      expect([body, await call('PUT', path, body)]).toMatchObject([body, refused(400, message)])
    }
    const [model_name, provider] = [name(), 'nope']
    expect((await call('POST', MODELS, { model_name, provider })).body.error.message).toContain('nope')
  })

  it('have the members of the contract, take {} for none, and are 404 once they are gone', async ({ expect }) => {
    const made = await call('POST', MODELS, { model_name: name(), provider: 'OpenAI', budget: DAILY, ...LIMITED })
    const { model_config: config } = made.body
    expect(Object.keys(config).sort()).toEqual(
      [
        ...['id', 'model_name', 'provider', 'budget_id', 'budget', 'budgets', 'rate_limit_id', 'rate_limit'],
        ...['config_hash', 'created_at', 'updated_at'],
      ].sort(),
    )
    expect(config).toMatchObject({ provider: 'openai', budget: DAILY, ...LIMITED })
    const path = `${MODELS}/${config.id}`
    expect(await call('GET', path)).toMatchObject({ status: 200, body: { model_config: config } })
    const bare = (await call('PUT', path, { budget: {}, rate_limit: {} })).body.model_config
    for (const member of ['budget', 'budgets', 'budget_id', 'rate_limit', 'rate_limit_id'])
      expect(bare).not.toHaveProperty(member)
    expect((await call('DELETE', path)).body).toEqual({ message: 'Model config deleted successfully' })
    for (const at of [path, `${MODELS}/${NOBODY}`]) {
      for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
        expect(await call(method, at, body)).toMatchObject(refused(404, 'Model config not found'))
      }
    }
  })
})

describe('limits of providers, all of them (1.6)', () => {
  it('are refused in the contract’s words, listed only where there are some, and 404 of what is none', async ({
    expect,
  }) => {
    for (const [body, message] of FLAWS) {
      expect([body, await call('PUT', `${PROVIDERS}/mock`, body)]).toMatchObject([body, refused(400, message)])
    }
    const put = await call('PUT', `${PROVIDERS}/Mock`, { budgets: [DAILY, WEEKLY], ...LIMITED })
    expect(put).toMatchObject({
      status: 200,
      body: {
        message: 'Provider governance updated successfully',
        provider: { provider: 'mock', budget: DAILY, budgets: [DAILY, WEEKLY], ...LIMITED },
      },
    })
    const listed = (await call('GET', PROVIDERS)).body
    expect(listed).toEqual({ providers: [put.body.provider], count: 1 })
    const key = await newKey({ provider_configs: [{ provider: 'mock', allowed_models: ['*'], key_ids: ['*'] }] })
    expect((await ask(key.value, 'mock/echo')).status).toBe(200)
    const [spent] = (await call('GET', PROVIDERS)).body.providers
    expect(spent.rate_limit.request_current_usage).toBe(1)
    const raised = await call('PUT', `${PROVIDERS}/mock`, { budget: { max_limit: 20 } })
    expect(raised.body.provider.budgets).toMatchObject([{ id: put.body.provider.budget.id, max_limit: 20 }])
    expect((await call('PUT', `${PROVIDERS}/mock`, { budget: {} })).body.provider).not.toHaveProperty('budget')
    expect((await call('PUT', `${PROVIDERS}/mock`, { rate_limit: {} })).body.provider).toEqual({ provider: 'mock' })
    const deleted = { status: 200, body: { message: 'Provider governance deleted successfully' } }
    await call('PUT', `${PROVIDERS}/mock`, { budget: DAILY })
    expect(await call('DELETE', `${PROVIDERS}/mock`)).toMatchObject(deleted)
    expect((await call('GET', PROVIDERS)).body).toEqual({ providers: null, count: 0 })
    for (const [method, body] of [['PUT', {}], ['DELETE']] as const) {
      expect(await call(method, `${PROVIDERS}/no%20such`, body)).toMatchObject(refused(404, 'Provider not found'))
    }
  })
})

describe('what is not there (1.0)', () => {
  it('is told in Bifrost’s body: an unknown path, and a method that a path does not have', async ({ expect }) => {
    for (const [method, path] of [
      ['GET', `${GOVERNANCE}/nowhere`],
      ['POST', `${GOVERNANCE}/budgets`],
      ['DELETE', `${GOVERNANCE}/virtual-keys`],
      ['PATCH', `${GOVERNANCE}/teams`],
      ['GET', '/api/nowhere'],
    ] as const)
      expect(await call(method, path)).toMatchObject(refused(404, `There is no ${method} ${path}.`))
  })

  it('is open to nobody who is not known', async ({ expect }) => {
    for (const headers of [{ authorization: '' }, { authorization: 'Bearer x' }, { authorization: 'Basic eDp5' }]) {
      const answer = await call('GET', `${GOVERNANCE}/teams`, undefined, headers)
      expect(answer).toMatchObject(refused(401, 'Unauthorized'))
      expect(answer.body.error.error).toMatch(/key|credential/)
      expect(answer.headers.get('www-authenticate')).toMatch(/^Bearer realm=/)
    }
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

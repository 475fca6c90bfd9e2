import { describe, it } from 'vitest'
import { until } from '../../support/admin.mjs'
import { ask, call, costsOf, DAILY, name, newKey, PRICES, refused, upstream, weir } from './server.ts'

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

  it('hold in the contract’s order of scopes, down to the key of the provider that was taken', async ({ expect }) => {
    const provider = `own-${crypto.randomUUID().slice(0, 8)}`
    const keys = [{ name: 'main', value: 'sk-of-the-upstream-0123456789' }]
    const network_config = { base_url: upstream().baseUrl }
    const { body: account } = await call('POST', '/api/providers', { provider, vendor: 'openai', network_config, keys })
    const key = await newKey({ provider_configs: [{ provider, allowed_models: ['*'], key_ids: ['*'] }] })
    const [virtual_key_id, provider_id, provider_key_id] = [key.id, provider, account.keys[0].id]
    const scopes = [
      { scope_kind: 'virtual_key_provider_key', virtual_key_id, provider_id, provider_key_id },
      { scope_kind: 'virtual_key_provider', virtual_key_id, provider_id },
      { scope_kind: 'virtual_key', virtual_key_id },
      { scope_kind: 'provider_key', provider_key_id },
      { scope_kind: 'provider', provider_id },
      { scope_kind: 'global' },
    ]
    const made: string[] = []
    for (const [index, scope] of scopes.entries()) {
      const usd = (index + 1) / 1e6
      const answer = await post({ ...scope, patch: { input_cost_per_token: usd, output_cost_per_token: usd } })
      made.push(answer.body.pricing_override.id)
    }
    for (const id of made) {
      expect((await ask(key.value, `${provider}/gpt-4o-mini`)).status).toBe(200)
      await call('DELETE', `${PRICES}/${id}`)
    }
    await ask(key.value, `${provider}/gpt-4o-mini`)
    expect(await costsOf(key.id, 7)).toEqual([20_000, 40_000, 60_000, 80_000, 100_000, 120_000, 7500])
    expect((await call('DELETE', `/api/providers/${provider}`)).status).toBe(200)
  })

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

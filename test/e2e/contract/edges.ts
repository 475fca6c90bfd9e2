import { describe, it } from 'vitest'
import {
  ask,
  CUSTOMERS,
  call,
  DAILY,
  MODELS,
  name,
  newKey,
  PRICES,
  PROVIDERS,
  RULES,
  refused,
  TEAMS,
  VKS,
  WEEKLY,
} from './server.ts'

// What clients do that nobody told them to.

const GRANT = { provider: 'openai', allowed_models: ['*'], key_ids: ['*'] }
const NOBODY = crypto.randomUUID()
const HASH = 'a'.repeat(64)
const RULE = { targets: [{ provider: 'openai', weight: 1 }], enabled: false }
const PRICE = { scope_kind: 'global', match_type: 'exact', pattern: 'never-used', request_types: ['embedding'] }
let priority = 1e9

/** Each list with what makes a row of it that has this name. */
const KINDS: [path: string, list: string, body: (text: string) => object][] = [
  [VKS, 'virtual_keys', text => ({ name: text })],
  [TEAMS, 'teams', text => ({ name: text })],
  [CUSTOMERS, 'customers', text => ({ name: text })],
  [MODELS, 'model_configs', text => ({ model_name: text })],
  [RULES, 'rules', text => ({ ...RULE, name: text, priority: ++priority })],
  [PRICES, 'pricing_overrides', text => ({ ...PRICE, name: text })],
]

describe.each(KINDS)('names at %s', (path, list, body) => {
  it('are texts, whatever is in them: kept, escaped, and found by a part that is written so', async ({ expect }) => {
    const tag = name()
    const odd = ['50%', 'a_b', 'axb', 'a\\b', "o'x", '"q"', 'Zoë', '日本', '<i>&', 'a/b']
    for (const text of odd) {
      const made = await call('POST', path, body(`${tag}${text}`))
      expect([text, made.status < 300, made.text.includes('<')]).toEqual([text, true, false])
    }
    for (const text of odd) {
      const { body: found } = await call('GET', `${path}?search=${encodeURIComponent(tag + text)}`)
      const names = found[list].map((row: { name?: string; model_name?: string }) => row.name ?? row.model_name)
      expect([text, names]).toEqual([text, [tag + text]])
    }
    for (const text of ['%', '_', '\\'])
      expect((await call('GET', `${path}?search=${tag}${encodeURIComponent(text)}`)).body.total_count).toBe(0)
  })

  it('are read from a body as Go reads one: its fields in any case, and nothing after it', async ({ expect }) => {
    const upper = Object.entries(body(name())).map(([field, value]) => [field.toUpperCase(), value])
    expect((await call('POST', path, Object.fromEntries(upper))).status).toBeLessThan(300)
    for (const text of [
      '',
      'null',
      '[]',
      '"x"',
      `${JSON.stringify(body(name()))} x`,
      "{'name': 'x'}",
      '{"name": "x",}',
    ])
      expect([text, await call('POST', path, text)]).toMatchObject([text, refused(400, 'Invalid JSON')])
  })

  it('stay when what makes them is sent as something else than JSON, which nobody looks at', async ({ expect }) => {
    const { status } = await call('POST', path, body(name()), { 'content-type': 'text/plain' })
    expect(status).toBeLessThan(300)
  })
})

describe('a configuration file’s hash (1.1 to 1.8)', () => {
  it.for(KINDS.map(([path, list, body]) => [path, list.replace(/s$/, ''), list, body] as const))(
    'is shown of what a file made at %s, there and in the list, and is empty else',
    async ([path, member, list, body], { expect }) => {
      const text = name()
      const made = await call('POST', path, body(text), { 'x-weir-config-hash': HASH })
      expect(made.body[member].config_hash).toBe(HASH)
      const shown = await call('GET', `${path}/${made.body[member].id}`)
      expect(shown.body[member].config_hash).toBe(HASH)
      expect((await call('GET', `${path}?search=${text}`)).body[list]).toMatchObject([{ config_hash: HASH }])
      expect((await call('POST', path, body(name()))).body[member].config_hash).toBe('')
    },
  )
})

describe('a virtual key, further (1.1)', () => {
  it('may use no key of a provider where it names none', async ({ expect }) => {
    for (const ids of [{}, { key_ids: null }, { key_ids: [] }]) {
      const config = { provider: 'openai', allowed_models: ['*'], ...ids }
      const key = await newKey({ provider_configs: [config] })
      expect(key.provider_configs).toMatchObject([{ allow_all_keys: false, keys: [] }])
      expect((await ask(key.value)).body.type).toBe('provider_blocked')
    }
  })

  it('is refused for what its MCP servers and provider configs say, by POST and PUT', async ({ expect }) => {
    const client = `c${crypto.randomUUID().replaceAll('-', '')}`
    const where = { connection_type: 'http', connection_string: 'https://mcp.example.com/mcp' }
    const added = await call('POST', '/api/mcp/client', { name: client, ...where })
    const key = await newKey()
    const mcp = (...all: object[]) => ({ mcp_configs: all })
    const of = (...tools: string[]) => ({ mcp_client_name: client, tools_to_execute: tools })
    for (const [body, message] of [
      [mcp({}), 'mcp_client_name is required in mcp_configs'],
      [mcp({ mcp_client_name: 'nope' }), 'failed to get MCP client: there is none that is called nope'],
      [mcp(of('a'), of('b')), `duplicate mcp_client_name: ${client}`],
      [
        mcp(of('*', 'a')),
        `invalid tools_to_execute for mcp client ${client}: wildcard '*' cannot be used with other values in the whitelist`,
      ],
      [mcp(of('a', 'a')), `invalid tools_to_execute for mcp client ${client}: duplicate value 'a'`],
      [
        { provider_configs: [{ provider: 'openai' }, { provider: 'OpenAI' }] },
        'duplicate provider in provider_configs: openai',
      ],
      [{ budgets: [{}, DAILY] }, 'Invalid reset duration format: '],
      [{ expires_at: '2099-02-30T00:00:00Z' }, 'expires_at must be an RFC3339 timestamp'],
      [{ expires_at: '2099-01-01T00:00:00' }, 'expires_at must be an RFC3339 timestamp'],
    ] as const) {
      const post = await call('POST', VKS, { name: name(), ...body })
      expect([body, post]).toMatchObject([body, refused(400, message)])
      const put = await call('PUT', `${VKS}/${key.id}`, body)
      expect([body, put]).toMatchObject([body, refused(400, `Failed to update virtual key: ${message}`)])
    }
    await call('DELETE', `/api/mcp/client/${added.body.client.config.client_id}`)
  })

  it('expires at an instant, wherever that is written, and not where it is written as nothing', async ({ expect }) => {
    const key = await newKey({ expires_at: '2099-01-01T01:30:00.123456789+02:00' })
    expect(key.expires_at).toBe('2098-12-31T23:30:00.123Z')
    const put = async (body: object) => (await call('PUT', `${VKS}/${key.id}`, body)).body.virtual_key
    expect(await put({ expires_at: null })).toHaveProperty('expires_at', key.expires_at)
    expect(await put({ name: key.name })).toHaveProperty('expires_at', key.expires_at)
    expect(await put({ expires_at: '' })).not.toHaveProperty('expires_at')
  })

  it('tells what is wrong first where much is wrong', async ({ expect }) => {
    const configs = [{ provider: 'nope' }]
    const all = { name: '', team_id: NOBODY, customer_id: NOBODY, budgets: [DAILY, DAILY], provider_configs: configs }
    const told = async (body: object) => (await call('POST', VKS, body)).body.error.message
    expect(await told(all)).toBe('Virtual key name is required')
    expect(await told({ ...all, name: name() })).toBe('VirtualKey cannot be attached to both Team and Customer')
    expect(await told({ ...all, name: name(), team_id: '', customer_id: null })).toBe(
      'Duplicate reset_duration in budgets: 1d',
    )
    expect(await told({ name: name(), provider_configs: configs })).toBe('invalid provider name: nope')
  })

  it('has lists that ask for a page by any of their parameters', async ({ expect }) => {
    await newKey()
    for (const query of [
      ...['customer_id=', 'team_id=', 'sort_by=', 'order=desc&search=', 'exclude_access_profile_managed_virtual=true'],
      'export=false',
    ])
      expect([query, (await call('GET', `${VKS}?${query}`)).body.limit]).toEqual([query, 25])
    for (const query of ['order=desc', 'nonsense=1', 'from_memory=true']) {
      const { body } = await call('GET', `${VKS}?${query}`)
      expect([query, body.limit]).toEqual([query, body.total_count])
    }
  })
})

describe('budgets, further (1.10)', () => {
  const owners = [
    ['a virtual key', VKS, 'virtual_key'],
    ['a team', TEAMS, 'team'],
    ['a customer', CUSTOMERS, 'customer'],
    ['a model config', MODELS, 'model_config'],
  ] as const

  it.for(owners)(
    'of %s are unspent where that is asked for, and stay what they are',
    async ([, path, member], { expect }) => {
      const model = 'gpt-4.1-nano'
      const body = path === MODELS ? { model_name: model } : { name: name() }
      const made = (await call('POST', path, { ...body, budgets: [DAILY, WEEKLY] })).body[member]
      const owner = path === TEAMS ? { team_id: made.id } : path === CUSTOMERS ? { customer_id: made.id } : {}
      const key = await newKey(owner)
      if (path === VKS)
        await call('PUT', `${path}/${made.id}`, { provider_configs: key.provider_configs.map(() => GRANT) })
      const value = path === VKS ? made.value : key.value
      const used = async () => {
        const { budgets } = (await call('GET', `${path}/${made.id}`)).body[member]
        return budgets.map((one: { current_usage: number }) => one.current_usage)
      }
      expect((await ask(value, `openai/${model}`)).status).toBe(200)
      expect((await used()).every((usd: number) => usd > 0)).toBe(true)
      const put = await call('PUT', `${path}/${made.id}`, { reset_budget_usage: true })
      expect(put.body[member].budgets).toMatchObject([
        { ...DAILY, current_usage: 0, last_reset: made.budgets[0].last_reset },
        { ...WEEKLY, current_usage: 0 },
      ])
      expect(await used()).toEqual([0, 0])
      expect((await ask(value, `openai/${model}`)).status).toBe(200)
      const [daily, weekly] = await used()
      expect([daily > 0, daily === weekly]).toEqual([true, true])
      await call('PUT', `${path}/${made.id}`, { reset_budget_usage: false })
      expect(await used()).toEqual([daily, weekly])
      expect((await call('DELETE', `${path}/${made.id}`)).status).toBe(200)
    },
  )

  it('of quarters begin in the month that is said', async ({ expect }) => {
    const quarters = { max_limit: 5, reset_duration: '1Q', calendar_aligned: true }
    const budgets = [{ ...quarters, reset_config: { quarter_start_month: 2 } }]
    const { budget } = await newKey({ budgets })
    expect(budget).toMatchObject({ reset_config: { quarter_start_month: 2 }, fiscal_year_start: '02-01' })
    const began = new Date(budget.last_reset)
    expect([[1, 4, 7, 10].includes(began.getUTCMonth()), began.getUTCDate()]).toEqual([true, 1])
    for (const quarter_start_month of [0, 13, 1.5])
      expect(
        await call('POST', VKS, { name: name(), budgets: [{ ...quarters, reset_config: { quarter_start_month } }] }),
      ).toMatchObject(refused(400, 'Invalid JSON'))
  })
})

describe('a model config, further (1.5)', () => {
  it('is of the model that it was made for, and of all keys', async ({ expect }) => {
    const model_name = name()
    const { body } = await call('POST', MODELS, { model_name, provider: 'openai', budgets: [DAILY, WEEKLY] })
    const path = `${MODELS}/${body.model_config.id}`
    const fixed = 'model_name and provider of a model config cannot change: delete it, and create one of the other'
    for (const other of [{ model_name: name() }, { provider: 'mock' }])
      expect([other, await call('PUT', path, other)]).toMatchObject([other, refused(400, fixed)])
    const same = await call('PUT', path, {
      model_name,
      provider: 'OpenAI',
      budgets: [{ ...DAILY, max_limit: 3 }, WEEKLY],
    })
    expect(same.body.model_config.budgets).toMatchObject([{ id: body.model_config.budget.id, max_limit: 3 }, WEEKLY])
    const narrow = { scope: 'virtual_key', scope_id: NOBODY }
    const reach =
      'unsupported scope "virtual_key": a model config is of all keys. Give the key\'s provider config limits'
    const every =
      'model_name cannot be *: limit the provider (PUT /api/governance/providers/{name}), or the tenant (/v1/limits)'
    expect(await call('POST', MODELS, { model_name: name(), ...narrow })).toMatchObject(refused(400, reach))
    expect(await call('PUT', path, narrow)).toMatchObject(refused(400, reach))
    expect(await call('POST', MODELS, { model_name: '*' })).toMatchObject(refused(400, every))
    expect((await call('POST', MODELS, { model_name: name(), scope: 'global' })).status).toBe(200)
    const twice = `Model config for model '${model_name}' with provider 'openai' already exists`
    expect(await call('POST', MODELS, { model_name, provider: 'OPENAI' })).toMatchObject(refused(409, twice))
  })
})

describe('providers’ limits, further (1.6)', () => {
  it('take {} and null for what they are: take away, and leave', async ({ expect }) => {
    const path = `${PROVIDERS}/mock`
    const limits = { budget: DAILY, rate_limit: { token_max_limit: 1e6, token_reset_duration: '1d' } }
    await call('PUT', path, limits)
    const left = await call('PUT', path, { budget: null, budgets: null, rate_limit: null })
    expect(left.body.provider).toMatchObject(limits)
    expect((await call('PUT', path, {})).body.provider).toMatchObject(limits)
    expect((await call('PUT', path, { budgets: [], rate_limit: {} })).body.provider).toEqual({ provider: 'mock' })
    expect((await call('DELETE', path)).status).toBe(200)
  })
})

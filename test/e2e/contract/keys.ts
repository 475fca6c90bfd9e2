import { describe, it } from 'vitest'
import {
  CUSTOMERS,
  call,
  DAILY,
  GOVERNANCE,
  grants,
  make,
  name,
  newKey,
  refused,
  TEAMS,
  UUID,
  VKS,
  WEEKLY,
} from './server.ts'

const NOBODY = crypto.randomUUID()
const config = (more: object) => ({ provider_configs: [{ provider: 'openai', ...more }] })
const limits = (rate_limit: object) => ({ rate_limit })

/** What a key's body is refused for (1.1), in the order in which the contract looks. */
const FLAWS: [body: object, message: string][] = [
  [{ name: '' }, 'Virtual key name is required'],
  [{ name: '  ' }, 'Virtual key name is required'],
  [{ name: 'x'.repeat(256) }, 'Virtual key name cannot have more than 255 characters'],
  [{ team_id: NOBODY, customer_id: NOBODY }, 'VirtualKey cannot be attached to both Team and Customer'],
  [{ team_id: NOBODY }, `team not found: ${NOBODY}`],
  [{ customer_id: NOBODY }, `customer not found: ${NOBODY}`],
  [{ budgets: [{ ...DAILY, max_limit: -1.5 }] }, 'Budget max_limit cannot be negative: -1.50'],
  [{ budgets: [{ max_limit: 1 }] }, 'Invalid reset duration format: '],
  [{ budgets: [{ ...DAILY, reset_duration: '1x' }] }, 'Invalid reset duration format: 1x'],
  [{ budgets: [DAILY, WEEKLY, DAILY] }, 'Duplicate reset_duration in budgets: 1d'],
  [{ budget: DAILY, budgets: [DAILY] }, 'budget and budgets cannot both be given: use budgets'],
  [{ budgets: [{ ...DAILY, max_limit: 0 }] }, 'budget max limit cannot be negative or zero: 0.00'],
  [{ budget: { ...DAILY, max_limit: 0 } }, 'budget max limit cannot be negative or zero: 0.00'],
  [{ budgets: [{ ...DAILY, max_limit: 1e10 }] }, 'budget max limit cannot be more than 9000000 dollars: 10000000000'],
  [
    { budgets: [{ ...DAILY, max_limit: 0.12345678901 }] },
    'budget max limit cannot have more than 9 decimal places: 0.12345678901',
  ],
  [
    { budgets: [{ ...DAILY, reset_duration: '30m', calendar_aligned: true }] },
    'calendar_aligned needs a reset_duration of whole days, weeks, months, quarters or years: 30m',
  ],
  [{ provider_configs: [{}] }, 'provider name is required'],
  [{ provider_configs: [{ provider: 'nope' }] }, 'invalid provider name: nope'],
  [config({ weight: -0.1 }), 'invalid weight for provider openai: it cannot be negative'],
  [
    config({ allowed_models: ['*', 'a'] }),
    "invalid allowed_models for provider openai: wildcard '*' cannot be used with other values in the whitelist",
  ],
  [config({ allowed_models: ['a', 'A'] }), "invalid allowed_models for provider openai: duplicate value 'A'"],
  [config({ blacklisted_models: ['a', 'a'] }), "invalid blacklisted_models for provider openai: duplicate value 'a'"],
  [
    config({ key_ids: ['*', NOBODY] }),
    "invalid key_ids for provider openai: wildcard '*' cannot be used with other values in the whitelist",
  ],
  [config({ key_ids: [NOBODY, NOBODY] }), `invalid key_ids for provider openai: duplicate value '${NOBODY}'`],
  [config({ key_ids: [NOBODY] }), 'some keys not found for provider openai: expected 1, found 0'],
  [config({ budgets: [DAILY, DAILY] }), 'duplicate reset_duration in provider config budgets: 1d'],
  [config({ budgets: [{ ...DAILY, max_limit: 0 }] }), 'budget max limit cannot be negative or zero: 0.00'],
  [config(limits({ request_max_limit: 5 })), 'rate limit request reset duration is required'],
  [
    limits({ token_max_limit: 0, token_reset_duration: '1h' }),
    'rate limit token max limit cannot be negative or zero: 0',
  ],
  [
    limits({ token_max_limit: -5, token_reset_duration: '1h' }),
    'rate limit token max limit cannot be negative or zero: -5',
  ],
  [limits({ token_max_limit: 5 }), 'rate limit token reset duration is required'],
  [limits({ token_max_limit: 5, token_reset_duration: 'x' }), 'invalid rate limit token reset duration format: x'],
  [
    limits({ request_max_limit: 0, request_reset_duration: '1h' }),
    'rate limit request max limit cannot be negative or zero: 0',
  ],
  [limits({ request_max_limit: 5 }), 'rate limit request reset duration is required'],
  [
    limits({ request_max_limit: 5, request_reset_duration: 'x' }),
    'invalid rate limit request reset duration format: x',
  ],
  [{ expires_at: '2020-01-01T00:00:00Z' }, 'expires_at must be a future timestamp'],
  [{ expires_at: 'tomorrow' }, 'expires_at must be an RFC3339 timestamp'],
  [{ expires_at: '2099-01-01' }, 'expires_at must be an RFC3339 timestamp'],
]

describe('the body of a virtual key (1.1)', () => {
  it('is refused in the contract’s words, by POST and with the prefix of an update by PUT', async ({ expect }) => {
    const key = await newKey({ budgets: [DAILY], team_id: (await make(TEAMS, 'team')).id })
    const before = (await call('GET', `${VKS}/${key.id}`)).body
    for (const [body, message] of FLAWS) {
      expect([body, await call('POST', VKS, { name: name(), ...body })]).toMatchObject([body, refused(400, message)])
      const update = refused(400, `Failed to update virtual key: ${message}`)
      const isPart = message === 'Invalid reset duration format: '
      if (!isPart) expect([body, await call('PUT', `${VKS}/${key.id}`, body)]).toMatchObject([body, update])
    }
    expect((await call('GET', `${VKS}/${key.id}`)).body).toEqual(before)
    const other = { provider_configs: [{ id: 9, provider: 'openai' }] }
    const message = 'Failed to update virtual key: provider config 9 does not belong to this virtual key'
    expect(await call('PUT', `${VKS}/${key.id}`, other)).toMatchObject(refused(400, message))
  })

  it('takes null for absent and [] for none, and the older budget beside the newer budgets', async ({ expect }) => {
    const key = await newKey({ budget: DAILY })
    const put = async (body: object) => (await call('PUT', `${VKS}/${key.id}`, body)).body.virtual_key
    expect(key).toMatchObject({ budget: DAILY, budgets: [DAILY], budget_id: key.budgets[0].id })
    for (const none of [
      { budgets: null },
      { budget: null },
      { rate_limit: null, provider_configs: null, name: null },
    ]) {
      expect((await put(none)).budgets).toMatchObject([{ id: key.budgets[0].id, ...DAILY }])
    }
    expect((await put({ budget: { max_limit: 11 } })).budgets).toMatchObject([{ id: key.budgets[0].id, max_limit: 11 }])
    const two = await put({ budgets: [{ ...DAILY, max_limit: 12 }, WEEKLY] })
    expect(two.budgets).toMatchObject([{ id: key.budgets[0].id, max_limit: 12 }, WEEKLY])
    for (const member of ['budget', 'budgets', 'budget_id'])
      expect(await put({ budget: {} })).not.toHaveProperty(member)
    await put({ budgets: [DAILY] })
    expect(await put({ budgets: [] })).not.toHaveProperty('budgets')
  })

  it('merges a rate limit and takes it away for {}', async ({ expect }) => {
    const key = await newKey({ rate_limit: { token_max_limit: 5, token_reset_duration: '1h' } })
    const put = async (body: object) => (await call('PUT', `${VKS}/${key.id}`, body)).body.virtual_key
    const both = await put({ rate_limit: { request_max_limit: 7, request_reset_duration: '1m' } })
    expect(both.rate_limit).toMatchObject({ id: key.rate_limit.id, token_max_limit: 5, request_max_limit: 7 })
    const bare = await put({ rate_limit: {} })
    for (const member of ['rate_limit', 'rate_limit_id']) expect(bare).not.toHaveProperty(member)
  })

  it('replaces provider configs in full: with an id it is the same, without one it is new, and the others go', async ({
    expect,
  }) => {
    const key = await newKey({
      provider_configs: [
        { provider: 'openai', weight: 0.5, allowed_models: ['*'], key_ids: ['*'], budgets: [DAILY] },
        { provider: 'mock', weight: null, allowed_models: [], key_ids: [] },
      ],
    })
    expect(key.provider_configs).toMatchObject([
      { provider: 'openai', weight: 0.5, allowed_models: ['*'], allow_all_keys: true, budgets: [DAILY], keys: [] },
      { provider: 'mock', weight: null, allowed_models: [], allow_all_keys: false },
    ])
    const [{ id }] = key.provider_configs
    const configs = [{ id, provider: 'openai', budgets: [{ ...DAILY, max_limit: 3 }] }]
    const { virtual_key } = (await call('PUT', `${VKS}/${key.id}`, { provider_configs: configs })).body
    expect(virtual_key.provider_configs).toHaveLength(1)
    expect(virtual_key.provider_configs[0]).toMatchObject({ id, virtual_key_id: key.id, budgets: [{ max_limit: 3 }] })
    const none = (await call('PUT', `${VKS}/${key.id}`, { provider_configs: [] })).body.virtual_key
    expect(none.provider_configs).toEqual([])
    const left = (await call('GET', `${GOVERNANCE}/budgets`)).body.budgets
    expect(left.map((one: { id: string }) => one.id)).not.toContain(key.provider_configs[0].budgets[0].id)
  })

  it('moves the key between owners, keeps the one that is not named, and gives it back for ""', async ({ expect }) => {
    const [team, customer] = [await make(TEAMS, 'team'), await make(CUSTOMERS, 'customer')]
    const key = await newKey({ team_id: team.id })
    const put = async (body: object) => (await call('PUT', `${VKS}/${key.id}`, body)).body.virtual_key
    expect(await put({ description: 'd' })).toMatchObject({ team_id: team.id, team: { id: team.id, name: team.name } })
    const moved = await put({ customer_id: customer.id })
    expect(moved).toMatchObject({ customer_id: customer.id, customer: { id: customer.id } })
    for (const member of ['team_id', 'team']) expect(moved).not.toHaveProperty(member)
    expect(await put({ team_id: team.id })).not.toHaveProperty('customer_id')
    for (const member of ['team_id', 'team', 'customer_id'])
      expect(await put({ team_id: '' })).not.toHaveProperty(member)
  })

  it('keeps calendar_aligned, a description, an expiry and whether the key is active', async ({ expect }) => {
    const key = await newKey({ budgets: [DAILY], is_active: false, description: 'd', calendar_aligned: true })
    expect(key).toMatchObject({ is_active: false, description: 'd', calendar_aligned: true, config_hash: '' })
    expect(key.budgets[0]).toMatchObject({
      calendar_aligned: true,
      last_reset: `${key.created_at.slice(0, 10)}T00:00:00.000Z`,
    })
    const expires_at = '2099-01-01T02:00:00+02:00'
    const put = async (body: object) => (await call('PUT', `${VKS}/${key.id}`, body)).body.virtual_key
    expect(await put({ expires_at, is_active: true, calendar_aligned: false })).toMatchObject({
      ...{ expires_at: '2099-01-01T00:00:00.000Z', is_active: true, calendar_aligned: false, description: 'd' },
    })
    expect((await put({ name: key.name })).expires_at).toBe('2099-01-01T00:00:00.000Z')
    expect(await put({ expires_at: '' })).not.toHaveProperty('expires_at')
  })
})

describe('a virtual key (1.1)', () => {
  it('has exactly the members of the contract and Weir’s own, its times in RFC 3339', async ({ expect }) => {
    const rate_limit = { request_max_limit: 5, request_reset_duration: '1h' }
    const team_id = (await make(TEAMS, 'team')).id
    const key = await newKey({
      budgets: [DAILY],
      rate_limit,
      team_id,
      description: 'd',
      expires_at: '2099-01-01T00:00:00Z',
    })
    const { virtual_key } = (await call('GET', `${VKS}/${key.id}`)).body
    expect(Object.keys(virtual_key).sort()).toEqual(
      [
        ...[
          'id',
          'name',
          'description',
          'value',
          'is_active',
          'expires_at',
          'provider_configs',
          'mcp_configs',
          'team_id',
        ],
        ...['team', 'rate_limit_id', 'rate_limit', 'budget_id', 'budget', 'budgets', 'calendar_aligned', 'config_hash'],
        ...[
          'created_at',
          'updated_at',
          'admission_mode',
          'expected_output_tokens',
          'settlement',
          'meter',
          'reliability',
        ],
      ].sort(),
    )
    const owned = [
      'id',
      'reset_duration',
      'max_limit',
      'last_reset',
      'current_usage',
      'calendar_aligned',
      'config_hash',
    ]
    const budget = Object.keys(virtual_key.budgets[0])
    for (const member of [...owned, 'virtual_key_id', 'created_at', 'updated_at']) expect(budget).toContain(member)
    const limit = ['id', 'request_max_limit', 'request_reset_duration', 'request_current_usage', 'request_last_reset']
    for (const member of [...limit, 'token_current_usage', 'token_last_reset', 'calendar_aligned', 'config_hash']) {
      expect(Object.keys(virtual_key.rate_limit)).toContain(member)
    }
    for (const member of ['token_max_limit', 'token_reset_duration'])
      expect(virtual_key.rate_limit).not.toHaveProperty(member)
    expect(virtual_key.id).toMatch(UUID)
    expect(virtual_key.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{1,9}Z$/)
  })

  it('takes its limits and provider configs along when it is deleted, once', async ({ expect }) => {
    const rate_limit = { request_max_limit: 5, request_reset_duration: '1h' }
    const key = await newKey({ budgets: [DAILY], rate_limit, provider_configs: [{ ...grants[0], budgets: [WEEKLY] }] })
    expect((await call('DELETE', `${VKS}/${key.id}`)).status).toBe(200)
    expect(await call('DELETE', `${VKS}/${key.id}`)).toMatchObject(refused(404, 'Virtual key not found'))
    const text =
      (await call('GET', `${GOVERNANCE}/budgets`)).text + (await call('GET', `${GOVERNANCE}/rate-limits`)).text
    for (const { id } of [...key.budgets, key.rate_limit, key.provider_configs[0].budgets[0]])
      expect(text).not.toContain(id)
  })

  it('escapes what Go’s encoder escapes, and means the same by it', async ({ expect }) => {
    const text = '<b>&</b>\u2028'
    const key = await newKey({ description: text })
    const shown = await call('GET', `${VKS}/${key.id}`)
    expect(shown.body.virtual_key.description).toBe(text)
    expect(shown.text).toContain('\\u003cb\\u003e\\u0026\\u003c/b\\u003e\\u2028')
    expect(shown.text).not.toMatch(/[<>&]/)
    const refusal = await call('POST', VKS, { name: name(), budgets: [{ ...DAILY, reset_duration: '<' }] })
    expect(refusal.text).toContain('format: \\u003c')
  })
})

describe('the override of a budget (1.10)', () => {
  const NONE = 'virtual key or budget not found'

  it('is put and taken away in the contract’s shape, and refused in words', async ({ expect }) => {
    const key = await newKey({ budgets: [DAILY] })
    const path = `${VKS}/${key.id}/budgets/${key.budget.id}/override`
    const put = await call('PUT', path, { amount: 5, mode: 'cycles', cycles: 2 })
    const shown = { override_amount: 5, override_mode: 'cycles', override_cycles_remaining: 2, max_limit: 10 }
    expect(put).toMatchObject({ status: 200, body: { budget: shown, effective_max_limit: 15 } })
    expect(Object.keys(put.body)).toEqual(['budget', 'effective_max_limit'])
    const forever = await call('PUT', path, { amount: 1, mode: 'forever' })
    expect(forever.body).toMatchObject({ budget: { override_mode: 'forever' }, effective_max_limit: 11 })
    const quota = await call('GET', `${VKS}/quota`, undefined, { authorization: `Bearer ${key.value}` })
    expect(quota.body.budgets).toMatchObject([{ max_limit: 10, effective_max_limit: 11, override_amount: 1 }])
    expect((await call('DELETE', path)).body).toMatchObject({
      budget: { override_amount: 0, override_mode: '' },
      effective_max_limit: 10,
    })
    for (const [body, message] of [
      [{ amount: 0, mode: 'forever' }, 'amount must be greater than 0'],
      [{ amount: 1e8, mode: 'forever' }, 'amount cannot be more than 9000000 dollars'],
      [{ amount: 1, mode: 'once' }, 'mode must be "cycles" or "forever"'],
      [{ amount: 1, mode: 'cycles' }, 'cycles must be a whole number from 1 to 1000 where mode is "cycles"'],
      [{ amount: 1, mode: 'forever', cycles: 1 }, 'cycles must be left out where mode is "forever"'],
    ] as const)
      expect(await call('PUT', path, body)).toMatchObject(refused(400, message))
    for (const at of [
      `${VKS}/${key.id}/budgets/${NOBODY}/override`,
      `${VKS}/${NOBODY}/budgets/${key.budget.id}/override`,
    ]) {
      expect(await call('PUT', at, { amount: 1, mode: 'forever' })).toMatchObject(refused(404, NONE))
      expect(await call('DELETE', at)).toMatchObject(refused(404, NONE))
    }
  })
})

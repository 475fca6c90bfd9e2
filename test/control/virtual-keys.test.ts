import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { KEYS, NOW, PLAIN_KEY, PLAIN_LIMIT, unoverridden } from './fake-ports.ts'
import { FULL, ISO_NOW, refusal, setUp, UUID } from './with-keys.ts'

describe('creating a virtual key', () => {
  it('answers with the key in the shape of the contract, its text included', async ({ expect }) => {
    const { call } = await setUp()
    const { status, body } = await call('POST', KEYS, FULL)
    const times = { config_hash: '', created_at: ISO_NOW, updated_at: ISO_NOW }
    const id = expect.stringMatching(UUID)
    const daily = {
      id,
      max_limit: 10,
      reset_duration: '1d',
      last_reset: ISO_NOW,
      current_usage: 0,
      virtual_key_id: body.virtual_key.id,
      calendar_aligned: false,
      ...unoverridden(10),
      ...PLAIN_LIMIT,
      ...times,
    }
    const monthly = {
      ...daily,
      ...unoverridden(100.5),
      max_limit: 100.5,
      reset_duration: '1M',
      calendar_aligned: true,
      last_reset: '2026-11-01T00:00:00.000Z',
    }
    const { virtual_key_id: _, ...ofConfig } = { ...daily, provider_config_id: 1 }
    const hourly = { ...ofConfig, ...unoverridden(0.5), max_limit: 0.5, reset_duration: '1h' }
    const requests = {
      id,
      token_current_usage: 0,
      token_last_reset: ISO_NOW,
      request_max_limit: 10,
      request_reset_duration: '1m',
      request_current_usage: 0,
      request_last_reset: ISO_NOW,
      calendar_aligned: false,
      ...PLAIN_LIMIT,
      ...times,
    }
    expect(status).toBe(200)
    expect(body).toEqual({
      message: 'Virtual key created successfully',
      virtual_key: {
        id,
        name: 'full',
        description: 'a key',
        value: expect.stringMatching(/^sk-bf-.{50,}/),
        is_active: true,
        provider_configs: [
          {
            id: 1,
            virtual_key_id: body.virtual_key.id,
            provider: 'openai',
            weight: 0.7,
            allowed_models: ['gpt-4o-mini', 'gpt-4o'],
            blacklisted_models: ['gpt-4o'],
            allow_all_keys: true,
            rate_limit_id: id,
            rate_limit: requests,
            budget_id: id,
            budget: hourly,
            budgets: [hourly],
            keys: [],
          },
          {
            id: 2,
            virtual_key_id: body.virtual_key.id,
            provider: 'anthropic',
            weight: null,
            allowed_models: ['*'],
            blacklisted_models: [],
            allow_all_keys: true,
            keys: [],
          },
        ],
        mcp_configs: [],
        calendar_aligned: false,
        ...PLAIN_KEY,
        rate_limit_id: id,
        rate_limit: { ...requests, token_max_limit: 1000, token_reset_duration: '1h', request_max_limit: 50 },
        budget_id: id,
        budget: monthly,
        budgets: [monthly, daily],
        ...times,
      },
    })
  })

  it('gives the meter a snapshot of it', async ({ expect }) => {
    const { create, pushed, tenantId } = await setUp()
    const key = await create(FULL)
    const scope = `virtual_key:${key.id}`
    const rolling = { isAligned: false, anchorMs: NOW }
    const [openai] = key.provider_configs
    expect(pushed).toEqual([
      {
        version: 1,
        tenantId,
        keyId: key.id,
        name: 'full',
        keyHash: `hash of ${key.value}`,
        isActive: true,
        isDeleted: false,
        teamId: null,
        customerId: null,
        expiresMs: null,
        providers: [
          { provider: 'openai', weight: 0.7, allowedModels: ['gpt-4o-mini', 'gpt-4o'], blacklistedModels: ['gpt-4o'] },
          { provider: 'anthropic', weight: null, allowedModels: ['*'], blacklistedModels: [] },
        ],
        limits: [
          {
            id: key.budgets[0].id,
            scope,
            unit: 'nano_usd',
            max: 100_500_000_000,
            window: { duration: '1M', isAligned: true, anchorMs: NOW },
          },
          { id: key.budgets[1].id, scope, unit: 'nano_usd', max: 1e10, window: { duration: '1d', ...rolling } },
          {
            id: openai.budget.id,
            scope: `${scope}/provider:openai`,
            unit: 'nano_usd',
            max: 5e8,
            window: { duration: '1h', ...rolling },
          },
          {
            id: `${key.rate_limit.id}:tokens`,
            scope,
            unit: 'tokens',
            max: 1000,
            window: { duration: '1h', ...rolling },
          },
          {
            id: `${key.rate_limit.id}:requests`,
            scope,
            unit: 'requests',
            max: 50,
            window: { duration: '1m', ...rolling },
          },
          {
            id: `${openai.rate_limit.id}:requests`,
            scope: `${scope}/provider:openai`,
            unit: 'requests',
            max: 10,
            window: { duration: '1m', ...rolling },
          },
        ],
      },
    ])
    const stored = await env.DB.prepare(
      'SELECT body, version, pushed_version FROM key_snapshot WHERE tenant_id = ?1 AND key_id = ?2',
    )
      .bind(tenantId, key.id)
      .first<{ body: string }>()
    expect(stored).toMatchObject({ version: 1, pushed_version: 1 })
    expect(JSON.parse(stored?.body ?? '')).toEqual(pushed[0])
  })

  it('never stores or shows its text again', async ({ expect }) => {
    const { create, call, tenantId } = await setUp()
    const { id, value } = await create({ name: 'secret' })
    const answers = [
      await call('GET', KEYS),
      await call('GET', `${KEYS}/${id}`),
      await call('PUT', `${KEYS}/${id}`, {}),
    ]
    for (const { status, body } of answers) {
      expect(status).toBe(200)
      expect(JSON.stringify(body)).not.toContain(value)
      expect(JSON.stringify(body)).toContain(`"sk-bf-****${value.slice(-4)}"`)
    }
    const row = await env.DB.prepare('SELECT * FROM virtual_key WHERE tenant_id = ?1 AND id = ?2')
      .bind(tenantId, id)
      .first()
    expect(JSON.stringify({ ...row, key_hash: '' })).not.toContain(value)
  })

  it('takes the older body: one budget, any case of names, null for absent, unknown fields', async ({ expect }) => {
    const { create } = await setUp()
    const budget = { MAX_LIMIT: 3, reset_duration: '2w', calendar_aligned: null, unknown: 1 }
    const key = await create({
      Name: 'older',
      budget,
      team_id: '',
      mcp_configs: [],
      provider_configs: null,
      email: 'x',
    })
    expect(key).toMatchObject({ name: 'older', budget: { max_limit: 3, reset_duration: '2w' }, provider_configs: [] })
    expect(key.budgets).toEqual([key.budget])
    const empty = await create({ name: 'no limits', budget: {}, rate_limit: {} })
    expect(empty).not.toHaveProperty('budgets')
    expect(empty).not.toHaveProperty('rate_limit')
  })

  it.for([{}, { key_ids: null }, { key_ids: [] }])(
    'grants nothing where key_ids name no key: %j',
    async (ids, { expect }) => {
      const { create, pushed } = await setUp()
      const key = await create({
        name: 'none',
        provider_configs: [{ provider: 'OpenAI', allowed_models: ['*'], ...ids }],
      })
      expect(key.provider_configs[0]).toMatchObject({ provider: 'openai', allow_all_keys: false })
      expect(pushed[0]?.providers).toEqual([])
    },
  )

  it('is done though its meter does not answer, for its text is told only once', async ({ expect }) => {
    const { create, ports, tenantId } = await setUp({ pushSnapshot: () => Promise.reject(new Error('down')) })
    const { id, value } = await create({ name: 'k' })
    expect(value).toMatch(/^sk-bf-/)
    const row = await ports.db.$client
      .prepare('SELECT pushed_version FROM key_snapshot WHERE tenant_id = ?1 AND key_id = ?2')
      .bind(tenantId, id)
      .first()
    expect(row).toEqual({ pushed_version: 0 })
  })

  const budgets = (...list: unknown[]) => ({ name: 'x', budgets: list })
  const provider = (config: unknown) => ({ name: 'x', provider_configs: [config] })
  const rateLimit = (rate_limit: unknown) => ({ name: 'x', rate_limit })
  const month = (max_limit: unknown) => budgets({ max_limit, reset_duration: '1M' })

  it.for<[body: unknown, message: string | RegExp]>([
    ['{"name":', 'Invalid JSON'],
    ['null', 'Invalid JSON'],
    ['[]', 'Invalid JSON'],
    ['{"name":"a","budgets":[{"max_limit":1e999,"reset_duration":"1d"}]}', 'Invalid JSON'],
    [`${'['.repeat(40_000)}${']'.repeat(40_000)}`, 'Invalid JSON'],
    [{ name: 5 }, 'Invalid JSON'],
    [{ name: 'x', is_active: 'yes' }, 'Invalid JSON'],
    [month('10'), 'Invalid JSON'],
    [rateLimit({ token_max_limit: 1.5, token_reset_duration: '1h' }), 'Invalid JSON'],
    [{}, 'Virtual key name is required'],
    [{ name: ' ' }, 'Virtual key name is required'],
    [{ name: 'n'.repeat(256) }, /more than 255 characters/],
    [{ name: 'x', team_id: 't', customer_id: 'c' }, 'VirtualKey cannot be attached to both Team and Customer'],
    [{ name: 'x', team_id: 't' }, 'team not found: t'],
    [{ name: 'x', customer_id: 'c' }, 'customer not found: c'],
    [
      { name: 'x', mcp_configs: [{ mcp_client_name: 'm' }] },
      /failed to get MCP client: there is none that is called m/,
    ],
    [{ name: 'x', budget: { max_limit: 1 }, budgets: [] }, /cannot both be given/],
    [month(-5), 'Budget max_limit cannot be negative: -5.00'],
    [month(0), 'budget max limit cannot be negative or zero: 0.00'],
    [budgets({ reset_duration: '1d' }), 'budget max limit cannot be negative or zero: 0.00'],
    [month(1e308), /cannot be more than 9000000 dollars/],
    [month(9_000_001), /cannot be more than 9000000 dollars/],
    [month(0.1234567891), /more than 9 decimal places/],
    [budgets({ max_limit: 1, reset_duration: '1x' }), 'Invalid reset duration format: 1x'],
    [budgets({ max_limit: 1 }), 'Invalid reset duration format: '],
    [
      budgets(...['1d', '1d'].map(d => ({ max_limit: 1, reset_duration: d }))),
      'Duplicate reset_duration in budgets: 1d',
    ],
    [budgets({ max_limit: 1, reset_duration: '1h', calendar_aligned: true }), /calendar_aligned needs .*: 1h/],
    [provider({}), 'provider name is required'],
    [provider({ provider: 'acme' }), 'invalid provider name: acme'],
    [
      provider({ provider: 'openai', allowed_models: ['*', 'gpt-4o'] }),
      "invalid allowed_models for provider openai: wildcard '*' cannot be used with other values in the whitelist",
    ],
    [
      provider({ provider: 'openai', allowed_models: ['a', 'b', 'A'] }),
      "invalid allowed_models for provider openai: duplicate value 'A'",
    ],
    [provider({ provider: 'openai', key_ids: ['*', 'k'] }), /^invalid key_ids for provider openai: wildcard/],
    [
      provider({ provider: 'openai', key_ids: ['k1', 'k2'] }),
      'some keys not found for provider openai: expected 2, found 0',
    ],
    [provider({ provider: 'openai', weight: -1 }), /weight for provider openai/],
    [
      provider({ provider: 'openai', budgets: ['1d', '1d'].map(d => ({ max_limit: 1, reset_duration: d })) }),
      'duplicate reset_duration in provider config budgets: 1d',
    ],
    [
      { name: 'x', provider_configs: [{ provider: 'openai' }, { provider: 'OPENAI' }] },
      'duplicate provider in provider_configs: openai',
    ],
    [provider({ id: 7, provider: 'openai' }), 'provider config 7 does not belong to this virtual key'],
    [
      rateLimit({ token_max_limit: 0, token_reset_duration: '1h' }),
      'rate limit token max limit cannot be negative or zero: 0',
    ],
    [rateLimit({ request_max_limit: 5 }), 'rate limit request reset duration is required'],
    [
      rateLimit({ request_max_limit: 5, request_reset_duration: 'soon' }),
      'invalid rate limit request reset duration format: soon',
    ],
    [{ name: 'x', expires_at: '2030-01-01' }, 'expires_at must be an RFC3339 timestamp'],
    [{ name: 'x', expires_at: '2030-02-30T00:00:00Z' }, 'expires_at must be an RFC3339 timestamp'],
    [{ name: 'x', expires_at: '2026-11-20T12:00:00Z' }, 'expires_at must be a future timestamp'],
    [
      budgets(...Array.from({ length: 101 }, (_, i) => ({ max_limit: 1, reset_duration: `${i + 1}h` }))),
      /more than 100 limits/,
    ],
  ])('refuses %j', async ([body, message], { expect }) => {
    const { call, pushed } = await setUp()
    const expected = typeof message === 'string' ? message : expect.stringMatching(message)
    expect(await call('POST', KEYS, body)).toMatchObject(refusal(400, expected))
    expect(pushed).toEqual([])
    expect((await call('GET', KEYS)).body.total_count).toBe(0)
  })

  it('says what the contract says first when a body has several flaws', async ({ expect }) => {
    const { call } = await setUp()
    const flaws: [object, RegExp][] = [
      [{ mcp_configs: [{}], rate_limit: { token_max_limit: 0 } }, /mcp_configs/],
      [{ provider_configs: [{ provider: 'acme' }] }, /^invalid provider name/],
      [{ budgets: [{ max_limit: 0, reset_duration: '1x' }] }, /^Invalid reset duration/],
      [{ team_id: 't' }, /^team not found/],
      [{ name: '' }, /^Virtual key name is required/],
    ]
    let body = { name: 'x' }
    for (const [flaw, message] of flaws) {
      body = { ...body, ...flaw }
      expect(await call('POST', KEYS, body)).toMatchObject(refusal(400, expect.stringMatching(message)))
    }
  })

  it('refuses a body that is too large, one that is no UTF-8, and a snapshot that no object could hold', async ({
    expect,
  }) => {
    const { call, app, adminKey } = await setUp({ maxBodyBytes: 1_000_000 })
    expect(await call('POST', KEYS, { name: 'x'.repeat(1_000_000) })).toMatchObject(
      refusal(413, 'The body is over the limit of 1000000 bytes. Send a smaller request.'),
    )
    const bytes = new Uint8Array([...new TextEncoder().encode('{"name":"'), 0xff, 0x22, 0x7d])
    const headers = { authorization: `Bearer ${adminKey}` }
    const latin = await app.request(KEYS, { method: 'POST', headers, body: bytes })
    expect({ status: latin.status, body: await latin.json() }).toMatchObject(
      refusal(400, 'The body is not valid UTF-8. Encode the JSON as UTF-8.'),
    )
    const allowed_models = Array.from({ length: 20_000 }, (_, i) => `a-model-with-a-name-${i}`)
    const large = await call('POST', KEYS, {
      name: 'x',
      provider_configs: [{ provider: 'openai', allowed_models, key_ids: ['*'] }],
    })
    expect(large).toMatchObject(refusal(400, expect.stringMatching(/too large/)))
  })

  it('refuses a name that is taken, until the key that has it is deleted', async ({ expect }) => {
    const { call, create, put } = await setUp()
    const taken = 'a record with this name already exists. Please use a different value'
    const first = await create({ name: 'one' })
    const second = await create({ name: 'two' })
    expect(await call('POST', KEYS, { name: 'one' })).toMatchObject(refusal(400, taken))
    expect(await put(second.id, { name: 'one' })).toMatchObject(refusal(400, `Failed to update virtual key: ${taken}`))
    await call('DELETE', `${KEYS}/${first.id}`)
    expect((await put(second.id, { name: 'one' })).status).toBe(200)
  })
})

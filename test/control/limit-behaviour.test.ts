import { describe, it } from 'vitest'
import { limitsOf } from '../../workers/control/governance/limits-of.ts'
import { findScope } from '../../workers/db/find-scope.ts'
import { KEYS, NOW, openTenant, PLAIN_LIMIT } from './fake-ports.ts'

const LIMITS = '/v1/limits'
const TEAMS = '/api/governance/teams'
const CUSTOMERS = '/api/governance/customers'
const PROVIDERS = '/api/governance/providers'
const YEARLY = { max_limit: 10, reset_duration: '1Y', calendar_aligned: true }
const TOKENS = { token_max_limit: 9, token_reset_duration: '1h' }
const REQUESTS = { request_max_limit: 5, request_reset_duration: '1m' }
const CLAMP = { on_exceed: 'clamp', clamp_floor: 64 }
const DOWNGRADE = { on_exceed: 'downgrade', downgrade_to: 'openai/gpt-4o-mini' }
const FISCAL = { fiscal_year_start: '04-06' }

describe('/v1/limits', () => {
  const tokens = { scope: 'user:u', unit: 'tokens', max: 5, duration: '1h' }
  const money = { scope: 'user:u', unit: 'nano_usd', max_usd: 5, duration: '1Y', calendar_aligned: true }

  it('say what happens when they are reached; what is not named stays, null is the default', async ({ expect }) => {
    const { make, put, get } = await openTenant()
    const { id } = await make(LIMITS, { ...tokens, on_exceed: 'clamp', alert_thresholds: [100, 50, 80] })
    const path = `${LIMITS}/${id}`
    const clamp = { on_exceed: 'clamp', clamp_floor: 16, alert_thresholds: [50, 80, 100] }
    expect(await get(path)).toMatchObject({ ...PLAIN_LIMIT, ...clamp })
    expect(await put(path, { max: 7 })).toMatchObject({ id, max: 7, ...clamp })
    expect(await put(path, { clamp_floor: 99 })).toMatchObject({ ...clamp, clamp_floor: 99 })
    expect(await put(path, { clamp_floor: null })).toMatchObject(clamp)
    expect(await put(path, DOWNGRADE)).toMatchObject({
      ...DOWNGRADE,
      clamp_floor: null,
      alert_thresholds: [50, 80, 100],
    })
    expect(await put(path, { on_exceed: 'warn', alert_thresholds: null })).toMatchObject({
      ...PLAIN_LIMIT,
      on_exceed: 'warn',
    })
    expect(await put(path, { on_exceed: null })).toMatchObject({ id, ...PLAIN_LIMIT })
  })

  it('count in fiscal years, which change their windows and not their id', async ({ expect }) => {
    const { make, put, scopeUsage } = await openTenant()
    const { id, window } = await make(LIMITS, money)
    expect(window).toEqual({ starts_at: '2026-01-01T00:00:00.000Z', resets_at: '2027-01-01T00:00:00.000Z' })
    scopeUsage.push({ limitId: id, used: 1e9, startMs: Date.UTC(2026, 0), endMs: NOW - 1 })
    const fiscal = await put(`${LIMITS}/${id}`, FISCAL)
    const year = { starts_at: '2026-04-06T00:00:00.000Z', resets_at: '2027-04-06T00:00:00.000Z' }
    expect(fiscal).toMatchObject({ id, ...FISCAL, used_usd: 0, window: year })
    expect(await put(`${LIMITS}/${id}`, { fiscal_year_start: '01-01' })).toMatchObject({
      fiscal_year_start: '01-01',
      window,
    })
    expect(await put(`${LIMITS}/${id}`, { fiscal_year_start: null })).toMatchObject({ ...PLAIN_LIMIT, window })
  })

  const inFlight = { scope: 'user:u', unit: 'in_flight', max: 5 }

  it.for<[body: object, detail: RegExp]>([
    [{ ...tokens, on_exceed: 'explode' }, /refuse, warn, clamp, downgrade[\s\S]*on_exceed/],
    [{ ...tokens, clamp_floor: 5 }, /^clamp_floor must be left out where on_exceed is not clamp/],
    [{ ...tokens, on_exceed: 'clamp', clamp_floor: 0 }, /from 1 to 1000000[\s\S]*clamp_floor/],
    [{ ...tokens, on_exceed: 'clamp', clamp_floor: 1.5 }, /from 1 to 1000000[\s\S]*clamp_floor/],
    [{ ...tokens, on_exceed: 'downgrade' }, /^downgrade_to must be the model to use instead/],
    [{ ...tokens, on_exceed: 'warn', downgrade_to: 'm' }, /^downgrade_to must be left out/],
    [{ ...tokens, on_exceed: 'downgrade', downgrade_to: '' }, /must be a model[\s\S]*downgrade_to/],
    [{ ...tokens, on_exceed: 'downgrade', downgrade_to: 'two words' }, /must be a model[\s\S]*downgrade_to/],
    [{ ...tokens, alert_thresholds: [0] }, /up to 10 different whole percents[\s\S]*alert_thresholds/],
    [{ ...tokens, alert_thresholds: [1001] }, /up to 10/],
    [{ ...tokens, alert_thresholds: [1.5] }, /up to 10/],
    [{ ...tokens, alert_thresholds: [80, 80] }, /up to 10/],
    [{ ...tokens, alert_thresholds: Array.from({ length: 11 }, (_, i) => i + 1) }, /up to 10/],
    [{ ...tokens, alert_thresholds: 80 }, /up to 10/],
    [{ ...money, fiscal_year_start: '02-30' }, /MM-DD[\s\S]*fiscal_year_start/],
    [{ ...money, fiscal_year_start: 4 }, /MM-DD/],
    [{ ...money, ...FISCAL, calendar_aligned: false }, /^fiscal_year_start must be null, or calendar_aligned true/],
    [{ ...money, ...FISCAL, duration: '1w' }, /^fiscal_year_start must be null/],
    [{ ...inFlight, ...FISCAL }, /^fiscal_year_start must be null/],
    [{ ...inFlight, on_exceed: 'clamp' }, /^on_exceed must be refuse, warn or downgrade for a limit of in_flight/],
    [{ ...tokens, unit: 'requests', on_exceed: 'clamp' }, /limit of requests: only money and tokens can be clamped/],
  ])('refuse %j, and write nothing', async ([body, detail], { expect }) => {
    const { call, get, pushes } = await openTenant()
    const answer = await call('POST', LIMITS, body)
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'request_invalid', detail: expect.stringMatching(detail) },
    })
    expect(pushes()).toEqual([])
    expect((await call('GET', LIMITS)).body.data).toEqual([])
    expect(await get('/api/governance/budgets')).toMatchObject({ count: 0 })
  })

  it.for<[body: object, detail: RegExp]>([
    [{ duration: '1w' }, /^fiscal_year_start must be null/],
    [{ calendar_aligned: false }, /^fiscal_year_start must be null/],
    [{ on_exceed: 'downgrade', max_usd: 1 }, /^downgrade_to/],
    [{ downgrade_to: 'm' }, /^downgrade_to/],
  ])('refuse to become %j, and stay as they are', async ([body, detail], { expect }) => {
    const { make, call, get } = await openTenant()
    const made = await make(LIMITS, { ...money, ...CLAMP, ...FISCAL })
    const path = `${LIMITS}/${made.id}`
    expect(await call('PUT', path, body)).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(detail) },
    })
    expect(await get(path)).toEqual(made)
  })
})

describe('a snapshot', () => {
  const SAYINGS = [{}, { on_exceed: 'warn' }, CLAMP, DOWNGRADE, { alert_thresholds: [50, 100] }, FISCAL] as const
  const MORE = [{ ...FISCAL, ...CLAMP, alert_thresholds: [1] }, { fiscal_year_start: '01-01' }]

  it('says the same made of rows by SQL and by the control plane, without what is default', async ({ expect }) => {
    const { make, put, latest, latestOf, ports, tenantId } = await openTenant()
    const key = await make(KEYS, { name: 'k' })
    const scopes: string[] = []
    for (const [i, said] of [...SAYINGS, ...MORE].entries()) {
      const rate_limit = { token_max_limit: 9, token_reset_duration: '1M', ...REQUESTS, ...said }
      const body = { name: `t${i}`, calendar_aligned: true, budgets: [{ ...YEARLY, ...said }], rate_limit }
      const team = await make(TEAMS, body)
      scopes.push(`team:${team.id}`)
      await put(`${KEYS}/${key.id}`, { team_id: team.id })
      const rows = limitsOf(await findScope(ports.db, { tenantId, scope: `team:${team.id}` }))
      expect(rows).toHaveLength(3)
      expect(latestOf(`team:${team.id}`)?.limits).toStrictEqual(rows)
      expect(latest(key.id)?.limits).toStrictEqual(rows)
    }
    const windows = { isAligned: true, anchorMs: NOW }
    const plain = [{ duration: '1Y' }, { duration: '1M' }, { duration: '1m' }].map(one => ({ ...one, ...windows }))
    const shapes = scopes.map(scope =>
      latestOf(scope)?.limits.map(({ id: _, scope: __, unit: ___, max: ____, ...rest }) => rest),
    )
    const all = (rest: object) => plain.map(window => ({ window, ...rest }))
    const clamp = { onExceed: { kind: 'clamp', minOutputTokens: 64 } }
    const yearStart = { month: 4, day: 6 }
    const [year, month, minute] = plain.map(window => ({ window: { ...window, yearStart }, thresholds: [1] }))
    expect(shapes).toStrictEqual([
      all({}),
      all({ onExceed: { kind: 'warn' } }),
      [{ window: plain[0], ...clamp }, { window: plain[1], ...clamp }, { window: plain[2] }],
      all({ onExceed: { kind: 'downgrade', model: 'openai/gpt-4o-mini' } }),
      all({ thresholds: [50, 100] }),
      plain.map(window => ({ window: { ...window, yearStart } })),
      [{ ...year, ...clamp }, { ...month, ...clamp }, minute],
      all({}),
    ])
  })

  it('of requests in flight knows no year, and of any scope is what the rows say', async ({ expect }) => {
    const { make, latestOf, ports, tenantId, latest } = await openTenant()
    const { id } = await make(KEYS, { name: 'k' })
    const scope = 'agent:a'
    await make(LIMITS, { scope, unit: 'in_flight', max: 3, on_exceed: 'warn', alert_thresholds: [90] })
    await make(LIMITS, { scope, unit: 'nano_usd', max_usd: 1, duration: '1d', ...CLAMP })
    const rows = limitsOf(await findScope(ports.db, { tenantId, scope }))
    expect(rows.map(({ onExceed, thresholds }) => ({ onExceed, thresholds }))).toEqual([
      { onExceed: { kind: 'clamp', minOutputTokens: 64 } },
      { onExceed: { kind: 'warn' }, thresholds: [90] },
    ])
    expect(latestOf(scope)?.limits).toStrictEqual(rows)
    await make(KEYS, { name: 'l' })
    expect(latest(id)?.limits).toStrictEqual(rows)
  })

  it.for<[change: object, isKeyTold: boolean]>([
    [{ on_exceed: 'warn' }, true],
    [{ clamp_floor: 65 }, true],
    [DOWNGRADE, true],
    [{ fiscal_year_start: '07-01' }, true],
    [{ duration: '1Q' }, true],
    [{ alert_thresholds: [10] }, false],
    [{ max_usd: 6 }, false],
  ])('of a key is told of %j: %s', async ([change, isKeyTold], { expect }) => {
    const { make, put, pushes, latest, latestOf } = await openTenant()
    const { id } = await make(KEYS, { name: 'k' })
    const money = { scope: 'agent:a', unit: 'nano_usd', max_usd: 5, duration: '1Y', calendar_aligned: true }
    const limit = await make(LIMITS, { ...money, ...CLAMP, ...FISCAL })
    pushes()
    await put(`${LIMITS}/${limit.id}`, change)
    expect(pushes()).toEqual(isKeyTold ? ['agent:a v2', `key ${id} v3`] : ['agent:a v2'])
    if (isKeyTold) expect(latest(id)?.limits).toStrictEqual(latestOf('agent:a')?.limits)
  })
})

describe('limits of the governance API', () => {
  const SAID = { ...CLAMP, alert_thresholds: [80], ...FISCAL }
  const QUARTERS = { token_max_limit: 9, token_reset_duration: '1Q', ...SAID }

  it.for<[name: string, path: (id: string) => string, made: string | undefined]>([
    ['virtual key', id => `${KEYS}/${id}`, KEYS],
    ['team', id => `${TEAMS}/${id}`, TEAMS],
    ['customer', id => `${CUSTOMERS}/${id}`, CUSTOMERS],
    ['provider', () => `${PROVIDERS}/openai`, undefined],
  ])(
    'of a %s say what happens when they are reached, and keep what is not named',
    async ([, pathOf, made], { expect }) => {
      const { make, put } = await openTenant()
      const aligned = { calendar_aligned: true }
      const first = { name: 'one', ...aligned, budgets: [{ ...YEARLY, ...SAID }] }
      const owner = made ? await make(made, first) : await put(pathOf(''), first)
      const path = pathOf(owner.id)
      const [{ id }] = owner.budgets
      expect(owner.budget).toMatchObject({ ...SAID, last_reset: '2026-04-06T00:00:00.000Z' })
      const raised = await put(path, { budgets: [{ max_limit: 20, reset_duration: '1Y' }] })
      expect(raised.budgets).toMatchObject([{ id, max_limit: 20, ...SAID }])
      const warned = await put(path, { budget: { on_exceed: 'warn' } })
      expect(warned.budgets).toMatchObject([{ id, max_limit: 20, ...SAID, on_exceed: 'warn', clamp_floor: null }])
      const nothing = Object.fromEntries(Object.keys(PLAIN_LIMIT).map(name => [name, null]))
      expect((await put(path, { budget: nothing })).budgets).toMatchObject([{ id, max_limit: 20, ...PLAIN_LIMIT }])
      const rated = await put(path, { rate_limit: TOKENS })
      const moved = await put(path, { rate_limit: { on_exceed: 'clamp', alert_thresholds: [3, 1] } })
      expect(moved.rate_limit).toMatchObject({
        ...TOKENS,
        id: rated.rate_limit.id,
        clamp_floor: 16,
        alert_thresholds: [1, 3],
      })
      expect((await put(path, { rate_limit: nothing })).rate_limit).toMatchObject({ ...TOKENS, ...PLAIN_LIMIT })
      expect(await put(path, { rate_limit: {} })).not.toHaveProperty('rate_limit')
    },
  )

  it('of a provider config, and a budget of another duration in the older words, do so too', async ({ expect }) => {
    const { make, put } = await openTenant()
    const config = { provider: 'openai', budgets: [{ ...YEARLY, ...SAID }], rate_limit: { ...TOKENS, ...DOWNGRADE } }
    const key = await make(KEYS, { name: 'k', provider_configs: [config], budget: { ...YEARLY, ...SAID } })
    expect(key.provider_configs[0].budget).toMatchObject(SAID)
    expect(key.provider_configs[0].rate_limit).toMatchObject({ ...PLAIN_LIMIT, ...DOWNGRADE })
    const weekly = await put(`${KEYS}/${key.id}`, { budget: { reset_duration: '1w' } })
    expect(weekly.budgets).toMatchObject([{ max_limit: 10, ...SAID, fiscal_year_start: null }])
    const again = await put(`${KEYS}/${key.id}`, { budget: { reset_duration: '1d', on_exceed: 'warn' } })
    expect(again.budgets).toMatchObject([{ ...PLAIN_LIMIT, on_exceed: 'warn', alert_thresholds: [80] }])
  })

  it('come back the same when what was shown is put back', async ({ expect }) => {
    const { make, put, get } = await openTenant()
    const limits = { budgets: [{ ...YEARLY, ...SAID }], rate_limit: { ...TOKENS, ...CLAMP } }
    const configs = [{ provider: 'openai', allowed_models: ['*'], key_ids: ['*'], ...limits }]
    const key = await make(KEYS, {
      name: 'k',
      provider_configs: configs,
      ...limits,
      meter: { regions: 'one', shards: 2 },
    })
    const { budget: _, ...shown } = await get(`${KEYS}/${key.id}`)
    const [{ budget: __, keys: ___, ...config }] = shown.provider_configs
    await put(`${KEYS}/${key.id}`, { ...shown, provider_configs: [config] })
    expect(await get(`${KEYS}/${key.id}`)).toEqual({ budget: _, ...shown })
  })

  it('of tokens and requests clamp the tokens, and requests shown as refused may be put back', async ({ expect }) => {
    const { put, get, call, latestOf } = await openTenant()
    const { rate_limit } = await put(`${PROVIDERS}/openai`, { rate_limit: { ...TOKENS, ...REQUESTS, ...CLAMP } })
    const path = `${LIMITS}/${rate_limit.id}:requests`
    const { on_exceed, clamp_floor } = await get(path)
    expect({ on_exceed, clamp_floor }).toEqual({ on_exceed: 'refuse', clamp_floor: null })
    await put(path, { max: 6, on_exceed, clamp_floor })
    expect(await get(`${LIMITS}/${rate_limit.id}:tokens`)).toMatchObject(CLAMP)
    expect(latestOf('provider:openai')?.limits.map(limit => limit.onExceed?.kind)).toEqual(['clamp', undefined])
    await call('DELETE', `${LIMITS}/${rate_limit.id}:tokens`)
    expect(await put(path, { max: 7 })).toMatchObject({ max: 7, ...PLAIN_LIMIT })
    expect((await put(`${PROVIDERS}/openai`, { rate_limit: TOKENS })).rate_limit).toMatchObject(PLAIN_LIMIT)
  })

  const budget = (said: object) => ({ name: 'k', budgets: [{ ...YEARLY, ...said }] })
  const rate = (said: object) => ({ name: 'k', rate_limit: said })

  it.for<[body: object, message: RegExp]>([
    [budget({ on_exceed: 'explode' }), /^budgets.0.on_exceed must be one of refuse, warn, clamp, downgrade$/],
    [budget({ on_exceed: 1 }), /^budgets.0.on_exceed must be/],
    [budget({ ...CLAMP, clamp_floor: '5' }), /^budgets.0.clamp_floor must be a whole number/],
    [budget({ alert_thresholds: [80, 0] }), /^budgets.0.alert_thresholds must be up to 10 different/],
    [budget({ fiscal_year_start: '4/6' }), /^budgets.0.fiscal_year_start must be a day/],
    [budget({ clamp_floor: 5 }), /^clamp_floor must be left out/],
    [budget({ on_exceed: 'downgrade' }), /^downgrade_to must be the model/],
    [budget({ ...FISCAL, reset_duration: '1d' }), /^fiscal_year_start must be null/],
    [budget({ ...FISCAL, calendar_aligned: false }), /^fiscal_year_start must be null/],
    [rate({ ...REQUESTS, ...CLAMP }), /on_exceed must be refuse, warn or downgrade for a limit of requests/],
    [rate({ ...TOKENS, ...FISCAL }), /fiscal_year_start must be null/],
    [rate({ on_exceed: 'warn' }), /rate_limit needs a token_max_limit or a request_max_limit/],
    [rate({ ...TOKENS, on_exceed: [] }), /^rate_limit.on_exceed must be/],
    [{ ...budget({ max_limit: '5', on_exceed: 'x' }) }, /^Invalid JSON$/],
  ])('refuse %j, and write nothing', async ([body, message], { expect }) => {
    const { call, pushes } = await openTenant()
    for (const path of [KEYS, TEAMS, CUSTOMERS]) {
      const { status, body: answer } = await call('POST', path, body)
      expect({ path, status, message: answer.error.message }).toEqual({
        path,
        status: 400,
        message: expect.stringMatching(path === KEYS ? message : new RegExp(message.source.replace('^', ''))),
      })
      expect((await call('GET', path)).body.total_count).toBe(0)
    }
    expect(pushes()).toEqual([])
    const { provider_configs: _, ...rest } = { provider_configs: [], ...body }
    const config = { name: 'k', provider_configs: [{ provider: 'openai', ...rest }] }
    expect((await call('POST', KEYS, config)).status).toBe(400)
    expect((await call('GET', KEYS)).body.total_count).toBe(0)
  })

  it('with fiscal years are not unaligned by their owner', async ({ expect }) => {
    const { make, call, get } = await openTenant()
    const key = await make(KEYS, { name: 'k', budgets: [{ ...YEARLY, ...SAID }], rate_limit: TOKENS })
    const before = await get(`${KEYS}/${key.id}`)
    const refused = await call('PUT', `${KEYS}/${key.id}`, { calendar_aligned: false })
    expect(refused.body.error.message).toMatch(/update virtual key: fiscal_year_start must be null/)
    expect(await get(`${KEYS}/${key.id}`)).toEqual(before)
    const quarters = await make(KEYS, { name: 'l', calendar_aligned: true, rate_limit: QUARTERS })
    expect(quarters.rate_limit).toMatchObject({ ...FISCAL, token_last_reset: '2026-10-06T00:00:00.000Z' })
  })
})

import { describe, it } from 'vitest'
import {
  type Answer,
  ask,
  call,
  DAILY,
  grants,
  make,
  name,
  newKey,
  PRICES,
  refused,
  UUID,
  VKS,
  WEEKLY,
} from './server.ts'

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

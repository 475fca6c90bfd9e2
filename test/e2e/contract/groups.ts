import { describe, it } from 'vitest'
import {
  ask,
  CUSTOMERS,
  call,
  DAILY,
  GOVERNANCE,
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
const LIMITED = { rate_limit: { token_max_limit: 500, token_reset_duration: '1h' } }

const KINDS = [
  { kind: 'team', title: 'Team', path: TEAMS },
  { kind: 'customer', title: 'Customer', path: CUSTOMERS },
] as const

describe.each(KINDS)('the body of a $kind (1.2, 1.3)', ({ kind, title, path }) => {
  const OWN: [body: object, message: string][] = [
    [{ name: '' }, `${title} name is required`],
    [{ name: ' ' }, `${title} name is required`],
    [{ name: 'x'.repeat(256) }, `${title} name cannot have more than 255 characters`],
    [
      { rate_limit: { token_max_limit: -1, token_reset_duration: '1h' } },
      'Invalid rate limit: rate limit token max limit cannot be negative or zero: -1',
    ],
    [{ rate_limit: { token_max_limit: 1 } }, 'Invalid rate limit: rate limit token reset duration is required'],
    [{ rate_limit: { request_max_limit: 1 } }, 'Invalid rate limit: rate limit request reset duration is required'],
    [
      { rate_limit: { request_max_limit: 0, request_reset_duration: '1h' } },
      'Invalid rate limit: rate limit request max limit cannot be negative or zero: 0',
    ],
    [
      { rate_limit: { request_max_limit: 1, request_reset_duration: 'x' } },
      'Invalid rate limit: invalid rate limit request reset duration format: x',
    ],
    [{ budgets: [{ ...DAILY, max_limit: -2 }] }, 'budget max_limit cannot be negative: -2.00'],
    [{ budgets: [{ ...DAILY, reset_duration: 'x' }] }, 'invalid reset duration format: x'],
    [{ budgets: [DAILY, DAILY] }, 'duplicate reset_duration in budgets: 1d'],
    [{ budget: DAILY, budgets: [DAILY] }, 'budget and budgets cannot both be given: use budgets'],
  ]
  /** What the contract has no words for but that it failed. */
  const FAILURES: [body: object, message: string][] = [
    [{ budgets: [{ ...DAILY, max_limit: 0 }] }, 'budget max limit cannot be negative or zero: 0.00'],
    [{ budget: { max_limit: 5 } }, 'both max_limit and reset_duration are required when creating a new budget'],
    [{ budget: { reset_duration: '1d' } }, 'both max_limit and reset_duration are required when creating a new budget'],
    ...(kind === 'team' ? [[{ customer_id: NOBODY }, `customer not found: ${NOBODY}`] as [object, string]] : []),
  ]

  it('is refused in the contract’s words, by POST and by PUT', async ({ expect }) => {
    const { id } = await make(path, kind)
    for (const [body, message] of OWN) {
      expect([body, await call('POST', path, { name: name(), ...body })]).toMatchObject([body, refused(400, message)])
      expect([body, await call('PUT', `${path}/${id}`, body)]).toMatchObject([body, refused(400, message)])
    }
    for (const [body, message] of FAILURES) {
      const created = refused(400, `failed to create ${kind}: ${message}`)
      expect([body, await call('POST', path, { name: name(), ...body })]).toMatchObject([body, created])
      const updated = refused(400, `Failed to update ${kind}: ${message}`)
      expect([body, await call('PUT', `${path}/${id}`, body)]).toMatchObject([body, updated])
    }
    const taken = (await make(path, kind)).name
    const text = 'a record with this name already exists. Please use a different value'
    expect(await call('POST', path, { name: taken })).toMatchObject(refused(400, text))
    expect(await call('PUT', `${path}/${id}`, { name: taken })).toMatchObject(refused(400, text))
  })

  it('is passed over where it has what nobody knows, and merges the older budget', async ({ expect }) => {
    const made = await call('POST', path, { name: name(), email: 'a@b.c', budget: DAILY, ...LIMITED })
    const group = made.body[kind]
    expect(made).toMatchObject({ status: 200, body: { message: `${title} created successfully` } })
    expect(group).toMatchObject({ id: expect.stringMatching(UUID), budget: DAILY, budgets: [DAILY], ...LIMITED })
    expect(group).toMatchObject({ budget_id: group.budget.id, rate_limit_id: group.rate_limit.id })
    const put = async (body: object) => (await call('PUT', `${path}/${group.id}`, body)).body[kind]
    expect((await put({ budget: { max_limit: 11 } })).budget).toMatchObject({
      id: group.budget.id,
      max_limit: 11,
      reset_duration: '1d',
    })
    expect((await put({ budgets: null })).budget.max_limit).toBe(11)
    expect((await put({ budgets: [{ ...DAILY, max_limit: 12 }, WEEKLY] })).budgets).toMatchObject([
      { id: group.budget.id, max_limit: 12 },
      WEEKLY,
    ])
    for (const member of ['budget', 'budgets', 'budget_id'])
      expect(await put({ budget: {} })).not.toHaveProperty(member)
    // A team's rate limit is replaced whole, a customer's is merged.
    const requests = await put({ rate_limit: { request_max_limit: 5, request_reset_duration: '1m' } })
    expect(requests.rate_limit).toMatchObject({ id: group.rate_limit.id, request_max_limit: 5 })
    expect(requests.rate_limit.token_max_limit).toBe(kind === 'team' ? undefined : 500)
    for (const member of ['rate_limit', 'rate_limit_id'])
      expect(await put({ rate_limit: {} })).not.toHaveProperty(member)
  })

  it('changes what is answered under its id, until it is deleted, once', async ({ expect }) => {
    const { id } = await make(path, kind)
    const renamed = name()
    expect(await call('PUT', `${path}/${id}`, { name: renamed })).toMatchObject({
      status: 200,
      body: { message: `${title} updated successfully`, [kind]: { id, name: renamed } },
    })
    const shown = await call('GET', `${path}/${id}`)
    expect([shown.status, Object.keys(shown.body), shown.body[kind].name]).toEqual([200, [kind], renamed])
    expect((await call('DELETE', `${path}/${id}`)).body).toEqual({ message: `${title} deleted successfully` })
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await call(method, `${path}/${id}`, body)).toMatchObject(refused(404, `${title} not found`))
      expect(await call(method, `${path}/${NOBODY}`, body)).toMatchObject(refused(404, `${title} not found`))
    }
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await call(method, `${path}/%zz`, body)).toMatchObject(
        refused(400, 'The path is not percent-encoded as it has to be.'),
      )
    }
  })
})

describe('teams and customers together (1.2, 1.3)', () => {
  it('have the members of the contract, and show whom they have', async ({ expect }) => {
    const customer = await make(CUSTOMERS, 'customer', { budget: DAILY, ...LIMITED })
    const team = await make(TEAMS, 'team', { customer_id: customer.id, budgets: [DAILY], ...LIMITED })
    const [inTeam, direct] = [await newKey({ team_id: team.id }), await newKey({ customer_id: customer.id })]
    const shownTeam = (await call('GET', `${TEAMS}/${team.id}`)).body.team
    const limits = ['budget_id', 'budget', 'budgets', 'rate_limit_id', 'rate_limit']
    const times = ['config_hash', 'created_at', 'updated_at']
    expect(Object.keys(shownTeam).sort()).toEqual(
      [
        ...[
          'id',
          'name',
          'customer_id',
          'customer',
          'virtual_keys',
          'virtual_key_count',
          'profile',
          'config',
          'claims',
        ],
        ...[...limits, ...times],
      ].sort(),
    )
    expect(shownTeam).toMatchObject({
      ...{ customer_id: customer.id, customer: { id: customer.id, name: customer.name } },
      ...{ virtual_keys: [{ id: inTeam.id }], virtual_key_count: 1, profile: null, config: null, claims: null },
      budgets: [{ team_id: team.id }],
    })
    const shown = (await call('GET', `${CUSTOMERS}/${customer.id}`)).body.customer
    expect(Object.keys(shown).sort()).toEqual(['id', 'name', 'teams', 'virtual_keys', ...limits, ...times].sort())
    // Keys that are the customer's through a team are the team's.
    expect(shown).toMatchObject({
      teams: [{ id: team.id }],
      virtual_keys: [{ id: direct.id }],
      budget: { customer_id: customer.id },
    })
    const listed = (await call('GET', `${CUSTOMERS}?search=${customer.name}`)).body.customers
    expect(listed).toEqual([shown])
    const ofKey = (await call('GET', `${VKS}/${direct.id}`)).body.virtual_key.customer
    expect(ofKey).toMatchObject({ id: customer.id, name: customer.name })
  })

  it('leave what they had behind when they go, without them, and go on working', async ({ expect }) => {
    const customer = await make(CUSTOMERS, 'customer', { budget: DAILY })
    const team = await make(TEAMS, 'team', { customer_id: customer.id })
    const [inTeam, direct] = [await newKey({ team_id: team.id }), await newKey({ customer_id: customer.id })]
    await call('DELETE', `${CUSTOMERS}/${customer.id}`)
    const left = (await call('GET', `${TEAMS}/${team.id}`)).body.team
    for (const member of ['customer_id', 'customer']) expect(left).not.toHaveProperty(member)
    expect((await call('GET', `${GOVERNANCE}/budgets`)).text).not.toContain(customer.budget.id)
    expect((await call('GET', `${VKS}/${direct.id}`)).body.virtual_key).not.toHaveProperty('customer_id')
    await call('DELETE', `${TEAMS}/${team.id}`)
    expect((await call('GET', `${VKS}/${inTeam.id}`)).body.virtual_key).not.toHaveProperty('team_id')
    for (const key of [inTeam, direct]) expect((await ask(key.value)).status).toBe(200)
  })

  it('give a team’s customer back for ""', async ({ expect }) => {
    const customer = await make(CUSTOMERS, 'customer')
    const team = await make(TEAMS, 'team', { customer_id: customer.id })
    const put = async (body: object) => (await call('PUT', `${TEAMS}/${team.id}`, body)).body.team
    expect(await put({ name: team.name })).toMatchObject({ customer_id: customer.id })
    expect(await put({ customer_id: '' })).not.toHaveProperty('customer_id')
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

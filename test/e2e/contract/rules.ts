import { describe, it } from 'vitest'
import { CUSTOMERS, call, make, name, newKey, RULES, refused, TEAMS, UUID } from './server.ts'

const NOBODY = crypto.randomUUID()
const TARGET = { provider: 'openai', model: 'gpt-4o-mini', weight: 1 }
let priority = 5000

const post = (body: object = {}) =>
  call('POST', RULES, { name: name(), targets: [TARGET], enabled: false, priority: ++priority, ...body })
const targets = (...all: object[]) => ({ targets: all })

/** What a rule is refused for (1.7), by POST and, but for those of what is not named, by PUT. */
const FLAWS: [body: object, message: string][] = [
  [targets(), 'at least one target is required'],
  [targets({ ...TARGET, weight: -1 }), 'each target weight must be positive'],
  [targets({ model: 'm', key_id: 'k', weight: 1 }), 'key_id requires provider to be set'],
  [
    targets({ ...TARGET, weight: 0.5 }, { ...TARGET, weight: 0.5 }),
    'duplicate target entry: provider="openai" model="gpt-4o-mini" key_id=""',
  ],
  [targets({ weight: 0.5 }, { weight: 0.5 }), 'duplicate target entry: provider="" model="" key_id=""'],
  [targets({ ...TARGET, weight: 0.9 }), 'target weights must sum to 1, got 0.9000'],
  [targets(TARGET, { model: 'm', weight: 0.01 }), 'target weights must sum to 1, got 1.0100'],
  [{ scope: 'user' }, 'invalid scope "user": must be one of: global, team, customer, virtual_key'],
  [{ scope: 'team' }, 'scope_id field is required when scope is not global'],
  [{ scope: 'virtual_key', scope_id: '' }, 'scope_id field is required when scope is not global'],
  [{ scope: 'team', scope_id: NOBODY }, `team not found: ${NOBODY}`],
  [{ scope: 'customer', scope_id: NOBODY }, `customer not found: ${NOBODY}`],
  [{ scope: 'virtual_key', scope_id: NOBODY }, `virtual_key not found: ${NOBODY}`],
  [{ fallbacks: ['openai/', ' '] }, 'fallbacks[1] must not be empty'],
  [
    { fallbacks: ['gpt-4o'] },
    'fallbacks[0] "gpt-4o" is invalid: must use a known provider prefix (e.g. "openai/gpt-4o" or "azure/" for the incoming model)',
  ],
  [
    { fallbacks: ['nope/gpt-4o'] },
    'fallbacks[0] "nope/gpt-4o" is invalid: must use a known provider prefix (e.g. "openai/gpt-4o" or "azure/" for the incoming model)',
  ],
]

describe('routing rules (1.7)', () => {
  it('are refused in the contract’s words, by POST and by PUT', async ({ expect }) => {
    for (const body of [{ name: '' }, { name: null }])
      expect(await post(body)).toMatchObject(refused(400, 'name field is required'))
    expect(await post({ targets: null })).toMatchObject(refused(400, 'at least one target is required'))
    const { rule } = (await post()).body
    for (const [body, message] of FLAWS) {
      expect([body, await post(body)]).toMatchObject([body, refused(400, message)])
      expect([body, await call('PUT', `${RULES}/${rule.id}`, body)]).toMatchObject([body, refused(400, message)])
    }
    expect((await post({ cel_expression: 'model ==' })).body.error.message).toMatch(/^invalid CEL expression: /)
    expect((await call('PUT', `${RULES}/${rule.id}`, { cel_expression: '(' })).body.error.message).toMatch(
      /^invalid CEL expression: /,
    )
    expect((await call('GET', `${RULES}/${rule.id}`)).body.rule).toMatchObject(rule)
  })

  it('have one priority each in a scope, and names of their own there', async ({ expect }) => {
    const { rule } = (await post()).body
    const taken = `routing rule with priority ${rule.priority} already exists for scope 'global'`
    expect(await post({ priority: rule.priority })).toMatchObject(
      refused(400, `Failed to create routing rule: ${taken}`),
    )
    const named = refused(400, 'a record with this name already exists. Please use a different value')
    expect(await post({ name: rule.name })).toMatchObject(named)
    const other = (await post()).body.rule
    const update = await call('PUT', `${RULES}/${other.id}`, { priority: rule.priority })
    expect(update).toMatchObject(refused(400, `Failed to update routing rule: ${taken}`))
    expect(await call('PUT', `${RULES}/${other.id}`, { name: rule.name })).toMatchObject(named)
    const team = await make(TEAMS, 'team')
    expect((await post({ name: rule.name, priority: rule.priority, scope: 'team', scope_id: team.id })).status).toBe(
      200,
    )
  })

  it('need a name and targets alone, and have the contract’s members and defaults', async ({ expect }) => {
    const made = await call('POST', RULES, { name: name(), targets: [{ weight: 1 }], priority: -7 })
    const { rule } = made.body
    expect(made).toMatchObject({ status: 200, body: { message: 'Routing rule created successfully' } })
    expect(rule).toEqual({
      ...{ id: expect.stringMatching(UUID), config_hash: '', name: rule.name, description: '', enabled: true },
      ...{
        cel_expression: '',
        targets: [{ weight: 1 }],
        scope: 'global',
        scope_id: null,
        chain_rule: false,
        priority: -7,
      },
      ...{ created_at: rule.created_at, updated_at: rule.created_at },
    })
    await call('DELETE', `${RULES}/${rule.id}`)
    const query = { Rules: [{ Field: 'model' }] }
    const all = { description: 'd', cel_expression: 'model == "x"', fallbacks: ['openai/'], chain_rule: true, query }
    const full = (
      await post({
        ...all,
        targets: [
          { model: 'b', weight: 0 },
          { ...TARGET, weight: 0.4 },
          { ...TARGET, model: 'a', weight: 0.6 },
        ],
      })
    ).body.rule
    expect(full).toMatchObject({
      ...all,
      targets: [{ model: 'a', weight: 0.6 }, { model: 'gpt-4o-mini' }, { model: 'b', weight: 0 }],
    })
  })

  it('take the older body, whose one target is beside the name, and are changed in part', async ({ expect }) => {
    const old = { name: name(), provider: 'OpenAI', model: 'gpt-4o', priority: ++priority, enabled: false }
    const { rule } = (await call('POST', RULES, old)).body
    expect(rule.targets).toEqual([{ provider: 'openai', model: 'gpt-4o', weight: 1 }])
    const put = await call('PUT', `${RULES}/${rule.id}`, { description: 'd' })
    expect(put).toMatchObject({
      status: 200,
      body: {
        message: 'Routing rule updated successfully',
        rule: { ...rule, description: 'd', updated_at: expect.any(String) },
      },
    })
    const moved = (await call('PUT', `${RULES}/${rule.id}`, { model: 'gpt-4.1' })).body.rule
    expect(moved.targets).toEqual([{ model: 'gpt-4.1', weight: 1 }])
    const customer = await make(CUSTOMERS, 'customer')
    const scoped = (await call('PUT', `${RULES}/${rule.id}`, { scope: 'customer', scope_id: customer.id })).body.rule
    expect(scoped).toMatchObject({ scope: 'customer', scope_id: customer.id })
    expect((await call('PUT', `${RULES}/${rule.id}`, { scope: 'global' })).body.rule).toMatchObject({
      scope: 'global',
      scope_id: null,
    })
    expect((await call('DELETE', `${RULES}/${rule.id}`)).body).toEqual({ message: 'Routing rule deleted successfully' })
    for (const [method, body] of [['GET'], ['PUT', {}], ['DELETE']] as const) {
      expect(await call(method, `${RULES}/${rule.id}`, body)).toMatchObject(refused(404, 'Routing rule not found'))
    }
  })

  it('are listed by scope, where only the enabled are, and found by name or expression', async ({ expect }) => {
    const key = await newKey()
    const of = { scope: 'virtual_key', scope_id: key.id }
    const word = name()
    await post({ ...of, cel_expression: `model == "${word}"`, enabled: true })
    await post(of)
    const listed = async (query: string) => (await call('GET', `${RULES}?${query}`)).body
    expect(await listed(`scope=virtual_key&scope_id=${key.id}`)).toMatchObject({
      count: 1,
      total_count: 1,
      rules: [{ enabled: true }],
    })
    expect(await listed(`search=${word.toUpperCase()}`)).toMatchObject({
      total_count: 1,
      rules: [{ scope_id: key.id }],
    })
    const text = 'Failed to get routing rules: scope_id is required when scope is not global'
    expect(await call('GET', `${RULES}?scope=team`)).toMatchObject(refused(400, text))
    expect(await call('GET', `${RULES}?scope=user`)).toMatchObject(
      refused(400, 'invalid scope "user": must be one of: global, team, customer, virtual_key'),
    )
    expect(
      (await call('GET', `${RULES}?scope=global`)).body.rules.every((rule: { enabled: boolean }) => rule.enabled),
    ).toBe(true)
  })
})

import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import type { RoutingRule } from '../../workers/core/rules/routing-rule.ts'
import { KEYS, NOW, openTenant } from './fake-ports.ts'

const RULES = '/api/governance/routing-rules'
const TEAMS = '/api/governance/teams'
const CUSTOMERS = '/api/governance/customers'
const ISO_NOW = new Date(NOW).toISOString()
const TARGETS = [{ provider: 'openai', model: 'gpt-4o-mini', weight: 1 }]
const UUID = /^[0-9a-f-]{36}$/

type Tenant = Awaited<ReturnType<typeof openTenant>>

async function makeRule({ call }: Tenant, over: Record<string, unknown> = {}) {
  const { status, body } = await call('POST', RULES, { name: crypto.randomUUID(), targets: TARGETS, ...over })
  if (status !== 200) throw new Error(JSON.stringify(body))
  return body.rule
}

function refusal(status: number, message: string) {
  return { status, body: { is_bifrost_error: false, status_code: status, error: { message }, extra_fields: {} } }
}

/** A customer with a team with a key, a key directly in the customer, and one alone. */
async function family() {
  const tenant = await openTenant()
  const customer = await tenant.make(CUSTOMERS, { name: 'acme' })
  const team = await tenant.make(TEAMS, { name: 'research', customer_id: customer.id })
  const inTeam = await tenant.make(KEYS, { name: 'in team', team_id: team.id })
  const inCustomer = await tenant.make(KEYS, { name: 'in customer', customer_id: customer.id })
  const alone = await tenant.make(KEYS, { name: 'alone' })
  const namesOf = (key: { id: string }) => tenant.latest(key.id)?.routing?.rules.map(rule => rule.name)
  return { ...tenant, customer, team, inTeam, inCustomer, alone, namesOf }
}

describe('routing rules', () => {
  it('are made, shown, changed and deleted in the shapes of the contract', async ({ expect }) => {
    const tenant = await openTenant()
    const { call } = tenant
    const query = { combinator: 'and', rules: [{ field: 'model', valueSource: 'value', isNot: true }] }
    const body = {
      ...{ name: 'cheap', description: 'd', cel_expression: 'model == "gpt-4o"', priority: 3, chain_rule: true, query },
      targets: [
        { model: 'b', weight: 0.3 },
        { provider: 'OpenAI', model: 'a', key_id: 'k', weight: 0.7 },
      ],
      fallbacks: ['anthropic/claude', 'mock/'],
    }
    const shown = {
      ...body,
      ...{ id: expect.stringMatching(UUID), config_hash: '', enabled: true, scope: 'global', scope_id: null },
      targets: [
        { provider: 'openai', model: 'a', key_id: 'k', weight: 0.7 },
        { model: 'b', weight: 0.3 },
      ],
      ...{ created_at: ISO_NOW, updated_at: ISO_NOW },
    }
    const created = await call('POST', RULES, body)
    expect(created).toMatchObject({ status: 200, body: { message: 'Routing rule created successfully', rule: shown } })
    const path = `${RULES}/${created.body.rule.id}`
    const skipped = { attempts: 0, hours: [] }
    expect((await call('GET', path)).body).toEqual({ rule: { ...shown, skipped } })
    const put = await call('PUT', path, { enabled: false, targets: TARGETS, fallbacks: [] })
    const { fallbacks: _, ...rest } = shown
    const changed = { ...rest, enabled: false, targets: TARGETS }
    expect(put.body).toEqual({ message: 'Routing rule updated successfully', rule: changed })
    expect((await call('GET', path)).body).toEqual({ rule: { ...changed, skipped } })
    const deleted = await call('DELETE', path)
    expect([deleted.status, deleted.body]).toEqual([200, { message: 'Routing rule deleted successfully' }])
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect(await call(method, path, method === 'PUT' ? {} : undefined)).toMatchObject(
        refusal(404, 'Routing rule not found'),
      )
    }
    // What a deleted rule had is free again.
    expect((await call('POST', RULES, body)).status).toBe(200)
  })

  it('take the one target that older clients name beside the name', async ({ expect }) => {
    const rule = await makeRule(await openTenant(), { targets: undefined, provider: 'openai', model: 'm' })
    expect(rule.targets).toEqual([{ provider: 'openai', model: 'm', weight: 1 }])
  })

  it.for([
    ['{', 'Invalid JSON'],
    [{ priority: 'high' }, 'Invalid JSON'],
    [{ name: '' }, 'name field is required'],
    [{ targets: [] }, 'at least one target is required'],
    [{ targets: undefined }, 'at least one target is required'],
    [{ targets: [{ model: 'm', weight: -1 }] }, 'each target weight must be positive'],
    [{ targets: [{ key_id: 'k', weight: 1 }] }, 'key_id requires provider to be set'],
    [{ targets: [{ weight: 0.5 }, { weight: 0.5 }] }, 'duplicate target entry: provider="" model="" key_id=""'],
    [{ targets: [{ weight: 0.5 }] }, 'target weights must sum to 1, got 0.5000'],
    [{ scope: 'x' }, 'invalid scope "x": must be one of: global, team, customer, virtual_key'],
    [{ scope: 'team' }, 'scope_id field is required when scope is not global'],
    [{ scope: 'team', scope_id: 'none' }, 'team not found: none'],
    [{ scope: 'customer', scope_id: 'none' }, 'customer not found: none'],
    [{ scope: 'virtual_key', scope_id: 'none' }, 'virtual_key not found: none'],
    [{ fallbacks: ['openai/a', ' '] }, 'fallbacks[1] must not be empty'],
    [
      { fallbacks: ['gpt-4o'] },
      'fallbacks[0] "gpt-4o" is invalid: must use a known provider prefix (e.g. "openai/gpt-4o" or "azure/" for the incoming model)',
    ],
    [{ cel_expression: 'model ==' }, /^invalid CEL expression: .+/],
    [{ cel_expression: 'a'.repeat(1025) }, 'invalid CEL expression: it is longer than 1024 bytes'],
    [
      { cel_expression: 'headers.all(a, headers.all(b, headers.all(c, a + b != c)))' },
      'invalid CEL expression: it could take too long to evaluate',
    ],
  ] as const)('are refused in the words of the contract: %j', async ([flaw, message], { expect }) => {
    const tenant = await openTenant()
    const body = typeof flaw === 'string' ? flaw : { name: 'r', targets: TARGETS, ...flaw }
    const { status, body: answer } = await tenant.call('POST', RULES, body)
    const words = typeof message === 'string' ? message : expect.stringMatching(message)
    expect([status, answer.error.message]).toEqual([400, words])
    const rule = await makeRule(tenant)
    const put = await tenant.call('PUT', `${RULES}/${rule.id}`, typeof flaw === 'string' ? flaw : { ...flaw })
    // What is absent stays, so that only what is said wrongly is refused.
    const isSaid = typeof flaw === 'string' || Object.values(flaw).some(value => value !== undefined)
    expect(put.status).toBe(isSaid ? 400 : 200)
    expect(tenant.pushed.filter(({ routing }) => routing)).toEqual([])
  })

  it('have a priority and a name that no other of their scope has', async ({ expect }) => {
    const tenant = await openTenant()
    const key = await tenant.make(KEYS, { name: 'k' })
    const rule = await makeRule(tenant, { name: 'a', priority: 1 })
    const other = await makeRule(tenant, { name: 'b', priority: 2 })
    const taken = "routing rule with priority 1 already exists for scope 'global'"
    const again = await tenant.call('POST', RULES, { name: 'c', priority: 1, targets: TARGETS })
    expect(again).toMatchObject(refusal(400, `Failed to create routing rule: ${taken}`))
    const moved = await tenant.call('PUT', `${RULES}/${other.id}`, { priority: 1 })
    expect(moved).toMatchObject(refusal(400, `Failed to update routing rule: ${taken}`))
    const renamed = await tenant.call('PUT', `${RULES}/${other.id}`, { name: 'a' })
    expect(renamed).toMatchObject(refusal(400, 'a record with this name already exists. Please use a different value'))
    await makeRule(tenant, { name: 'a', priority: 1, scope: 'virtual_key', scope_id: key.id })
    expect((await tenant.call('PUT', `${RULES}/${rule.id}`, { name: 'a', priority: 1 })).status).toBe(200)
  })

  it('are listed in pages, searched and filtered as the contract has it', async ({ expect }) => {
    const tenant = await openTenant()
    const key = await tenant.make(KEYS, { name: 'k' })
    await makeRule(tenant, { name: 'later', priority: 9, cel_expression: 'model == "Needle"' })
    await makeRule(tenant, { name: 'first', priority: 1 })
    await makeRule(tenant, { name: 'needles', priority: 5, enabled: false })
    await makeRule(tenant, { name: 'own', priority: 7, scope: 'virtual_key', scope_id: key.id })
    const list = async (query: string) => {
      const { body } = await tenant.call('GET', `${RULES}${query}`)
      return { ...body, rules: body.rules.map((rule: { name: string }) => rule.name) }
    }
    const all = { rules: ['first', 'needles', 'own', 'later'], count: 4, total_count: 4, limit: 4, offset: 0 }
    expect(await list('')).toEqual(all)
    expect(await list('?limit=2&offset=1')).toEqual({
      ...all,
      rules: ['needles', 'own'],
      count: 2,
      limit: 2,
      offset: 1,
    })
    expect(await list('?limit=1000')).toEqual({ ...all, limit: 100 })
    expect(await list('?search=NEEDLE')).toMatchObject({ rules: ['needles', 'later'], total_count: 2, limit: 25 })
    expect((await list('?scope=global')).rules).toEqual(['first', 'later'])
    expect((await list(`?scope=virtual_key&scope_id=${key.id}`)).rules).toEqual(['own'])
    const refused = async (query: string) => (await tenant.call('GET', `${RULES}${query}`)).body.error.message
    expect(await refused('?limit=x')).toBe('Invalid limit parameter: must be a number')
    expect(await refused('?offset=-1')).toBe('Invalid offset parameter: must be non-negative')
    expect(await refused('?scope=team')).toMatch(/^Failed to get routing rules/)
  })

  it('are bounded in number, and freed by what is deleted', async ({ expect }) => {
    const tenant = await openTenant()
    for (let priority = 0; priority < 50; priority++) await makeRule(tenant, { priority })
    const more = await tenant.call('POST', RULES, { name: 'more', priority: 99, targets: TARGETS })
    expect(more).toMatchObject(refusal(400, 'a scope cannot have more than 50 routing rules'))
  })

  it('are nobody else’s to see or to change', async ({ expect }) => {
    const [tenant, other] = [await openTenant(), await openTenant()]
    const rule = await makeRule(tenant)
    expect((await other.call('GET', RULES)).body.rules).toEqual([])
    for (const method of ['GET', 'PUT', 'DELETE']) {
      expect((await other.call(method, `${RULES}/${rule.id}`, method === 'PUT' ? {} : undefined)).status).toBe(404)
    }
    const foreign = await other.call('POST', RULES, { name: 'x', targets: TARGETS, scope: 'team', scope_id: 'x' })
    expect(foreign.status).toBe(400)
  })

  it('leave a row in the audit trail with each change, and none where they are refused', async ({ expect }) => {
    const tenant = await openTenant()
    const rule = await makeRule(tenant, { name: 'a' })
    await tenant.call('PUT', `${RULES}/${rule.id}`, { name: 'b' })
    await tenant.call('PUT', `${RULES}/${rule.id}`, { targets: [] })
    await tenant.call('DELETE', `${RULES}/${rule.id}`)
    const { body } = await tenant.call('GET', '/v1/identity/audit')
    const rows = body.data.filter((row: { action: string }) => row.action.startsWith('routing_rule.'))
    const told = rows.map((row: { action: string; before: { name: string }; after: { name: string } }) => {
      return [row.action, row.before?.name, row.after?.name]
    })
    expect(told).toEqual([
      ['routing_rule.delete', 'b', undefined],
      ['routing_rule.update', 'a', 'b'],
      ['routing_rule.create', undefined, 'a'],
    ])
  })
})

describe('the rules in a key’s snapshot', () => {
  it('are those that can apply to it, the narrowest scope first, then by priority', async ({ expect }) => {
    const all = await family()
    const { customer, team, inTeam, inCustomer, alone, namesOf } = all
    await makeRule(all, { name: 'g2', priority: 2 })
    await makeRule(all, { name: 'g1', priority: 1, cel_expression: 'true', fallbacks: ['mock/'], chain_rule: true })
    await makeRule(all, { name: 'off', priority: 0, enabled: false })
    await makeRule(all, { name: 'c', scope: 'customer', scope_id: customer.id, priority: 9 })
    await makeRule(all, { name: 't', scope: 'team', scope_id: team.id, priority: 9 })
    await makeRule(all, { name: 'k', scope: 'virtual_key', scope_id: inTeam.id, priority: 9 })
    expect(namesOf(inTeam)).toEqual(['k', 't', 'c', 'g1', 'g2'])
    expect(namesOf(inCustomer)).toEqual(['c', 'g1', 'g2'])
    expect(namesOf(alone)).toEqual(['g1', 'g2'])
    expect(all.latest(inTeam.id)?.routing).toMatchObject({ teamName: 'research', customerName: 'acme' })
    const g1: Omit<RoutingRule, 'id'> = {
      ...{ name: 'g1', expression: 'true', fallbacks: ['mock/'], isChained: true },
      targets: [{ provider: 'openai', model: 'gpt-4o-mini', keyId: null, weight: 1 }],
    }
    const routing = all.latest(alone.id)?.routing
    expect(routing).toEqual({
      teamName: '',
      customerName: '',
      rules: [{ ...g1, id: expect.stringMatching(UUID) }, expect.anything()],
    })
  })

  it('are not there where no rule can apply, nor in the snapshot of a deleted key', async ({ expect }) => {
    const all = await family()
    const { alone, inTeam, team, latest, call } = all
    const rule = await makeRule(all, { scope: 'team', scope_id: team.id })
    expect(latest(alone.id)).not.toHaveProperty('routing')
    await call('DELETE', `${RULES}/${rule.id}`)
    expect(latest(inTeam.id)).not.toHaveProperty('routing')
    await makeRule(all, { name: 'own', scope: 'virtual_key', scope_id: alone.id })
    await makeRule(all, { name: 'all', priority: 2 })
    await call('DELETE', `${KEYS}/${alone.id}`)
    expect(latest(alone.id)).not.toHaveProperty('routing')
    expect((await call('GET', RULES)).body.rules.map(({ name }: { name: string }) => name)).toEqual(['all'])
  })

  it('are pushed on every change that could change them: no path forgets to', async ({ expect }) => {
    const all = await family()
    const { call, customer, team, inTeam, inCustomer, alone, namesOf, tenantId } = all
    const rule = await makeRule(all, { name: 'a', scope: 'team', scope_id: team.id })
    await makeRule(all, { name: 'g', priority: 5 })
    const path = `${RULES}/${rule.id}`
    const own = { scope: 'virtual_key', scope_id: alone.id }
    const steps: [string, ...Parameters<typeof call>][] = [
      ['a g, g, g', 'PUT', path, { description: 'said' }],
      ['b g, g, g', 'PUT', path, { name: 'b' }],
      ['g, g, g', 'PUT', path, { enabled: false }],
      ['b g, g, g', 'PUT', path, { enabled: true }],
      ['b g, b g, g', 'PUT', path, { scope: 'customer', scope_id: customer.id }],
      ['g, g, b g', 'PUT', path, own],
      ['b g, b g, b g', 'PUT', path, { scope: 'global', priority: 1 }],
      ['b g, g, g', 'PUT', path, { scope: 'team', scope_id: team.id }],
      ['b g, g, b g', 'PUT', `${KEYS}/${alone.id}`, { team_id: team.id }],
      ['g, g, b g', 'PUT', `${KEYS}/${inTeam.id}`, { team_id: '' }],
      ['g, b g, b g', 'PUT', path, { scope: 'customer', scope_id: customer.id, name: 'b' }],
      ['g, b g, g', 'PUT', `${TEAMS}/${team.id}`, { customer_id: '' }],
      ['g, b g, b g', 'PUT', `${TEAMS}/${team.id}`, { customer_id: customer.id }],
      ['g, b g, b g', 'PUT', `${TEAMS}/${team.id}`, { name: 'renamed team' }],
      ['g, b g, b g', 'PUT', `${CUSTOMERS}/${customer.id}`, { name: 'renamed customer' }],
      ['g, b g, g', 'DELETE', `${TEAMS}/${team.id}`],
      ['g, g, g', 'DELETE', `${CUSTOMERS}/${customer.id}`],
      ['g h, g h, g h', 'POST', RULES, { name: 'h', priority: 8, targets: TARGETS }],
    ]
    for (const [expected, ...step] of steps) {
      const answer = await call(...step)
      expect([step, answer.status]).toEqual([step, 200])
      const told = [inTeam, inCustomer, alone].map(key => namesOf(key)?.join(' ')).join(', ')
      expect([step, told]).toEqual([step, expected])
      const { results } = await env.DB.prepare(
        'SELECT body, version, pushed_version FROM key_snapshot WHERE tenant_id = ?1',
      )
        .bind(tenantId)
        .all<{ body: string; version: number; pushed_version: number }>()
      for (const row of results) {
        const stored = JSON.parse(row.body)
        expect([step, row.pushed_version, all.latest(stored.keyId)]).toEqual([step, row.version, stored])
      }
    }
    expect(shownNames(all, alone.id)).toEqual({ teamName: '', customerName: '' })
  })

  it('say the names that their team and customer have now', async ({ expect }) => {
    const all = await family()
    await makeRule(all)
    await all.call('PUT', `${TEAMS}/${all.team.id}`, { name: 'sales' })
    await all.call('PUT', `${CUSTOMERS}/${all.customer.id}`, { name: 'umbrella' })
    expect(shownNames(all, all.inTeam.id)).toEqual({ teamName: 'sales', customerName: 'umbrella' })
    expect(shownNames(all, all.inCustomer.id)).toEqual({ teamName: '', customerName: 'umbrella' })
  })
})

function shownNames(all: Awaited<ReturnType<typeof family>>, keyId: string) {
  const { rules: _, ...names } = all.latest(keyId)?.routing ?? { rules: [] }
  return names
}

import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Step } from '../../scripts/config/plan.ts'
import { fakeControl } from '../control/fake-ports.ts'
import { configFile } from './config-arbitrary.ts'
import { ENV, tenantOfFiles } from './tenant-of-files.ts'

const NOTHING = { create: 0, update: 0, delete: 0, adopt: 0, drifted: 0, conflict: 0, left: 0 }
const EXPORTED = {
  ...ENV,
  ...{ WEIR_OWN_MAIN: 'sk-one-0123456789', WEIR_OWN_SPARE: 'sk-one-0123456789' },
  ...{ WEIR_FILES_X_TOKEN: 'sk-one-0123456789', WEIR_WEB_X_TOKEN: 'sk-one-0123456789' },
  ...{
    WEIR_WEBHOOK_HOOKS_EXAMPLE_COM_A: 'sk-one-0123456789',
    WEIR_WEBHOOK_HOOKS_EXAMPLE_COM_B_X_1: 'sk-one-0123456789',
  },
  ...{ WEIR_ANTHROPIC_MAIN: 'sk-one-0123456789', WEIR_ANTHROPIC_SPARE: 'sk-one-0123456789' },
}
const KEYS = '/api/governance/virtual-keys'
const key = (more = {}) => ({ virtual_keys: [{ name: 'k', description: 'as the file says', ...more }] })
const acting = (steps: Step[]) => steps.filter(({ action }) => action !== 'none').map(({ action }) => action)

describe('a file that is applied', () => {
  it('leaves nothing to do, also after another one, and its export makes the same of an empty tenant', async ({
    expect,
  }) => {
    const one = async ([first, second]: [unknown, unknown]) => {
      const control = fakeControl()
      const tenant = await tenantOfFiles(control)
      await tenant.apply(first)
      expect(await tenant.toDo(first, { options: { prune: true } })).toEqual([])
      await tenant.apply(second, { options: { prune: true } })
      expect(await tenant.toDo(second, { options: { prune: true } })).toEqual([])
      const file = await tenant.exported()
      // The export asks for every secret by a name of its own: here all are the same, so that only their names differ.
      const other = await tenantOfFiles(control)
      await other.apply(file, { env: EXPORTED })
      expect(await other.exported()).toEqual(file)
      expect(await other.toDo(file, { env: EXPORTED })).toEqual([])
    }
    await fc.assert(fc.asyncProperty(fc.tuple(configFile, configFile), one), { numRuns: 4, endOnFailure: true })
  }, 120_000)

  it('keeps the texts of its keys apart from all it tells', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.apply(key())
    expect(Object.keys(tenant.texts)).toEqual(['k'])
    expect(JSON.stringify(await tenant.exported())).not.toContain(tenant.texts.k)
  })
})

describe('what no file can say', () => {
  it('is told with an export: overrides of budgets, the pricebook, the words of the complexity analyzer', async ({
    expect,
  }) => {
    const tenant = await tenantOfFiles(fakeControl())
    const budgets = [{ max_limit: 5, reset_duration: '1d' }]
    await tenant.apply(key({ budgets, provider_configs: [{ provider: 'openai', budgets }] }))
    expect(await tenant.unsaid()).toEqual([])
    const [shown] = (await tenant.call('GET', KEYS)).body.virtual_keys
    const put = ({ id }: { id: string }, body: object) =>
      tenant.call('PUT', `${KEYS}/${shown.id}/budgets/${id}/override`, body)
    await put(shown.budget, { amount: 1.5, mode: 'cycles', cycles: 2 })
    await put(shown.provider_configs[0].budgets[0], { amount: 3, mode: 'forever' })
    const words = { keywords: { code_keywords: ['cobol'] } }
    await tenant.call('PUT', '/api/governance/complexity-analyzer-config', words)
    const row = { provider: 'openai', model: 'gpt-4o-mini', prices: { input_cost_per_token: 1e-6 } }
    expect((await tenant.call('POST', '/v1/pricebook', { entries: [row] })).status).toBe(201)
    const does = 'which no file says: override it where the file is applied'
    expect(await tenant.unsaid()).toEqual([
      `k: its budget of 1d may spend $1.5 more for 2 more of its windows, ${does}`,
      `k at openai: its budget of 1d may spend $3 more for good, ${does}`,
      'pricebook: its versions are in no file: publish them where the file is applied',
      'complexity analyzer: its words and boundaries are in no file: put them where the file is applied',
    ])
    await tenant.call('POST', '/api/governance/complexity-analyzer-config/reset')
    expect(await tenant.toDo(key({ budgets, provider_configs: [{ provider: 'openai', budgets }] }))).toEqual([])
  })
})

describe('what the file and the API change', () => {
  it('is told apart: the file’s change is made, the API’s stays, both is a conflict until the file is taken', async ({
    expect,
  }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.apply(key())
    const id = (await tenant.call('GET', KEYS)).body.virtual_keys[0].id
    expect(acting((await tenant.prepare(key({ description: 'anew' }))).steps)).toEqual(['update'])
    await tenant.call('PUT', `${KEYS}/${id}`, { description: 'by hand' })
    expect(acting((await tenant.prepare(key())).steps)).toEqual(['drifted'])
    expect(await tenant.apply(key())).toMatchObject({ update: 0, drifted: 1 })
    expect((await tenant.call('GET', `${KEYS}/${id}`)).body.virtual_key.description).toBe('by hand')
    expect(acting((await tenant.prepare(key({ description: 'anew' }))).steps)).toEqual(['conflict'])
    expect(acting((await tenant.prepare(key({ description: 'by hand' }))).steps)).toEqual(['adopt'])
    await tenant.apply(key(), { options: { takeFile: true } })
    expect((await tenant.call('GET', `${KEYS}/${id}`)).body.virtual_key.description).toBe('as the file says')
    expect(acting((await tenant.prepare(key())).steps)).toEqual([])
  })

  it('is the API’s alone where no file ever made it, and left so', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.call('POST', KEYS, { name: 'k', description: 'by hand' })
    await tenant.call('POST', KEYS, { name: 'other' })
    expect(acting((await tenant.prepare(key())).steps)).toEqual(['conflict'])
    expect(acting((await tenant.prepare({}, { options: { prune: true } })).steps)).toEqual([])
    expect(await tenant.apply(key({ description: 'by hand' }))).toMatchObject({ adopt: 1, create: 0 })
    expect(await tenant.counts({})).toMatchObject({ ...NOTHING, left: 1 })
    expect(await tenant.apply({}, { options: { prune: true } })).toMatchObject({ delete: 1 })
    const { virtual_keys } = (await tenant.call('GET', KEYS)).body
    expect(virtual_keys.map(({ name }: { name: string }) => name)).toEqual(['other'])
  })

  it('is not deleted where the API changed it after the file', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.apply({ teams: [{ name: 't' }] })
    const [team] = (await tenant.call('GET', '/api/governance/teams')).body.teams
    await tenant.call('PUT', `/api/governance/teams/${team.id}`, { budgets: [{ max_limit: 1, reset_duration: '1d' }] })
    expect(acting((await tenant.prepare({}, { options: { prune: true } })).steps)).toEqual(['conflict'])
    expect(acting((await tenant.prepare({}, { options: { prune: true, takeFile: true } })).steps)).toEqual(['delete'])
  })

  it('is not deleted of a key either, whose meter does not count', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.apply(key())
    const id = (await tenant.call('GET', KEYS)).body.virtual_keys[0].id
    await tenant.call('PUT', `${KEYS}/${id}`, { meter: { regions: 'one', shards: 2 } })
    expect(await tenant.toDo(key())).toEqual([])
    expect(acting((await tenant.prepare({}, { options: { prune: true } })).steps)).toEqual(['delete'])
    await tenant.call('PUT', `${KEYS}/${id}`, { description: 'by hand' })
    expect(acting((await tenant.prepare({}, { options: { prune: true } })).steps)).toEqual(['conflict'])
  })

  it('is one request for what differs, and keeps the ids of limits', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    const file = (max_limit: number) => ({
      ...key({
        budgets: [{ max_limit, reset_duration: '1d' }],
        provider_configs: [
          { provider: 'openai', budgets: [{ max_limit: 3, reset_duration: '1d', calendar_aligned: true }] },
        ],
      }),
      limits: [{ scope: 'feature:f', unit: 'tokens', max: max_limit, duration: '1h' }],
    })
    await tenant.apply(file(5))
    const ids = async () => {
      const [{ budgets, provider_configs }] = (await tenant.call('GET', KEYS)).body.virtual_keys
      const { data } = (await tenant.call('GET', '/v1/limits')).body
      return [budgets[0].id, provider_configs[0].budgets[0].id, data[0].id]
    }
    const before = await ids()
    tenant.sent.length = 0
    await tenant.apply(file(6))
    expect(tenant.sent.map(one => one.split(' ')[0])).toEqual(['PUT', 'PUT'])
    expect(await ids()).toEqual(before)
    expect(await tenant.toDo(file(6))).toEqual([])
  })
})

describe('a plan', () => {
  const rule = (name: string, priority: number) => ({ name, priority, targets: [{ provider: 'openai', weight: 1 }] })

  it('lets rules change places, and take that of one that is deleted', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.apply({ routing_rules: [rule('a', 0), rule('b', 1), rule('c', 2)] })
    const turned = { routing_rules: [rule('a', 1), rule('b', 0), rule('d', 2)] }
    await tenant.apply(turned, { options: { prune: true } })
    expect(await tenant.toDo(turned)).toEqual([])
    const { rules } = (await tenant.call('GET', '/api/governance/routing-rules')).body
    expect(rules.map((one: { name: string }) => one.name)).toEqual(['b', 'a', 'd'])
  })

  it('goes on where a command ended between two steps', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    const rules = (turn: number) => ({
      routing_rules: [rule('a', turn), rule('b', 1 - turn)],
      ...key(),
      teams: [{ name: 't' }],
    })
    await tenant.apply({ routing_rules: rules(0).routing_rules })
    const change = tenant.instance.change
    for (let left = 0; left < 4; left += 1) {
      let budget = left
      tenant.instance.change = asked => {
        if (!asked.isTrial && budget-- <= 0) throw new Error('killed')
        return change(asked)
      }
      await tenant.apply(rules(1)).catch(() => undefined)
    }
    tenant.instance.change = change
    await tenant.apply(rules(1))
    expect(await tenant.toDo(rules(1))).toEqual([])
  })

  it.for<[string, unknown, RegExp]>([
    ['an unknown team', key({ team: 'none' }), /virtual_keys.*names the team none/],
    ['an unknown provider', key({ provider_configs: [{ provider: 'none' }] }), /names the provider none/],
    [
      'an unknown key',
      key({ provider_configs: [{ provider: 'openai', keys: ['none'] }] }),
      /provider_key openai\/none/,
    ],
    [
      'a secret that is not set',
      { providers: [{ provider: 'own', vendor: 'openai', keys: [{ name: 'k', value: 'env.NONE' }] }] },
      /NONE, which is not set/,
    ],
    [
      'a secret in the file',
      { providers: [{ provider: 'own', vendor: 'openai', keys: [{ name: 'k', value: 'sk-123' }] }] },
      /secret in the file/,
    ],
    ['an unknown MCP server', key({ mcp_configs: [{ mcp_client_name: 'none' }] }), /names the mcp_client none/],
    ['a name twice', { teams: [{ name: 't' }, { name: 't' }] }, /once more/],
    ['a priority twice', { routing_rules: [rule('a', 1), rule('b', 1)] }, /priority 1/],
    [
      'a limit twice',
      {
        model_configs: [{ model_name: 'm', budgets: [{ max_limit: 1, reset_duration: '1d' }] }],
        limits: [{ scope: 'model:m', unit: 'nano_usd', max_usd: 2, duration: '1d' }],
      },
      /once more/,
    ],
  ])('is refused for %s, and nothing is asked', async ([, file, words], { expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    const { problems } = await tenant.prepare(file)
    expect(JSON.stringify(problems)).toMatch(words)
    expect(tenant.sent).toEqual([])
  })

  it('is refused for a priority that a rule of the API has, and for limits that would go with a model config', async ({
    expect,
  }) => {
    const tenant = await tenantOfFiles(fakeControl())
    await tenant.call('POST', '/api/governance/routing-rules', rule('by hand', 4))
    expect((await tenant.prepare({ routing_rules: [rule('a', 4)] })).problems).toHaveLength(1)
    const limit = { scope: 'model:m', unit: 'tokens', max: 2, duration: '1d' }
    await tenant.apply({ model_configs: [{ model_name: 'm' }], limits: [limit] })
    expect((await tenant.prepare({ limits: [limit] }, { options: { prune: true } })).problems).toHaveLength(1)
  })

  it('is tried: the instance says beforehand what it would refuse', async ({ expect }) => {
    const tenant = await tenantOfFiles(fakeControl())
    const budgets = [{ max_limit: 1, reset_duration: '1h', fiscal_year_start: '04-06' }]
    const prepared = await tenant.prepare({
      teams: [{ name: 't', budgets }, { name: 'good' }],
      ...key({ team: 'good', budgets }),
    })
    const { problems } = await tenant.tried(prepared)
    expect(problems.map(({ path }) => path.join('.')).sort()).toEqual(['teams.0', 'virtual_keys.0'])
    expect((await tenant.call('GET', '/api/governance/teams')).body.total_count).toBe(0)
  })
})

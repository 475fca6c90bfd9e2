import { describe, it } from 'vitest'
import {
  ask,
  CUSTOMERS,
  call,
  DAILY,
  GOVERNANCE,
  MODELS,
  make,
  name,
  newKey,
  PRICES,
  PROVIDERS,
  RULES,
  refused,
  TEAMS,
  UUID,
  VKS,
} from './server.ts'

const LISTS: [path: string, member: string][] = [
  [VKS, 'virtual_keys'],
  [TEAMS, 'teams'],
  [CUSTOMERS, 'customers'],
  [MODELS, 'model_configs'],
  [RULES, 'rules'],
  [PRICES, 'pricing_overrides'],
]
const SAYING = [VKS, MODELS, RULES, PRICES]
const ENVELOPE = ['count', 'total_count', 'limit', 'offset']

type Named = { name?: string; model_name?: string; id: string }

/** Three of each, made one after the other, whose names have `tag` in them; their letters tell their order. */
async function three(path: string, member: string, tag: string): Promise<Named[]> {
  const one = (letter: string, n: number): object => {
    const named = { name: `${tag}-${letter}` }
    if (path === MODELS) return { model_name: `${tag}-${letter}` }
    if (path === RULES)
      return { ...named, model: 'm', enabled: false, priority: 2000 + n + Math.floor(Math.random() * 1e9) * 4 }
    if (path !== PRICES) return named
    return { ...named, scope_kind: 'global', match_type: 'exact', pattern: tag, request_types: ['embedding'] }
  }
  const made: Named[] = []
  for (const [n, letter] of ['b', 'a', 'c'].entries()) {
    const answer = await call('POST', path, one(letter, n))
    made.push(answer.body[member])
  }
  return made
}

const lettersOf = (rows: Named[]) => rows.map(row => (row.name ?? row.model_name ?? '').at(-1))
const singular = (member: string) => member.replace(/s$/, '')

describe.each(LISTS)('the list at %s (1.0)', (path, member) => {
  it('has one envelope, whole without parameters, else in pages with the contract’s default and clamp', async ({
    expect,
  }) => {
    const tag = name()
    await three(path, singular(member), tag)
    const whole = (await call('GET', path)).body
    expect(Object.keys(whole).sort()).toEqual([member, ...ENVELOPE].sort())
    const { total_count: total } = whole
    expect(whole).toMatchObject({ count: total, limit: total, offset: 0 })
    expect(whole[member]).toHaveLength(total)
    for (const [query, limit, offset] of [
      ['limit=0', 25, 0],
      ['limit=', 25, 0],
      ['limit=101', 100, 0],
      ['limit=100&offset=1', 100, 1],
      ['offset=2', 25, 2],
      ['search=', 25, 0],
    ] as const) {
      const { body } = await call('GET', `${path}?${query}`)
      expect([query, body.limit, body.offset, body.count]).toEqual([query, limit, offset, body[member].length])
      expect(body.total_count).toBe(total)
    }
    const one = (await call('GET', `${path}?search=${tag}&limit=1&offset=1`)).body
    expect(one).toMatchObject({ count: 1, total_count: 3, limit: 1, offset: 1 })
    expect((await call('GET', `${path}?search=${tag}&offset=1000000`)).body).toMatchObject({
      [member]: [],
      count: 0,
      total_count: 3,
    })
  })

  it('is searched by a part of a name in any case, and in the order of the making, or of the priority', async ({
    expect,
  }) => {
    const tag = name()
    await three(path, singular(member), tag)
    const found = (await call('GET', `${path}?search=${tag.slice(2, 20).toUpperCase()}`)).body
    expect([found.total_count, lettersOf(found[member]).length]).toEqual([3, 3])
    if (path !== RULES) expect(lettersOf(found[member])).toEqual(['b', 'a', 'c'])
    const priorities = found[member].map((row: { priority: number }) => row.priority)
    if (path === RULES) expect(priorities).toEqual(priorities.toSorted((a: number, b: number) => a - b))
    expect((await call('GET', `${path}?search=${name()}`)).body).toMatchObject({
      [member]: [],
      count: 0,
      total_count: 0,
      limit: 25,
    })
  })

  it('says what is wrong with a page, or takes it for 0, as the contract has it', async ({ expect }) => {
    for (const parameter of ['limit', 'offset']) {
      for (const [text, rule] of [
        ['x', 'must be a number'],
        ...['1.5', '0x10', '1e2', '5.0', '%205', '9007199254740993'].map(odd => [odd, 'must be a number'] as const),
        ['-1', 'must be non-negative'],
      ]) {
        const answer = await call('GET', `${path}?${parameter}=${text}`)
        if (SAYING.includes(path)) expect(answer).toMatchObject(refused(400, `Invalid ${parameter} parameter: ${rule}`))
        else expect(answer.body).toMatchObject({ limit: 25, offset: 0 })
      }
    }
  })

  it('with from_memory=true is an object by ids where it is teams or customers', async ({ expect }) => {
    await three(path, singular(member), name())
    const { body } = await call('GET', `${path}?from_memory=true`)
    const isMap = [TEAMS, CUSTOMERS].includes(path)
    expect(Array.isArray(body[member])).toBe(!isMap)
    if (!isMap) return
    const rows = Object.entries<Named>(body[member])
    expect(rows).toHaveLength(body.total_count)
    for (const [id, row] of rows) expect([id, row.id]).toEqual([row.id, expect.stringMatching(UUID)])
  })
})

describe('lists of what keys and others have (1.4, 1.6)', () => {
  it('have no pages: rows and their number, or an object by ids', async ({ expect }) => {
    const rate_limit = { request_max_limit: 5, request_reset_duration: '1h' }
    const key = await newKey({ budgets: [DAILY], rate_limit })
    for (const [path, member, id] of [
      ['budgets', 'budgets', key.budget.id],
      ['rate-limits', 'rate_limits', key.rate_limit.id],
    ]) {
      const { body } = await call('GET', `${GOVERNANCE}/${path}?limit=1`)
      expect(Object.keys(body).sort()).toEqual([member, 'count'].sort())
      expect(body.count).toBe(body[member].length)
      expect(body[member].map((row: Named) => row.id)).toContain(id)
      const map = (await call('GET', `${GOVERNANCE}/${path}?from_memory=true`)).body
      expect(map[member][id]).toMatchObject({ id })
      expect(map.count).toBe(Object.keys(map[member]).length)
    }
    expect(Object.keys((await call('GET', PROVIDERS)).body)).toEqual(['providers', 'count'])
  })
})

describe('the list of virtual keys (1.1)', () => {
  it('is sorted by name, status, age and what was spent, in either direction, and narrowed by either owner', async ({
    expect,
  }) => {
    const tag = name()
    const [team, customer] = [await make(TEAMS, 'team'), await make(CUSTOMERS, 'customer')]
    const owners = [{ team_id: team.id }, { customer_id: customer.id }, { is_active: false }]
    const keys = []
    for (const [n, letter] of ['b', 'a', 'c'].entries()) {
      keys.push(await newKey({ name: `${tag}-${letter}`, budgets: [DAILY], ...owners[n] }))
    }
    await ask(keys[1].value)
    await ask(keys[0].value)
    await ask(keys[0].value)
    const sorted = async (query: string) => {
      const { body } = await call('GET', `${VKS}?search=${tag}&${query}`)
      return lettersOf(body.virtual_keys).join('')
    }
    for (const [query, letters] of [
      ['sort_by=name', 'abc'],
      ['sort_by=name&order=DESC', 'cba'],
      ['sort_by=created_at', 'bac'],
      ['sort_by=created_at&order=desc', 'cab'],
      ['sort_by=nonsense', 'bac'],
      ['sort_by=budget_spent', 'cab'],
      ['sort_by=budget_spent&order=desc', 'bac'],
      ['sort_by=budget_spent&order=desc&limit=1&offset=1', 'a'],
    ])
      expect([query, await sorted(query ?? '')]).toEqual([query, letters])
    const byStatus = await sorted('sort_by=status')
    expect([byStatus[0], await sorted('sort_by=status&order=desc')]).toEqual(['c', expect.stringMatching(/c$/)])
    expect(await sorted(`team_id=${team.id}`)).toBe('b')
    expect(await sorted(`customer_id=${customer.id}`)).toBe('a')
    expect(await sorted(`team_id=${team.id}&customer_id=${customer.id}`)).toBe('ba')
    const exported = (await call('GET', `${VKS}?export=true&search=${tag}`)).body
    expect(exported).toMatchObject({ count: 3, limit: 10_000 })
    expect((await call('GET', `${TEAMS}?customer_id=${customer.id}`)).body.total_count).toBe(0)
    await call('PUT', `${TEAMS}/${team.id}`, { customer_id: customer.id })
    expect((await call('GET', `${TEAMS}?customer_id=${customer.id}`)).body.total_count).toBe(1)
  })
})

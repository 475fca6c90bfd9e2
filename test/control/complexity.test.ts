import { describe, it } from 'vitest'
import { DEFAULT_COMPLEXITY } from '../../workers/core/rules/default-complexity.ts'
import { KEYS, newTenant, openTenant } from './fake-ports.ts'

const PATH = '/api/governance/complexity-analyzer-config'
const RULES = '/api/governance/routing-rules'
const TARGETS = [{ provider: 'openai', weight: 1 }]
const { keywords } = DEFAULT_COMPLEXITY

describe("the complexity analyzer's configuration", () => {
  it('is the default until it is said, keeps what is not said, and goes back', async ({ expect }) => {
    const { call, get, put, make } = await openTenant()
    const defaults = {
      tier_boundaries: { simple_medium: 0.17, medium_complex: 0.39 },
      keywords: {
        ...{ simple_keywords: keywords.simple, code_keywords: keywords.code },
        ...{ technical_keywords: keywords.technical, reasoning_keywords: keywords.reasoning },
      },
    }
    expect(await get(PATH)).toEqual(defaults)
    const code_keywords = ['  Unit\n Test ', 'unit test', 'COBOL']
    const changed = await put(PATH, { tier_boundaries: { complex_reasoning: 0.6 }, keywords: { code_keywords } })
    const expected = {
      tier_boundaries: { ...defaults.tier_boundaries, complex_reasoning: 0.6 },
      keywords: { ...defaults.keywords, code_keywords: ['unit test', 'cobol'] },
    }
    expect(changed).toEqual(expected)
    expect(await put(PATH, { tier_boundaries: null, keywords: { simple_keywords: [] } })).toEqual({
      ...expected,
      keywords: { ...expected.keywords, simple_keywords: [] },
    })
    // What was read can be written.
    expect(await put(PATH, await get(PATH))).toEqual(await get(PATH))
    expect((await put(PATH, { tier_boundaries: { complex_reasoning: null } })).tier_boundaries).toEqual(
      defaults.tier_boundaries,
    )
    expect((await call('POST', `${PATH}/reset`, changed)).status).toBe(400)
    expect(await make(`${PATH}/reset`, undefined)).toEqual(defaults)
    expect(await get(PATH)).toEqual(defaults)
    expect((await call('GET', PATH)).headers.get('etag')).toBe('"5"')
  })

  it.for([
    [/must be numbers above 0 and below 1/, { tier_boundaries: { simple_medium: 0 } }],
    [/must be numbers above 0 and below 1/, { tier_boundaries: { medium_complex: 1 } }],
    [/must rise/, { tier_boundaries: { simple_medium: 0.5 } }],
    [/must rise/, { tier_boundaries: { complex_reasoning: 0.39 } }],
    [/^Invalid JSON$/, { tier_boundaries: { simple_medium: '0.2' } }],
    [/^Invalid JSON$/, { keywords: { code_keywords: 'code' } }],
    [/more than 200 keywords/, { keywords: { code_keywords: Array.from({ length: 201 }, (_, n) => `k${n}`) } }],
    [/1 to 64 characters/, { keywords: { simple_keywords: [' '] } }],
    [/1 to 64 characters/, { keywords: { simple_keywords: ['x'.repeat(65)] } }],
    [/tier_boundaries or keywords is required/, {}],
    [/semantic and llm are not available/, { semantic: { provider: 'openai' } }],
    [/phrases to compare with/, { keywords: { complex_keywords: ['x'] } }],
    [
      /more than 24000 characters/,
      {
        keywords: {
          code_keywords: Array.from({ length: 200 }, (_, n) => `${n}`.padEnd(64, 'x')),
          simple_keywords: Array.from({ length: 200 }, (_, n) => `${n}`.padEnd(64, 'y')),
        },
      },
    ],
  ] as const)('is refused: %s', async ([words, body], { expect }) => {
    const { call, get } = await openTenant()
    const before = await get(PATH)
    const answer = await call('PUT', PATH, body)
    expect(answer).toMatchObject({ status: 400, body: { error: { message: expect.stringMatching(words) } } })
    expect(await get(PATH)).toEqual(before)
  })

  it('is in the snapshots of keys whose rules ask for it, and of no others', async ({ expect }) => {
    const tenant = await openTenant()
    const [asking, other] = [await tenant.make(KEYS, { name: 'a' }), await tenant.make(KEYS, { name: 'b' })]
    const told = ({ id }: { id: string }) => tenant.latest(id)?.routing?.complexity
    const rule = { targets: TARGETS, scope: 'virtual_key' }
    await tenant.make(RULES, { ...rule, name: 'o', scope_id: other.id, cel_expression: 'model == "m"' })
    const made = await tenant.make(RULES, {
      ...{ ...rule, name: 'r', scope_id: asking.id },
      cel_expression: 'complexity_tier == "COMPLEX"',
    })
    expect([told(asking), told(other)]).toEqual([undefined, undefined])
    tenant.pushes()
    await tenant.put(PATH, { tier_boundaries: { complex_reasoning: 0.6 }, keywords: { code_keywords: ['cobol'] } })
    expect(tenant.pushes()).toHaveLength(1)
    const boundaries = { simpleMedium: 0.17, mediumComplex: 0.39, complexReasoning: 0.6 }
    expect(told(asking)).toEqual({ boundaries, keywords: { ...keywords, code: ['cobol'] } })
    expect(told(other)).toBeUndefined()
    // A boundary that goes is gone, and not merged with what was.
    await tenant.put(PATH, { tier_boundaries: { complex_reasoning: null } })
    expect(told(asking)?.boundaries).toEqual({ simpleMedium: 0.17, mediumComplex: 0.39 })
    await tenant.make(`${PATH}/reset`, undefined)
    expect(told(asking)).toBeUndefined()
    await tenant.put(PATH, { keywords: { code_keywords: ['cobol'] } })
    await tenant.put(`${RULES}/${made.rule.id}`, { cel_expression: 'true' })
    expect(told(asking)).toBeUndefined()
  })

  it('is changed only as its caller knows it, and is each tenant its own', async ({ expect }) => {
    const tenant = await openTenant()
    const other = await newTenant(tenant)
    const change = { tier_boundaries: { simple_medium: 0.2 } }
    expect((await tenant.call('PUT', PATH, change, { 'if-match': '"0"' })).status).toBe(200)
    expect((await tenant.call('PUT', PATH, change, { 'if-match': '"0"' })).status).toBe(412)
    expect((await other.call('GET', PATH)).body.tier_boundaries.simple_medium).toBe(0.17)
    const answers = await Promise.all(
      [0.21, 0.22, 0.23].map(simple_medium => {
        return tenant.call('PUT', PATH, { tier_boundaries: { simple_medium } })
      }),
    )
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200])
  })
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { COMPLEXITY_TIERS, type ComplexityConfig, complexityOf } from '../../workers/core/rules/complexity.ts'
import { decide } from '../../workers/core/rules/decide.ts'
import { DEFAULT_COMPLEXITY } from '../../workers/core/rules/default-complexity.ts'
import { userText } from '../../workers/gateway/routing/user-text.ts'

const tier = (text: string, config = DEFAULT_COMPLEXITY) => complexityOf(text, config)

function configOf(keywords: Partial<ComplexityConfig['keywords']>, boundaries = DEFAULT_COMPLEXITY.boundaries) {
  return { boundaries, keywords: { simple: [], code: [], technical: [], reasoning: [], ...keywords } }
}

describe('how complex a request is', () => {
  it.for([
    ['Hi!', 'SIMPLE'],
    ['What is the capital of France?', 'SIMPLE'],
    ['Refactor this function, and add a unit test for each endpoint.', 'MEDIUM'],
    ['Sharding or replication: which does our database need, and what does either do to latency?', 'MEDIUM'],
    [
      'Debug the deadlock in this function: the transaction holds an index, and the API has a race condition.',
      'COMPLEX',
    ],
    ['Analyze the trade-offs, step by step.', 'COMPLEX'],
  ] as const)('%s: %s', ([text, expected], { expect }) => {
    expect(tier(text)).toBe(expected)
  })

  it('is not told where nothing is said', ({ expect }) => {
    expect([tier(''), tier(' \n')]).toEqual([undefined, undefined])
  })

  it('has a fourth tier where a tenant says from which score on', ({ expect }) => {
    const config = { ...DEFAULT_COMPLEXITY, boundaries: { ...DEFAULT_COMPLEXITY.boundaries, complexReasoning: 0.5 } }
    expect(tier('Analyze the trade-offs, step by step.', config)).toBe('REASONING')
    expect(
      tier('Debug the deadlock in this function: a transaction, an API, an index, a race condition.', config),
    ).toBe('REASONING')
    expect(tier('Refactor this function: a unit test, a database, a cache.', config)).toBe('COMPLEX')
  })

  it('looks for whole words, in any case, over line breaks, and for more than one of them', ({ expect }) => {
    const code = configOf({ code: ['api', 'unit test', 'c++', '数据库'] }, { simpleMedium: 0.1, mediumComplex: 0.2 })
    const found = (text: string) => tier(text, code) !== 'SIMPLE'
    expect(['An API.', 'two apis', 'unit\n  TESTS', 'in c++?', '我的数据库很慢'].filter(text => !found(text))).toEqual(
      [],
    )
    expect(['rapid', 'apiary', 'apisx', 'unit, test', 'c+', 'community test'].filter(found)).toEqual([])
  })

  it('grows with what is found, and with length', ({ expect }) => {
    const anything = fc.string({ maxLength: 3000 })
    const words = fc.constantFrom(...DEFAULT_COMPLEXITY.keywords.code, ...DEFAULT_COMPLEXITY.keywords.technical)
    const rank = (text: string) => COMPLEXITY_TIERS.indexOf(tier(text) ?? 'SIMPLE')
    fc.assert(
      fc.property(anything, words, (text, word) => {
        expect(tier(text)).toBe(tier(text))
        expect(rank(`${text} ${word} `)).toBeGreaterThanOrEqual(rank(text))
      }),
    )
  })

  it('is told in a bounded time, whatever is sent', ({ expect }) => {
    const many = Array.from({ length: 200 }, (_, n) => 'a'.repeat(1 + (n % 64)))
    const worst = configOf({ simple: many, code: many, technical: many, reasoning: many })
    const started = performance.now()
    tier('aaaa '.repeat(2_000_000), worst)
    tier('a'.repeat(10_000_000), worst)
    // Measured: some milliseconds.
    expect(performance.now() - started).toBeLessThan(2000)
  })
})

describe('a rule that asks for it', () => {
  const facts = {
    ...{ requestType: 'chat_completion', virtualKey: { id: '', name: '' }, team: { id: '', name: '' } },
    ...{ customer: { id: '', name: '' }, headers: new Map(), params: new Map() },
    usedAt: () => ({ budget: 0, tokens: 0, requests: 0 }),
  }
  const verdict = (expression: string, complexityTier?: 'SIMPLE' | 'COMPLEX') => {
    const rule = { id: 'r', name: 'r', expression, targets: [], fallbacks: [], isChained: false }
    const asked = { provider: '', model: 'm' }
    return decide([rule], { asked, facts: { ...facts, complexityTier }, random: () => 0 }).trace[0]?.verdict.kind
  }

  it('matches by the tier, and not where there is none', ({ expect }) => {
    expect(verdict('complexity_tier == "COMPLEX"', 'COMPLEX')).toBe('matched')
    expect(verdict('complexity_tier in ["MEDIUM", "COMPLEX"]', 'SIMPLE')).toBe('not_matched')
    expect(verdict('complexity_tier != "SIMPLE"')).toBe('not_matched')
    expect(verdict('complexity_tier != "SIMPLE" || model == "m"')).toBe('matched')
    expect(verdict('complexity_teir == "SIMPLE"', 'SIMPLE')).toBe('skipped')
  })
})

describe('what the user said last', () => {
  const part = (text: string) => [{ type: 'text', text }]

  it.for([
    [
      {
        messages: [
          { role: 'user', content: 'one' },
          { role: 'assistant', content: 'x' },
        ],
      },
      'one',
    ],
    [
      {
        messages: [
          { role: 'user', content: 'one' },
          { role: 'user', content: part('two') },
        ],
      },
      'two',
    ],
    [
      {
        messages: [
          { role: 'user', content: 'one' },
          { role: 'user', content: [{ type: 'tool_result' }] },
        ],
      },
      'one',
    ],
    [{ messages: [{ role: 'system', content: 'one' }] }, ''],
    [{ input: 'one' }, 'one'],
    [{ input: [{ role: 'user', content: [{ type: 'input_text', text: 'one' }] }, { type: 'reasoning' }] }, 'one'],
    [{ prompt: 'one' }, 'one'],
    [{ prompt: ['one', 'two'] }, 'one\ntwo'],
    [{ contents: [{ parts: part('one') }, { role: 'model', parts: part('x') }] }, 'one'],
    [{ messages: 'none' }, ''],
    [{ messages: [null, 5, { role: 'user', content: [null, 5] }] }, ''],
    [{}, ''],
  ] as const)('is found on every wire: %j', ([raw, text], { expect }) => {
    expect(userText(raw)).toBe(text)
  })
})

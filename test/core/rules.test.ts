import fc from 'fast-check'
import { describe, it } from 'vitest'
import type { Standing } from '../../workers/core/quota/admit.ts'
import { compileExpression, evaluate, MAX_EXPRESSION_BYTES } from '../../workers/core/rules/compile-expression.ts'
import { decide, MAX_DEPTH } from '../../workers/core/rules/decide.ts'
import { drawTarget, seededRandom } from '../../workers/core/rules/draw-target.ts'
import type { RoutingRule, RuleTarget } from '../../workers/core/rules/routing-rule.ts'
import {
  boundedMap,
  MAX_ENTRIES,
  MAX_MAP_CHARS,
  type RuleFacts,
  type RuleModel,
  variablesOf,
} from '../../workers/core/rules/rule-facts.ts'
import { usedPercent } from '../../workers/core/rules/used-percent.ts'

const NOTHING_USED = { budget: 0, tokens: 0, requests: 0 }
const NOBODY = { id: '', name: '' }

function factsOf(over: Partial<RuleFacts> = {}): RuleFacts {
  return {
    requestType: 'chat_completion',
    virtualKey: { id: 'vk-1', name: 'first' },
    ...{ team: NOBODY, customer: NOBODY },
    ...{ headers: new Map(), params: new Map() },
    usedAt: () => NOTHING_USED,
    ...over,
  }
}

const ASKED: RuleModel = { provider: 'openai', model: 'gpt-4o' }
const target = (over: Partial<RuleTarget> = {}): RuleTarget => {
  return { provider: null, model: null, keyId: null, weight: 1, ...over }
}
const ruleOf = (id: string, over: Partial<RoutingRule> = {}): RoutingRule => {
  return { id, name: id, expression: 'true', targets: [target()], fallbacks: [], isChained: false, ...over }
}

function verdict(expression: string, over: Partial<RuleFacts> = {}, asked = ASKED) {
  return evaluate(expression, variablesOf(factsOf(over), asked)).kind
}

function ruling(rules: RoutingRule[], asked = ASKED, random = () => 0) {
  return decide(rules, { asked, facts: factsOf(), random })
}

describe('an expression', () => {
  const team = { id: 't-1', name: 'research' }
  const headers = boundedMap([['X-Tier', 'gold']])
  const params = boundedMap([['Region', 'eu']])
  const usedAt = () => ({ budget: 80.5, tokens: 12, requests: 100 })
  const given = { team, customer: { id: 'c-1', name: 'acme' }, headers, params, usedAt }

  it.for([
    '',
    ' ',
    'true',
    'model == "gpt-4o" && provider == "openai" && request_type == "chat_completion"',
    'virtual_key_id == "vk-1" && virtual_key_name.startsWith("fi")',
    'team_id == "t-1" && team_name in ["research", "sales"]',
    'customer_id == "c-1" && customer_name.matches("^ac.e$")',
    'headers["X-Tier"] == "gold" && headers["x-tier"] == "gold" && "X-TIER" in headers && has(headers.Tier) == false',
    'params.Region == "eu" && !("zone" in params)',
    'budget_used > 80 && budget_used > 80.0 && tokens_used < 13 && request >= 100',
    'headers.exists(name, name.startsWith("x-") && headers[name] == "gold")',
    'size(model) == 6 || headers["none"] == "x"',
    'headers["none"] == "x" || provider == "openai"',
  ])('knows the variables and functions of the contract: %s', (expression, { expect }) => {
    expect(evaluate(expression, variablesOf(factsOf(given), ASKED))).toEqual({ kind: 'matched' })
  })

  it('does not match where it asks for a header that is not there', ({ expect }) => {
    expect(verdict('headers["none"] == "x"')).toBe('not_matched')
    expect(verdict('params.none != "x"')).toBe('not_matched')
    expect(verdict('model == "other"')).toBe('not_matched')
  })

  it.for(['model ==', 'unknown == 1', 'model', '1 / 0 == 1', 'model.foo()', 'model + 1 == "x"', 'model.matches("(")'])(
    'that cannot be evaluated says nothing of the request: %s',
    (expression, { expect }) => {
      expect(verdict(expression)).toBe('skipped')
    },
  )

  const long = (text: string) => text.padEnd(MAX_EXPRESSION_BYTES, ' ')
  const many = `[${Array.from({ length: 200 }, () => '1').join()}]`
  it.for([
    ['longer than a kilobyte', `${long('true')} `],
    ['longer than a kilobyte in bytes', `"${'é'.repeat(600)}" != ""`],
    ['loops within loops', `${many}.all(a, ${many}.all(b, a == b))`],
    ['loops over headers, within each other', 'headers.all(a, headers.all(b, headers.all(c, a + b != c)))'],
    ['a text that doubles itself', `["a"]${'.map(x, x + x)'.repeat(40)}.size() == 1`],
    ['a list that doubles itself', `[1]${'.map(x, [x, x])'.repeat(40)}.size() == 1`],
    ['patterns in a loop', `${many}.all(a, model.matches("^(a+)+$"))`],
    ['nesting that no parser gets out of', '('.repeat(900)],
  ] as const)('is refused before it is run where it is %s', ([, expression], { expect }) => {
    expect(compileExpression(expression).ok).toBe(false)
  })

  it('takes no longer than it may with the worst that a caller can send', ({ expect }) => {
    const text = 'a'.repeat(Math.floor(MAX_MAP_CHARS / MAX_ENTRIES) - 4)
    const headers = boundedMap(Array.from({ length: 2 * MAX_ENTRIES }, (_, n) => [`h${n}`, text]))
    expect(headers.size).toBe(MAX_ENTRIES)
    const started = performance.now()
    expect(verdict('headers.exists(h, headers[h].matches("^(a+)+$") && headers[h].contains("b"))', { headers })).toBe(
      'not_matched',
    )
    // Measured: some milliseconds. A pattern that backtracks would take longer than the universe is old.
    expect(performance.now() - started).toBeLessThan(2000)
  })

  it('of any text neither throws nor takes more than its bound', ({ expect }) => {
    const words = [
      'model',
      'headers',
      '"a"',
      '1',
      '[',
      ']',
      '(',
      ')',
      '.',
      '==',
      '&&',
      '+',
      'all',
      'map',
      ',',
      'x',
      '?',
      ':',
    ]
    const texts = fc.array(fc.constantFrom(...words), { maxLength: 40 }).map(parts => parts.join(' '))
    fc.assert(
      fc.property(texts, text => {
        expect(['matched', 'not_matched', 'skipped']).toContain(verdict(text))
      }),
    )
  })
})

describe('the choice of a target', () => {
  const weights = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 6 })

  it('is one that weighs something, for any number that is drawn', ({ expect }) => {
    fc.assert(
      fc.property(weights, fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }), (all, random) => {
        const drawn = drawTarget(
          all.map(weight => target({ weight })),
          random,
        )
        expect(drawn).toBeDefined()
        if (all.some(weight => weight > 0)) expect(drawn?.weight).toBeGreaterThan(0)
      }),
    )
  })

  it('follows the weights over many calls, and is the same for the same call', ({ expect }) => {
    const targets = [0.7, 0.3, 0].map((weight, n) => target({ weight, model: `m${n}` }))
    const drawn = Array.from({ length: 20_000 }, (_, seed) => drawTarget(targets, seededRandom(seed * 7919)())?.model)
    const share = (model: string) => drawn.filter(one => one === model).length / drawn.length
    expect(share('m0')).toBeCloseTo(0.7, 1)
    expect(share('m1')).toBeCloseTo(0.3, 1)
    expect(share('m2')).toBe(0)
    expect(seededRandom(42)()).toBe(seededRandom(42)())
  })

  it('is even where nothing weighs anything, and leaves negative ones out', ({ expect }) => {
    const targets = [0, 0, -1].map((weight, n) => target({ weight, model: `m${n}` }))
    expect([0, 0.49, 0.5, 0.99].map(random => drawTarget(targets, random)?.model)).toEqual(['m0', 'm0', 'm1', 'm1'])
    expect(drawTarget([], 0.5)).toBeUndefined()
  })
})

describe('a decision', () => {
  it('is null where no rule matches, and says what was asked', ({ expect }) => {
    const { decision, trace } = ruling([ruleOf('a', { expression: 'false' }), ruleOf('b', { expression: 'nope == 1' })])
    expect(decision).toBeNull()
    expect(trace.map(({ rule, verdict: { kind } }) => [rule.id, kind])).toEqual([
      ['a', 'not_matched'],
      ['b', 'skipped'],
    ])
  })

  it('is of the first rule that matches, and keeps of the request what its target leaves open', ({ expect }) => {
    const targets = [target({ provider: 'groq', keyId: 'k1' })]
    const rules = [ruleOf('a', { expression: 'model == "x"' }), ruleOf('b', { targets }), ruleOf('c')]
    expect(ruling(rules).decision).toEqual({
      ...{ provider: 'groq', model: 'gpt-4o', keyId: 'k1', fallbacks: [] },
      matched: { id: 'b', name: 'b' },
    })
  })

  it('gives a fallback without a model the one that was asked for', ({ expect }) => {
    const rule = ruleOf('a', { targets: [target({ model: 'small' })], fallbacks: ['azure/', 'groq/other'] })
    expect(ruling([rule]).decision?.fallbacks).toEqual(['azure/gpt-4o', 'groq/other'])
  })

  const chained = (id: string, [from, to]: [string, string], over: Partial<RoutingRule> = {}) =>
    ruleOf(id, { expression: `model == "${from}"`, targets: [target({ model: to })], isChained: true, ...over })

  it('of a chained rule is put to the rules again, and the last one holds whole', ({ expect }) => {
    const rules = [
      chained('a', ['gpt-4o', 'b'], {
        fallbacks: ['x/y'],
        targets: [target({ provider: 'p', model: 'b', keyId: 'k' })],
      }),
      chained('b', ['b', 'c'], { isChained: false }),
      chained('c', ['c', 'd']),
    ]
    expect(ruling(rules).decision).toEqual({
      ...{ provider: 'p', model: 'c', keyId: null, fallbacks: [] },
      matched: { id: 'b', name: 'b' },
    })
  })

  it('ends: a rule fires once, and no chain is longer than its bound', ({ expect }) => {
    const loop = [chained('a', ['gpt-4o', 'b']), chained('b', ['b', 'gpt-4o'])]
    expect(ruling(loop).decision).toMatchObject({ model: 'gpt-4o', matched: { id: 'b' } })
    const self = ruling([chained('a', ['gpt-4o', 'gpt-4o']), chained('b', ['gpt-4o', 'end'], { isChained: false })])
    expect(self.decision).toMatchObject({ model: 'end' })
    const steps = Array.from({ length: 2 * MAX_DEPTH }, (_, n) =>
      chained(`r${n}`, [n ? `m${n}` : 'gpt-4o', `m${n + 1}`]),
    )
    expect(ruling(steps).decision?.model).toBe(`m${MAX_DEPTH}`)
  })
})

describe('what rules are told of limits', () => {
  const standing = (scope: string, over: Partial<Standing> = {}): Standing => ({
    ...{ limitId: scope, scope, unit: 'nano_usd', max: 100, duration: '1d', settled: 50, held: 10, remaining: 40 },
    ...{ startsAtMs: 0, resetsAtMs: 1000, isLeased: false },
    ...over,
  })
  const used = (standings: Standing[], at = ASKED) => usedPercent(standings, { keyId: 'k', at, nowMs: 500 })

  it('is the furthest of those of the model and the provider, and of no one else', ({ expect }) => {
    const own = [standing('virtual_key:k', { settled: 99 }), standing('team:t', { settled: 99 })]
    const other = standing('virtual_key:k/provider:groq', { settled: 99 })
    const ours = [standing('provider:openai'), standing('model:gpt-4o/provider:openai', { settled: 70 })]
    expect(used([...own, other, ...ours])).toEqual({ budget: 70, tokens: 0, requests: 0 })
    expect(used(ours, { provider: '', model: 'gpt-4o' }).budget).toBe(0)
    expect(used([standing('model:gpt-4o', { unit: 'tokens', settled: 150 })]).tokens).toBe(150)
    expect(used([standing('provider:openai', { unit: 'requests', max: 0, settled: 0 })]).requests).toBe(100)
  })

  it('is nothing of a window that has ended', ({ expect }) => {
    expect(used([standing('provider:openai', { resetsAtMs: 500 })])).toEqual(NOTHING_USED)
  })
})

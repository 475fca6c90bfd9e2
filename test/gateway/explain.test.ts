import fc from 'fast-check'
import { afterEach, beforeEach, describe, it, vi } from 'vitest'
import type { RouteExplanation } from '../../workers/contracts/route-question.ts'
import type { PriceOverride } from '../../workers/core/pricing/price-override.ts'
import type { Tier } from '../../workers/core/pricing/pricebook.ts'
import type { RequestType } from '../../workers/core/pricing/request-type.ts'
import type { TenantPricebook } from '../../workers/core/pricing/tenant-pricebook.ts'
import type { RoutingRule } from '../../workers/core/rules/routing-rule.ts'
import type { Balance } from '../../workers/core/snapshot.ts'
import { toGatewayError } from '../../workers/errors/gateway-error.ts'
import { GROQ, OPENAI, World } from './attempt-world.ts'

beforeEach(() => {
  vi.useFakeTimers({ now: Date.UTC(2026, 10, 21, 12) })
})

afterEach(() => {
  vi.useRealTimers()
})

const PROVIDERS = ['openai', 'groq', 'azure']
const MODELS = [OPENAI, GROQ, 'azure/gpt-4o-mini', 'gpt-4o-mini', 'openai/gpt-4o', 'groq/nope', 'nope', 'groq/']

const rule = fc.record({
  expression: fc.constantFrom<string[]>(
    '',
    'model == "gpt-4o-mini"',
    'provider == ""',
    'headers["x-tier"] == "gold"',
    'model > 1',
    'complexity_tier == "SIMPLE"',
    'complexity_tier == "COMPLEX" && provider == "openai"',
  ),
  targets: fc.array(
    fc.record({
      provider: fc.constantFrom(null, ...PROVIDERS),
      model: fc.constantFrom<(string | null)[]>(null, 'gpt-4o-mini', 'llama-3.1-8b-instant', 'nope'),
      keyId: fc.constantFrom<(string | null)[]>(null, 'openai-key', 'other'),
      weight: fc.constantFrom<number[]>(0, 0.5, 1),
    }),
    { minLength: 1, maxLength: 3 },
  ),
  fallbacks: fc.array(fc.constantFrom<string[]>(GROQ, OPENAI, 'azure/', 'groq/nope'), { maxLength: 2 }),
  isChained: fc.boolean(),
})

const grant = fc.record({
  weight: fc.constantFrom<(number | null)[]>(null, 0, 1, 3),
  allowedModels: fc.constantFrom<string[][]>(['*'], ['*'], ['*'], [], ['gpt-4o-mini'], ['llama-3.1-8b-instant']),
  blacklistedModels: fc.constantFrom<string[][]>([], [], [], ['gpt-4o-mini']),
  keyIds: fc.constantFrom<(string[] | undefined)[]>(undefined, undefined, ['openai-key', 'azure-key'], ['none']),
})

const rates = fc.record({
  base: fc.record({ input: fc.nat({ max: 5_000_000 }), output: fc.nat({ max: 5_000_000 }) }),
  tiers: fc.constant<Tier[]>([]),
  serviceTiers: fc.constant({}),
})

const priced = {
  matchType: fc.constantFrom<('exact' | 'wildcard')[]>('exact', 'wildcard'),
  requestTypes: fc.constantFrom<RequestType[][]>(['chat_completion'], ['chat_completion'], ['embedding']),
  rates,
}
const NAMES = { exact: ['gpt-4o-mini', 'llama-3.1-8b-instant', 'nope'], wildcard: ['gpt-*', 'llama*', '*'] }
const named = <T extends { matchType: 'exact' | 'wildcard' }>(row: T) =>
  fc.constantFrom(...NAMES[row.matchType]).map(pattern => ({ ...row, pattern }))

const override = fc
  .record({ ...priced, of: fc.constantFrom<(string | null)[]>(null, 'openai', 'groq', 'openai-key') })
  .chain(named)

const version = fc.record({
  ahead: fc.constantFrom(-2, -1, 0, 1),
  entries: fc.array(
    fc.record({ ...priced, provider: fc.constantFrom<(string | null)[]>(null, 'openai', 'azure') }).chain(named),
    { maxLength: 3 },
  ),
})

const EU = { 'x-residency': 'eu' }

const configuration = fc.record({
  overrides: fc.array(override, { maxLength: 3 }),
  versions: fc.array(version, { maxLength: 3 }),
  keyless: fc.constantFrom<string[][]>([], [], [], ['groq'], ['openai']),
  jurisdiction: fc.constantFrom<('none' | 'eu')[]>('none', 'eu', 'eu'),
  resident: fc.constantFrom<string[][]>([], ['openai'], ['groq', 'azure'], PROVIDERS, PROVIDERS),
  grants: fc.record({ openai: grant, groq: grant, azure: grant }, { requiredKeys: ['openai'] }),
  rules: fc.array(rule, { maxLength: 4 }),
  resting: fc.subarray(PROVIDERS),
  balance: fc.constantFrom<(Balance | null)[]>(null, 'weight', 'price', 'latency', 'least_busy'),
  fallbacks: fc.array(fc.constantFrom(...MODELS), { minLength: 1, maxLength: 3 }),
  model: fc.constantFrom(...MODELS),
  headers: fc.constantFrom<Record<string, string>[]>({}, {}, { 'x-tier': 'gold' }, EU, EU),
  isActive: fc.constantFrom(true, true, true, false),
  content: fc.constantFrom<string[]>('hi', 'Analyze the trade-offs, step by step.'),
})

const PLAIN = {
  overrides: [],
  versions: [],
  keyless: [],
  jurisdiction: 'none',
  resident: [],
} satisfies Partial<Configuration>

type Granted = typeof grant extends fc.Arbitrary<infer T> ? T : never
type Configuration = Omit<typeof configuration extends fc.Arbitrary<infer T> ? T : never, 'grants'> & {
  grants: Partial<Record<string, Granted>>
}

const isKey = (of: string | null) => of?.endsWith('-key') === true

function overridesOf({ overrides }: Configuration): PriceOverride[] {
  return overrides.map(({ of, ...rest }, n) => ({
    ...{ id: `o${n}`, version: 1, sinceMs: 0, ...rest },
    scopeKind: of === null ? 'global' : isKey(of) ? 'provider_key' : 'provider',
    ...{ providerId: isKey(of) ? null : of, providerKeyId: isKey(of) ? of : null },
  }))
}

function pricebookOf({ versions }: Configuration): TenantPricebook[] {
  return versions.map(({ ahead, entries }, n) => ({ number: n + 1, fromMs: Date.now() + ahead, entries }))
}

function worldOf(given: Configuration): World {
  const { grants, rules, resting, balance, fallbacks, isActive, keyless, jurisdiction, resident } = given
  const deeds = Object.fromEntries(PROVIDERS.map(name => [name, [{ does: 500 }]]))
  const keys = Object.fromEntries(keyless.map(name => [name, []]))
  const residency = Object.fromEntries(resident.map(name => [name, 'eu']))
  const world = new World({ deeds, keys, resting, jurisdiction, residency, reliability: { balance, fallbacks } })
  const providers = Object.entries(grants).flatMap(([provider, granted]) => {
    if (!granted) return []
    const { keyIds, ...rest } = granted
    return [{ provider, ...rest, ...(keyIds && { keyIds }) }]
  })
  const all = rules.map((one, n): RoutingRule => ({ id: `r${n}`, name: `rule ${n}`, ...one }))
  const routing = all.length > 0 ? { routing: { rules: all, teamName: '', customerName: '' } } : {}
  const prices = { priceOverrides: overridesOf(given), pricebook: pricebookOf(given) }
  world.snapshot = { ...world.snapshot, ...prices, isActive, providers, ...routing }
  return world
}

type Kind = 'refused' | 'sent' | 'several' | 'ruled' | 'overridden' | 'booked' | 'resident' | 'keyless'

function count(told: RouteExplanation, given: Configuration, seen: Record<Kind, number>): void {
  const isSent = told.refusal === null
  seen.overridden += Number(isSent && given.overrides.length > 0)
  seen.booked += Number(isSent && given.versions.length > 0)
  seen.resident += Number(isSent && 'x-residency' in given.headers)
  seen.keyless += Number(isSent && given.keyless.length > 0)
  seen[told.refusal ? 'refused' : 'sent'] += 1
  seen.several += Number(told.order.length > 1)
  seen.ruled += Number(told.rule !== null)
}

describe('the explanation of a route', () => {
  it('is what the gateway then does, whatever the configuration', async ({ expect }) => {
    const seen = { refused: 0, sent: 0, several: 0, ruled: 0, overridden: 0, booked: 0, resident: 0, keyless: 0 }
    await fc.assert(
      fc.asyncProperty(configuration, async given => {
        const world = worldOf(given)
        const body = { model: given.model, messages: [{ role: 'user', content: given.content }] }
        const told = world.explain(body, given.headers)
        const answer = await world.run(body, given.headers)
        // Each provider fails, so that the call goes through all that it may go to.
        const tried = world.calls.map(({ provider, body }) => `${provider}/${body.model}`)
        expect(tried).toEqual(told.order)
        // And each is held at what was told, by whatever prices.
        const holds = told.order.map(name => {
          const one = told.candidates.find(({ provider, model }) => `${provider}/${model}` === name)
          return Math.round((one?.estimated_hold_usd ?? -1) * 1e9)
        })
        expect(world.holds).toEqual(holds)
        expect('thrown' in answer ? toGatewayError(answer.thrown).code : undefined).toBe(told.refusal?.code)
        const kept = told.candidates.filter(one => one.is_kept).map(({ provider, model }) => `${provider}/${model}`)
        expect(kept.sort()).toEqual(told.refusal ? expect.anything() : [...told.order].sort())
        expect(told.candidates.filter(one => one.is_kept === (one.dropped !== null))).toEqual([])
        count(told, given, seen)
      }),
      { numRuns: 500 },
    )
    // Or the property would hold of nothing.
    for (const times of Object.values(seen)) expect(times).toBeGreaterThan(10)
  })

  it('says of each candidate why it is not taken', ({ expect }) => {
    const world = worldOf({
      ...{
        grants: {},
        rules: [],
        resting: ['azure'],
        balance: 'price',
        fallbacks: [GROQ, 'azure/nope'],
        isActive: true,
      },
      ...PLAIN,
      ...{ model: '', headers: {}, content: '' },
    })
    const open = { weight: null, blacklistedModels: [] }
    world.snapshot.providers = [
      { provider: 'openai', ...open, allowedModels: ['gpt-4o-mini'] },
      { provider: 'azure', ...open, allowedModels: ['*'] },
    ]
    const told = world.explain({ model: 'gpt-4o-mini' })
    const reasons = told.candidates.map(({ provider, model, dropped }) => [`${provider}/${model}`, dropped?.code])
    expect(Object.fromEntries(reasons)).toEqual({
      [OPENAI]: undefined,
      'azure/gpt-4o-mini': undefined,
      [GROQ]: 'provider_blocked',
      'azure/nope': 'model_not_found',
    })
    expect(told.order).toEqual([OPENAI, 'azure/gpt-4o-mini'])
    const [first] = told.candidates
    expect(first).toMatchObject({ region: null, residency: null, health: { is_resting: false }, is_kept: true })
    expect(first?.estimated_hold_usd).toBeGreaterThan(0)
    expect(first?.price_pico_usd).toMatchObject({ input: 150_000, output: 600_000 })
    expect(told.candidates[1]?.health.is_resting).toBe(true)
    const inEurope = world.explain({ model: 'gpt-4o-mini' }, { 'x-residency': 'eu' })
    expect(inEurope).toMatchObject({ order: [], refusal: { code: 'residency_unavailable' } })
    expect(new Set(inEurope.candidates.map(one => one.dropped?.code))).toContain('residency_unavailable')
  })

  it('names the rule that sends a request elsewhere, and what it takes it from', ({ expect }) => {
    const targets = [{ provider: 'groq', model: 'llama-3.1-8b-instant', keyId: null, weight: 1 }]
    const rules = [
      { expression: 'model > 1', targets, fallbacks: [], isChained: false },
      { expression: 'provider == "openai"', targets, fallbacks: [], isChained: false },
    ]
    const open = { weight: null, blacklistedModels: [], allowedModels: ['*'], keyIds: undefined }
    const given = {
      ...PLAIN,
      rules,
      resting: [],
      balance: null,
      fallbacks: [],
      isActive: true,
      model: '',
      headers: {},
      content: '',
    }
    const told = worldOf({ ...given, grants: { openai: open, groq: open } }).explain()
    expect(told).toMatchObject({
      ...{ requested_model: OPENAI, routed_model: GROQ, rule: { id: 'r1', name: 'rule 1' }, order: [GROQ] },
      rules: [
        { id: 'r0', verdict: 'skipped', why: expect.any(String) },
        { id: 'r1', verdict: 'matched', provider: 'openai', model: 'gpt-4o-mini' },
      ],
    })
    expect(told.candidates.map(one => [one.provider, one.dropped?.code])).toEqual([
      ['groq', undefined],
      ['openai', 'rule'],
    ])
  })
})

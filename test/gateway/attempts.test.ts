import fc from 'fast-check'
import { afterEach, beforeEach, describe, it, vi } from 'vitest'
import { DEFAULT_RELIABILITY, type Reliability } from '../../workers/core/snapshot.ts'
import { toGatewayError } from '../../workers/errors/gateway-error.ts'
import { Course } from '../../workers/gateway/attempts/course.ts'
import { type Failure, failedAnswer, remedyOf, verdictOn } from '../../workers/gateway/attempts/failure.ts'
import { untilFirstToken } from '../../workers/gateway/attempts/first-token.ts'
import { RetryBudget } from '../../workers/gateway/attempts/retry-budget.ts'
import { wishOf, wishWith } from '../../workers/gateway/attempts/wish.ts'
import type { AdmittedCall } from '../../workers/gateway/call.ts'
import { UNADJUSTED } from '../../workers/gateway/on-exceed.ts'
import { type BalanceRule, balanced, restingLast } from '../../workers/gateway/routing/balance.ts'
import type { Route } from '../../workers/gateway/routing/route-to.ts'
import { openaiStreamReader } from '../../workers/providers/openai/stream-reader.ts'
import { type Deed, GROQ, OPENAI, type Seen, WHOLE_STREAM, World } from './attempt-world.ts'

const status = (code: number | null, over: Partial<Failure> = {}): Failure => {
  return { reason: 'status', status: code, retryAfterMs: null, ...over }
}

describe('a failure', () => {
  const none = { retry: false, otherKey: false, fallBack: false }
  const elsewhere = { ...none, fallBack: true }
  const again = { ...elsewhere, retry: true }
  const otherKey = { ...elsewhere, otherKey: true }

  it.for([
    ...[400, 405, 409, 414, 415, 422, 431].map(code => [code, none, 'well'] as const),
    ...[401, 402, 403].map(code => [code, otherKey, 'well'] as const),
    [429, { ...again, otherKey: true }, 'well'] as const,
    // A redirect is no answer, and will not become one; a body too large for one may fit another.
    ...[301, 307, 404, 410, 413, 451].map(code => [code, elsewhere, 'well'] as const),
    [408, again, 'ill'] as const,
    [425, again, 'well'] as const,
    ...[500, 502, 503, 504, 520, 529].map(code => [code, again, 'ill'] as const),
  ])('of status %s has its remedy, and says what it says of the provider', ([code, remedy, verdict], { expect }) => {
    expect(remedyOf(status(code))).toEqual(remedy)
    expect(verdictOn(status(code))).toBe(verdict)
  })

  it('without an answer may be tried again; a key that does not open says nothing of its provider', ({ expect }) => {
    for (const reason of ['unreachable', 'timeout', 'broken', 'unreadable'] as const) {
      expect(remedyOf({ reason, status: null, retryAfterMs: null })).toEqual(again)
      expect(verdictOn({ reason, status: null, retryAfterMs: null })).toBe('ill')
    }
    const key: Failure = { reason: 'key', status: null, retryAfterMs: null }
    expect([remedyOf(key), verdictOn(key)]).toEqual([otherKey, 'untold'])
  })

  it('says how long its provider asked to be left alone, in either unit, as a date, or not at all', ({ expect }) => {
    const nowMs = Date.UTC(2026, 10, 26)
    const of = (headers: Record<string, string>) =>
      failedAnswer(new Response('', { status: 429, headers }), nowMs).retryAfterMs
    expect(of({ 'retry-after': '2' })).toBe(2000)
    expect(of({ 'retry-after': '0.5' })).toBe(500)
    expect(of({ 'retry-after': '2', 'retry-after-ms': '150' })).toBe(150)
    expect(of({ 'retry-after': new Date(nowMs + 7000).toUTCString() })).toBe(7000)
    expect(of({ 'retry-after': new Date(nowMs - 7000).toUTCString() })).toBe(0)
    for (const junk of ['soon', '-3', '1e9', '']) expect(of({ 'retry-after': junk })).toBeOneOf([null, 0])
    expect(of({})).toBeNull()
  })
})

describe('the retry budget', () => {
  it('lets ten go, then one for every five first attempts, and no tenant takes another’s', ({ expect }) => {
    const budget = new RetryBudget()
    const [mine, other] = [
      { tenantId: 'a', provider: 'p' },
      { tenantId: 'b', provider: 'p' },
    ]
    const taken = Array.from({ length: 12 }, () => budget.take(mine))
    expect(taken.filter(Boolean)).toHaveLength(10)
    for (let first = 0; first < 6; first++) budget.earn(mine)
    expect([budget.take(mine), budget.take(mine)]).toEqual([true, false])
    expect(budget.take(other)).toBe(true)
  })
})

const keyNamed = (id: string) => ({
  ...{ id, name: id, weight: 1, models: ['*'], blacklistedModels: [] },
  open: () => Promise.reject(new Error('not opened')),
})

function routeOf(name: string, ids: string[] = ['one']): Route {
  const [provider = '', model = ''] = name.split('/')
  const keys = ids.map(keyNamed)
  return { provider: { name: provider }, model, keys, key: keys[0] } as unknown as Route
}

function admittedOf(route: Route, rest: Route[] = []): AdmittedCall {
  return { route, rest, adjustment: UNADJUSTED } as unknown as AdmittedCall
}

function courseOf(over: Partial<Reliability> = {}, { mayRetry = true, random = 0.5 } = {}) {
  const reliability = { ...DEFAULT_RELIABILITY, ...over }
  return new Course({ reliability, startMs: 0, random: () => random, mayRetry: () => mayRetry })
}

describe('the course of a call', () => {
  const [a, b, c] = [routeOf('a/m'), routeOf('b/m'), routeOf('c/m')]

  it('tries the same again with waits that double and are drawn anew, then falls back, then ends', ({ expect }) => {
    const course = courseOf({ maxRetries: 3 }, { random: 1 })
    const steps = [1, 2, 3].map(() => course.next(admittedOf(a, [b]), status(500), 0))
    expect(steps.map(step => [step?.targets, step?.waitMs])).toEqual([
      [['a/m', 'b/m'], 250],
      [['a/m', 'b/m'], 500],
      [['a/m', 'b/m'], 1000],
    ])
    expect(course.next(admittedOf(a, [b]), status(500), 0)).toMatchObject({ targets: ['b/m'], waitMs: 0 })
    expect(courseOf().next(admittedOf(a), status(500), 0)).toBeUndefined()
  })

  it('waits as long as it was asked, and a part more; not where that is too long, or past its deadline', ({
    expect,
  }) => {
    const asked = (retryAfterMs: number, over: Partial<Reliability> = {}) =>
      courseOf({ maxRetries: 1, ...over }).next(admittedOf(a), status(429, { retryAfterMs }), 0)?.waitMs
    expect(asked(3000)).toBe(3125)
    expect(asked(0)).toBe(125)
    expect(asked(20_001)).toBeUndefined()
    expect(asked(3000, { deadlineMs: 3000 })).toBeUndefined()
    const late = courseOf({ maxRetries: 1, deadlineMs: 100 })
    expect(late.next(admittedOf(a, [b]), status(500), 100)).toBeUndefined()
    expect(late.next(admittedOf(a, [b]), status(500), 99)?.targets).toEqual(['b/m'])
  })

  it('falls back where the retry budget is empty, and takes nothing of it for a wait that would be too long', ({
    expect,
  }) => {
    const course = courseOf({ maxRetries: 3 }, { mayRetry: false })
    expect(course.next(admittedOf(a, [b]), status(500), 0)?.targets).toEqual(['b/m'])
    let asked = 0
    const counting = new Course({
      ...{ reliability: { ...DEFAULT_RELIABILITY, maxRetries: 3, deadlineMs: 100 }, startMs: 0, random: () => 1 },
      mayRetry: () => ++asked > 0,
    })
    expect(counting.next(admittedOf(a, [b]), status(500), 0)?.targets).toEqual(['b/m'])
    expect(asked).toBe(0)
  })

  it('takes each other key that may be used once, and never goes round', ({ expect }) => {
    const [one, two, three] = ['one', 'two', 'three'].map(keyNamed)
    const course = courseOf()
    const at = (key: unknown) => admittedOf({ ...routeOf('a/m', ['one', 'two', 'three']), key } as Route, [b])
    expect(course.next(at(one), status(401), 0)).toMatchObject({ targets: ['a/m', 'b/m'], avoid: ['one'], waitMs: 0 })
    expect(course.next(at(two), status(429), 0)).toMatchObject({ avoid: ['one', 'two'] })
    expect(course.next(at(three), status(403), 0)).toMatchObject({ targets: ['b/m'] })
    expect(courseOf().next(admittedOf(a), status(401), 0)).toBeUndefined()
  })

  it('asks nobody for a fallback who was asked already, as a hedge may have', ({ expect }) => {
    const course = courseOf()
    for (const route of [a, b]) course.begin(admittedOf(route))
    expect(course.next(admittedOf(a, [b, c]), status(500), 0)?.targets).toEqual(['c/m'])
    expect(course.beside(admittedOf(a, [b, c]))).toMatchObject({ targets: ['c/m', 'a/m'], avoid: ['one'] })
    expect(course.mayGoOn(admittedOf(a, [b]))).toBe(false)
    expect(course.mayGoOn(admittedOf(a, [c]))).toBe(true)
  })
})

describe('the order of routes', () => {
  const names = ['heavy', 'light', 'unweighted']
  const weights: Record<string, number | null> = { heavy: 3, light: 1, unweighted: null }
  const routes = names.map(name => routeOf(`${name}/m`))
  const rule = (over: Partial<BalanceRule>): BalanceRule => {
    const providers = names.map(provider => {
      return { provider, weight: weights[provider] ?? null, allowedModels: ['*'], blacklistedModels: [] }
    })
    return {
      ...{ balance: 'weight', snapshot: { providers } as unknown as BalanceRule['snapshot'], random: () => 0.5 },
      ...{ conditionOf: () => ({ isResting: false, latencyMs: null, inFlight: 0 }), costOf: () => 0 },
      ...over,
    }
  }
  const order = (list: Route[]) => list.map(({ provider }) => provider.name)

  it('by weight draws each as often as it weighs, and one without a weight never', ({ expect }) => {
    // A generator of its own (Park and Miller, 1988), so that the draw is the same every time.
    let seed = 20_261_126
    const random = () => {
      seed = (seed * 48_271) % 2_147_483_647
      return seed / 2_147_483_647
    }
    const draws = 8000
    let heavy = 0
    for (let draw = 0; draw < draws; draw++) {
      const drawn = order(balanced(routes, rule({ random })))
      expect(drawn).toHaveLength(2)
      if (drawn[0] === 'heavy') heavy++
    }
    // Chi-squared of one degree of freedom, at one in a thousand.
    const [expected, other] = [0.75 * draws, 0.25 * draws]
    const square = (heavy - expected) ** 2 / expected + (draws - heavy - other) ** 2 / other
    expect(square).toBeLessThan(10.83)
  })

  it('by price, latency and load takes the least, and leaves equals as they were', ({ expect }) => {
    const values: Record<string, number> = { heavy: 30, light: 10, unweighted: 20 }
    const at = ({ provider }: Route) => values[provider.name] ?? 0
    const sorted = ['light', 'unweighted', 'heavy']
    expect(order(balanced(routes, rule({ balance: 'price', costOf: at })))).toEqual(sorted)
    const conditionOf = (route: Route) => ({ isResting: false, latencyMs: at(route), inFlight: at(route) })
    expect(order(balanced(routes, rule({ balance: 'latency', conditionOf })))).toEqual(sorted)
    expect(order(balanced(routes, rule({ balance: 'least_busy', conditionOf })))).toEqual(sorted)
    expect(order(balanced(routes, rule({ balance: 'price' })))).toEqual(names)
  })

  it('has those that rest last, and leaves none out', ({ expect }) => {
    fc.assert(
      fc.property(fc.subarray(names), resting => {
        const conditionOf = ({ provider }: Route) => {
          return { isResting: resting.includes(provider.name), latencyMs: null, inFlight: 0 }
        }
        const ordered = order(restingLast(routes, { conditionOf }))
        expect(ordered).toEqual([...names.filter(name => !resting.includes(name)), ...resting])
      }),
    )
  })
})

describe('what a request wishes', () => {
  const code = (work: () => unknown) => {
    try {
      return work()
    } catch (thrown) {
      const { code: said, extras } = toGatewayError(thrown)
      return [said, extras.param]
    }
  }

  it('is read from its headers, and refused by the header’s name where it is no such thing', ({ expect }) => {
    const headers = new Headers({
      ...{ 'x-weir-max-retries': '2', 'x-weir-timeout-ms': '9', 'x-weir-first-token-ms': '8', 'x-weir-answer-ms': '7' },
      ...{ 'x-weir-hedge-after-ms': '6', 'x-weir-balance': 'price', 'x-weir-fallbacks': 'a/b, c/d/e' },
    })
    expect(wishOf(headers)).toEqual({
      ...{ maxRetries: 2, deadlineMs: 9, firstTokenMs: 8, answerMs: 7, hedgeAfterMs: 6, balance: 'price' },
      fallbacks: ['a/b', 'c/d/e'],
    })
    expect(wishOf(new Headers())).toEqual({})
    for (const [name, value] of [
      ['x-weir-max-retries', '6'],
      ['x-weir-max-retries', '-1'],
      ['x-weir-timeout-ms', '0'],
      ['x-weir-answer-ms', '1e3'],
      ['x-weir-hedge-after-ms', '3600001'],
      ['x-weir-balance', 'best'],
      ['x-weir-fallbacks', 'gpt-4o'],
      ['x-weir-fallbacks', Array.from({ length: 9 }, () => 'a/b').join(',')],
    ] as const) {
      expect(code(() => wishOf(new Headers({ [name]: value })))).toEqual(['header_invalid', name])
    }
  })

  it('of fallbacks may be in the body, where no vendor finds it; a header is heard first', ({ expect }) => {
    const raw: Record<string, unknown> = { model: 'm', fallbacks: ['a/b'] }
    expect(wishWith({}, raw)).toEqual({ fallbacks: ['a/b'] })
    expect(raw).toEqual({ model: 'm' })
    expect(wishWith({ fallbacks: ['c/d'] }, { fallbacks: ['a/b'] })).toEqual({ fallbacks: ['c/d'] })
    const nothing: Record<string, unknown> = { fallbacks: null }
    expect([wishWith({}, nothing), nothing]).toEqual([{}, {}])
    for (const fallbacks of ['a/b', {}, [1], ['bare'], 3])
      expect(code(() => wishWith({}, { fallbacks }))).toEqual(['request_invalid', 'fallbacks'])
  })
})

async function restOf(body: ReadableStream<Uint8Array>): Promise<Uint8Array<ArrayBuffer>[]> {
  const [reader, rest] = [body.getReader(), [] as Uint8Array<ArrayBuffer>[]]
  for (let next = await reader.read(); next.value; next = await reader.read()) rest.push(new Uint8Array(next.value))
  return rest
}

describe('a stream that is held back', () => {
  const bytes = new TextEncoder().encode(WHOLE_STREAM)

  it('is given on byte for byte, however it was cut, and no later than its first token', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(bytes.length), { maxLength: 30 }), async cuts => {
        const at = [...new Set([0, ...cuts, bytes.length])].sort((x, y) => x - y)
        const chunks = at.slice(1).map((end, index) => bytes.subarray(at[index], end))
        const left = [...chunks]
        const body = new ReadableStream<Uint8Array>(
          {
            pull(controller) {
              const next = left.shift()
              if (next) controller.enqueue(next)
              else controller.close()
            },
          },
          { highWaterMark: 0 },
        )
        const begun = await untilFirstToken(body, openaiStreamReader())
        expect(begun.failure).toBeUndefined()
        const read = chunks.slice(0, chunks.length - left.length)
        const before = new TextDecoder().decode(new Uint8Array(await new Blob(read.slice(0, -1)).arrayBuffer()))
        // Without the last chunk that was read there was no whole event with a token in it.
        expect(before).not.toMatch(/"content":"Hi "[^\n]*\n\n/)
        const all = new Blob([...begun.held, ...(await restOf(body))])
        expect(new Uint8Array(await all.arrayBuffer())).toEqual(bytes)
      }),
      { numRuns: 60 },
    )
  })
})

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

const outcomes = ({ settled }: World) =>
  settled.map(({ attempt, draft, outcome }) => `${attempt} ${draft.provider} ${outcome}`)
const told = (seen: Seen) => ('thrown' in seen ? toGatewayError(seen.thrown).code : seen.status)

describe('a call', () => {
  it('asks its key’s meter twice where its first attempt answers, and twice more for each other', async ({
    expect,
  }) => {
    for (const isStream of [false, true]) {
      const deeds = { openai: [{ does: 'answers' }] satisfies Deed[] }
      const reliability = { maxRetries: 2, hedgeAfterMs: 500, fallbacks: [GROQ] }
      const quick = new World({ deeds, reliability, isStream })
      await quick.run()
      expect(quick.asked).toEqual(['admit', 'settle'])
      const failing = new World({ deeds: { openai: [{ does: 500 }, { does: 'answers' }] }, reliability, isStream })
      await failing.run()
      expect(failing.asked).toEqual(['admit', 'settle', 'admit', 'settle'])
    }
  })

  it('tries another key of the provider after a 401, and only one that it may use', async ({ expect }) => {
    const deeds = { openai: [{ does: 401 }, { does: 'answers' }] satisfies Deed[] }
    const free = new World({ deeds, keys: { openai: ['one', 'two'] } })
    expect(told(await free.run())).toBe(200)
    expect(new Set(free.calls.map(({ key }) => key)).size).toBe(2)
    const bound = new World({ deeds, keys: { openai: ['one', 'two'] }, keyIds: { openai: ['one'] } })
    expect(told(await bound.run())).toBe(401)
    expect(bound.calls.map(({ key }) => key)).toEqual(['one'])
  })

  it('whose client has left sends nothing after a wait, or a failure, and is settled', async ({ expect }) => {
    const deeds = {
      openai: [{ does: 500, retryAfter: '5' }] satisfies Deed[],
      groq: [{ does: 'answers' }] satisfies Deed[],
    }
    const waiting = new World({ deeds, reliability: { maxRetries: 2 } })
    setTimeout(() => waiting.gone.abort(), 1000)
    await waiting.run()
    expect(waiting.calls).toHaveLength(1)
    const failing = new World({
      deeds: { ...deeds, openai: [{ ms: 500, does: 500 }] },
      reliability: { fallbacks: [GROQ] },
    })
    setTimeout(() => failing.gone.abort(), 100)
    await failing.run()
    expect(failing.calls).toHaveLength(1)
    for (const { held, twice } of [waiting, failing]) expect([held.size, twice]).toEqual([0, []])
    expect(vi.getTimerCount()).toBe(0)
  })

  it('whose client leaves a stream before its first token is read on for its time, then cut and charged its hold', async ({
    expect,
  }) => {
    const deeds = { openai: [{ does: 'stalls' }] satisfies Deed[], groq: [{ does: 'answers' }] satisfies Deed[] }
    const world = new World({ deeds, reliability: { fallbacks: [GROQ] }, isStream: true, drainMs: 1500 })
    setTimeout(() => world.gone.abort(), 100)
    const startMs = Date.now()
    await world.run()
    expect(Date.now() - startMs).toBeGreaterThanOrEqual(1600)
    expect(outcomes(world)).toEqual(['1 openai assumed'])
    expect(world.calls).toHaveLength(1)
  })

  it('is refused its next attempt by a key that was revoked in between', async ({ expect }) => {
    const deeds = { openai: [{ ms: 500, does: 503 }] satisfies Deed[], groq: [{ does: 'answers' }] satisfies Deed[] }
    const world = new World({ deeds, reliability: { fallbacks: [GROQ] } })
    setTimeout(() => (world.snapshot = { ...world.snapshot, version: 2, isActive: false }), 200)
    const seen = await world.run()
    expect(told(seen)).toBe(503)
    expect('text' in seen && seen.text).toContain('failed 503')
    expect(outcomes(world)).toEqual(['1 openai provider_error'])
  })

  it('is retried by its budget alone, and each later call earns a fifth of a retry', async ({ expect }) => {
    const world = new World({ deeds: { openai: [{ does: 500 }] }, reliability: { maxRetries: 5 } })
    for (let call = 0; call < 4; call++) await world.run()
    const { length } = world.calls
    // Ten at first, and five fifths... of four calls not even one: each first attempt is one more.
    expect(length).toBe(4 + 10)
    for (let call = 0; call < 10; call++) await world.run()
    expect(world.calls.length - length).toBe(10 + 2)
  })

  it('takes its best fallback where its first choice may not be used at all', async ({ expect }) => {
    const deeds = { openai: [{ does: 'answers' }] satisfies Deed[], groq: [{ does: 'answers' }] satisfies Deed[] }
    const world = new World({ deeds, keyIds: { openai: [] }, reliability: { fallbacks: ['nobody/x', GROQ, GROQ] } })
    expect(told(await world.run())).toBe(200)
    expect(world.calls.map(({ provider }) => provider)).toEqual(['groq'])
    const resting = new World({ deeds, resting: ['openai'], reliability: { fallbacks: [OPENAI, GROQ] } })
    await resting.run()
    expect(resting.calls.map(({ provider }) => provider)).toEqual(['groq'])
    const full = new World({ deeds, reliability: { fallbacks: [GROQ] } })
    full.mayAdmit = () => false
    expect(told(await full.run())).toBe('budget_exceeded')
    expect(full.calls).toHaveLength(0)
  })

  it('that is hedged twice over settles every loser, and sends none for an answer that came in time', async ({
    expect,
  }) => {
    const slow: Deed[] = [
      { ms: 400, does: 500 },
      { ms: 700, does: 'answers' },
    ]
    const deeds = { openai: slow, groq: [{ ms: 300, does: 503 }, { does: 'is silent' }] satisfies Deed[] }
    const world = new World({
      deeds,
      reliability: { hedgeAfterMs: 100, maxRetries: 1, answerMs: 1500, fallbacks: [GROQ] },
    })
    await world.run()
    expect(world.calls.length).toBeGreaterThanOrEqual(4)
    expect([world.held.size, world.twice]).toEqual([0, []])
    expect(vi.getTimerCount()).toBe(0)
  })
})

const deed: fc.Arbitrary<Deed> = fc.record({
  ms: fc.constantFrom(0, 0, 120, 600),
  does: fc.constantFrom<Deed['does']>(
    ...([400, 401, 404, 429, 500, 503, 'answers', 'answers', 'refuses to connect', 'is silent', 'stalls'] as const),
    ...(['closes', 'errs', 'breaks later'] as const),
  ),
})
const maybeMs = (...values: number[]) => fc.constantFrom(null, ...values)
const script = fc.record({
  openai: fc.array(deed, { minLength: 1, maxLength: 4 }),
  groq: fc.array(deed, { minLength: 1, maxLength: 3 }),
  maxRetries: fc.nat(2),
  hedgeAfterMs: maybeMs(100, 400),
  deadlineMs: maybeMs(500),
  isStream: fc.boolean(),
  leavesAtMs: maybeMs(50, 300, 900),
  refusedAttempt: fc.constantFrom(0, 0, 2, 3),
  keys: fc.constantFrom<string[]>(['one'], ['one', 'two']),
})

type Script = typeof script extends fc.Arbitrary<infer One> ? One : never

function worldOf({ openai, groq, isStream, leavesAtMs, refusedAttempt, keys, ...rest }: Script): World {
  const reliability = { ...rest, answerMs: 1500, firstTokenMs: 1500, fallbacks: [GROQ] }
  const world = new World({ deeds: { openai, groq }, reliability, isStream, keys: { openai: keys } })
  world.mayAdmit = attempt => attempt !== refusedAttempt
  if (leavesAtMs !== null) setTimeout(() => world.gone.abort(), leavesAtMs)
  return world
}

// Each of two routes as often as it may be retried, and a second key; each beside a hedge.
function mostCalls({ maxRetries, keys, hedgeAfterMs }: Script): number {
  return (2 * (1 + maxRetries) + keys.length - 1) * (hedgeAfterMs === null ? 1 : 2)
}

const isServed = ({ settled }: World) => settled.some(({ success }) => success)

describe('whatever providers, limits and clients do', () => {
  it('every attempt that was held is settled or released once, and nothing goes on afterwards', async ({ expect }) => {
    await fc.assert(
      fc.asyncProperty(script, async one => {
        vi.clearAllTimers()
        const world = worldOf(one)
        const seen = await world.run()
        const { settled, released, calls } = world
        expect([world.held.size, world.twice]).toEqual([0, []])
        // What was sent has an event, what has an event was sent; and a provider's health heard of each.
        expect(settled).toHaveLength(calls.length)
        expect(world.ends.length).toBeLessThanOrEqual(settled.length + released.length)
        expect(world.ends.length).toBeGreaterThanOrEqual(settled.length)
        const attempts = [...settled.map(({ attempt }) => attempt), ...released]
        expect(new Set(attempts).size).toBe(attempts.length)
        expect(calls.length).toBeLessThanOrEqual(mostCalls(one))
        // The test's own may be left, of a client that would have gone later.
        if (one.leavesAtMs === null) expect(vi.getTimerCount()).toBe(0)
        if (one.leavesAtMs === null && isServed(world)) expect(told(seen)).toBe(200)
      }),
      { numRuns: 120 },
    )
  }, 60_000)
})

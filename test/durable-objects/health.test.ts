import { env } from 'cloudflare:workers'
import { describe, it } from 'vitest'
import { ProviderHealth } from '../../workers/bindings/health-client.ts'
import { type HealthSample, NO_SAMPLE } from '../../workers/core/health/circuit.ts'
import type { Health, HealthEnd, HealthReport } from '../../workers/core/health/health-protocol.ts'

const T0 = Date.UTC(2026, 10, 26)
const newObject = () => env.HEALTH.getByName(`${crypto.randomUUID()}/provider:p/-`)

function reportOf(isolate: string, nowMs: number, over: Partial<HealthReport & HealthSample> = {}): HealthReport {
  const { inFlight = 0, limitedUntilMs = 0, ...counts } = over
  return { isolate, sample: { ...NO_SAMPLE, ...counts }, inFlight, limitedUntilMs, nowMs }
}

describe('HealthObject', () => {
  it('opens its circuit by what all isolates have seen together, and says so to each', async ({ expect }) => {
    const object = newObject()
    for (const isolate of ['a', 'b']) await object.report(reportOf(isolate, T0, { failures: 2 }))
    expect(await object.read(T0)).toMatchObject({ state: 'closed', attempts: 4 })
    expect(await object.report(reportOf('c', T0, { failures: 1 }))).toMatchObject({ state: 'open' })
    expect(await object.read(T0 + 10_000)).toMatchObject({ state: 'half_open' })
    const probed = await object.report(reportOf('a', T0 + 10_001, { successes: 1 }))
    expect(probed).toMatchObject({ state: 'closed', attempts: 0 })
  })

  it('adds up what isolates have in flight, once each, and forgets one that has gone', async ({ expect }) => {
    const object = newObject()
    await object.report(reportOf('a', T0, { inFlight: 9 }))
    await object.report(reportOf('a', T0 + 1, { inFlight: 2 }))
    expect(await object.report(reportOf('b', T0 + 30_000, { inFlight: 3 }))).toMatchObject({ inFlight: 5 })
    expect(await object.read(T0 + 61_000)).toMatchObject({ inFlight: 3 })
  })

  it('tells all of a limit that one has met', async ({ expect }) => {
    const object = newObject()
    await object.report(reportOf('a', T0, { limitedUntilMs: T0 + 5000 }))
    expect(await object.report(reportOf('b', T0))).toMatchObject({ limitedUntilMs: T0 + 5000, state: 'closed' })
  })

  it('is one for each tenant', async ({ expect }) => {
    const [mine, other] = [newObject(), newObject()]
    await mine.report(reportOf('a', T0, { failures: 9 }))
    expect(await other.read(T0)).toMatchObject({ state: 'closed', attempts: 0 })
  })
})

const well: HealthEnd = { verdict: 'well', latencyMs: 100, limitedUntilMs: 0 }
const ill: HealthEnd = { verdict: 'ill', latencyMs: null, limitedUntilMs: 0 }

/** What an isolate knows, with what it has said; `settle` waits until it was heard. */
function isolateOf(object: Health, name = 'a') {
  const said: HealthReport[] = []
  const tasks: Promise<unknown>[] = []
  const spied: Health = {
    read: nowMs => object.read(nowMs),
    report: report => {
      said.push(report)
      return object.report(report)
    },
  }
  const health = new ProviderHealth(name, () => spied)
  const attempt = (nowMs: number, end: HealthEnd) => {
    health.begin(nowMs)
    health.end(end, { nowMs, after: task => tasks.push(task) })
  }
  return { health, said, attempt, settle: () => Promise.all(tasks) }
}

describe('an isolate', () => {
  it('speaks of a provider that is well once in a quarter of a minute, and loses nothing it has seen', async ({
    expect,
  }) => {
    const { said, attempt, settle } = isolateOf(newObject())
    for (let at = 0; at <= 45_000; at += 100) attempt(T0 + at, well)
    await settle()
    expect(said.map(({ nowMs }) => nowMs - T0)).toEqual([0, 15_000, 30_000, 45_000])
    expect(said.map(({ sample }) => sample.successes)).toEqual([1, 150, 150, 150])
  })

  it('speaks of failures at once, but four times a second at most', async ({ expect }) => {
    const { said, attempt, settle } = isolateOf(newObject())
    for (let at = 0; at < 1000; at += 10) attempt(T0 + at, ill)
    await settle()
    expect(said.length).toBe(4)
  })

  it('lets a provider rest whose circuit is open, then one attempt find out, and all go when it was well', async ({
    expect,
  }) => {
    const object = newObject()
    const { health, attempt, settle } = isolateOf(object)
    await object.report(reportOf('other', T0, { failures: 4 }))
    expect(health.condition(T0).isResting).toBe(false)
    attempt(T0, ill)
    await settle()
    expect(health.condition(T0 + 9_999).isResting).toBe(true)
    expect(health.condition(T0 + 10_000).isResting).toBe(false)
    health.begin(T0 + 10_000)
    expect(health.condition(T0 + 10_001).isResting).toBe(true)
    const tasks: Promise<unknown>[] = []
    health.end(well, { nowMs: T0 + 10_500, after: task => tasks.push(task) })
    await Promise.all(tasks)
    expect(health.condition(T0 + 10_501).isResting).toBe(false)
  })

  it('lets the next find out where a probe has not come so far as its provider', async ({ expect }) => {
    const object = newObject()
    const { health, attempt, settle } = isolateOf(object)
    await object.report(reportOf('other', T0, { failures: 4 }))
    attempt(T0, ill)
    await settle()
    attempt(T0 + 10_000, { verdict: 'untold', latencyMs: null, limitedUntilMs: 0 })
    await settle()
    expect(health.condition(T0 + 10_001).isResting).toBe(false)
  })

  it('lets a provider rest for as long as it asked, whatever an object knows', async ({ expect }) => {
    const unreachable: Health = {
      report: () => Promise.reject(new Error('away')),
      read: () => Promise.reject(new Error('away')),
    }
    const { health, attempt, settle } = isolateOf(unreachable)
    attempt(T0, { verdict: 'well', latencyMs: null, limitedUntilMs: T0 + 3000 })
    await settle()
    expect([health.condition(T0 + 2999).isResting, health.condition(T0 + 3000).isResting]).toEqual([true, false])
  })

  it('counts its own requests in flight at once, those of others as it last heard, and believes no one for ever', async ({
    expect,
  }) => {
    const object = newObject()
    const { health, attempt, settle } = isolateOf(object)
    await object.report(reportOf('other', T0, { inFlight: 5, failures: 9 }))
    attempt(T0, well)
    await settle()
    health.begin(T0 + 1)
    health.begin(T0 + 1)
    expect(health.condition(T0 + 2)).toMatchObject({ isResting: true, inFlight: 7 })
    expect(health.condition(T0 + 61_000)).toMatchObject({ isResting: false, inFlight: 2 })
  })
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import {
  type Circuit,
  type HealthSample,
  type HealthView,
  limited,
  NO_SAMPLE,
  newCircuit,
  observe,
  viewOf,
} from '../../workers/core/health/circuit.ts'
import { healthName } from '../../workers/core/health/health-protocol.ts'

const T0 = Date.UTC(2026, 10, 26)
const sample = (over: Partial<HealthSample>): HealthSample => ({ ...NO_SAMPLE, ...over })
const failures = (count: number) => sample({ failures: count })
const successes = (count: number, latencyMs = 100) =>
  sample({ successes: count, timed: count, latencyMsSum: count * latencyMs })

/** A circuit after reports, each at its time. */
const circuitOf = (...reports: [HealthSample, number][]): Circuit =>
  reports.reduce((circuit, [one, atMs]) => observe(circuit, one, atMs), newCircuit())

const stateAt = (circuit: Circuit, nowMs: number) => viewOf(circuit, nowMs).state

describe('a circuit', () => {
  it('opens where half of five or more attempts failed, and not a failure sooner', ({ expect }) => {
    expect(stateAt(circuitOf([failures(4), T0]), T0)).toBe('closed')
    expect(stateAt(circuitOf([failures(5), T0]), T0)).toBe('open')
    expect(stateAt(circuitOf([successes(4), T0], [failures(3), T0]), T0)).toBe('closed')
    expect(stateAt(circuitOf([successes(4), T0], [failures(4), T0]), T0)).toBe('open')
  })

  it('is half open after ten seconds, and closes with the first success, all failures forgotten', ({ expect }) => {
    const open = circuitOf([failures(5), T0])
    expect(stateAt(open, T0 + 9_999)).toBe('open')
    expect(stateAt(open, T0 + 10_000)).toBe('half_open')
    const closed = observe(open, successes(1), T0 + 10_000)
    expect(viewOf(closed, T0 + 10_000)).toMatchObject({ state: 'closed', attempts: 0, errorRate: 0 })
    expect(stateAt(observe(closed, failures(4), T0 + 10_001), T0 + 10_001)).toBe('closed')
  })

  it('opens for twice as long each time that a probe fails, up to two minutes; and starts anew when it was well', ({
    expect,
  }) => {
    let circuit = circuitOf([failures(5), T0])
    const times: number[] = []
    for (let probe = 0; probe < 6; probe++) {
      const at = circuit.openUntilMs ?? 0
      circuit = observe(circuit, failures(1), at)
      times.push((circuit.openUntilMs ?? 0) - at)
    }
    expect(times).toEqual([20_000, 40_000, 80_000, 120_000, 120_000, 120_000])
    const at = circuit.openUntilMs ?? 0
    const again = observe(observe(circuit, successes(1), at), failures(5), at + 1)
    expect(again.openUntilMs).toBe(at + 1 + 10_000)
  })

  it('heeds nothing of what was begun before it opened, nor a report of nothing while it is half open', ({
    expect,
  }) => {
    const open = circuitOf([failures(5), T0])
    expect(observe(open, successes(100), T0 + 5000).openUntilMs).toBe(open.openUntilMs)
    expect(observe(open, failures(100), T0 + 5000).openUntilMs).toBe(open.openUntilMs)
    expect(stateAt(observe(open, NO_SAMPLE, T0 + 12_000), T0 + 12_000)).toBe('half_open')
  })

  it('forgets after half a minute', ({ expect }) => {
    const seen = circuitOf([failures(4), T0])
    expect(viewOf(seen, T0 + 29_999).attempts).toBe(4)
    expect(viewOf(seen, T0 + 33_000)).toMatchObject({ attempts: 0, errorRate: 0, latencyMs: null })
    expect(stateAt(observe(seen, failures(4), T0 + 33_000), T0 + 33_000)).toBe('closed')
    expect(
      circuitOf(...Array.from({ length: 100 }, (_, n) => [successes(1), T0 + n * 1000] as [HealthSample, number]))
        .buckets.length,
    ).toBeLessThanOrEqual(11)
  })

  it('tells the mean latency of answers alone: a refusal is quick, and says nothing', ({ expect }) => {
    const seen = circuitOf([successes(2, 300), T0], [sample({ successes: 8 }), T0], [failures(1), T0])
    expect(viewOf(seen, T0)).toMatchObject({ attempts: 11, latencyMs: 300 })
  })

  it('keeps the latest time until which its provider is to be left alone, also when it closes', ({ expect }) => {
    const open = limited(limited(circuitOf([failures(5), T0]), T0 + 50_000), T0 + 20_000)
    expect(viewOf(open, T0).limitedUntilMs).toBe(T0 + 50_000)
    expect(observe(open, successes(1), T0 + 10_000).limitedUntilMs).toBe(T0 + 50_000)
  })
})

const isBad = ({ attempts, errorRate }: HealthView) => attempts >= 5 && errorRate >= 0.5

const report = fc.record({
  successes: fc.nat(4),
  failures: fc.nat(4),
  waitMs: fc.constantFrom(0, 100, 2_000, 10_000, 40_000),
})

describe('any course of reports', () => {
  it('opens no circuit on fewer than five attempts in the last half minute, or on fewer failures than half', ({
    expect,
  }) => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 40 }), reports => {
        let [circuit, nowMs] = [newCircuit(), T0]
        for (const { waitMs, ...counts } of reports) {
          nowMs += waitMs
          const wasClosed = stateAt(circuit, nowMs) === 'closed'
          circuit = observe(circuit, sample(counts), nowMs)
          const view = viewOf(circuit, nowMs)
          if (wasClosed) expect(view.state).toBe(isBad(view) ? 'open' : 'closed')
          expect(circuit.openForMs).toBeLessThanOrEqual(120_000)
        }
      }),
    )
  })

  it('closes no circuit by a failure more, and opens none by a failure less', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(report, { maxLength: 10 }), fc.nat(3), (reports, more) => {
        const steps = reports.map(({ waitMs: _, ...counts }) => [sample(counts), T0] as [HealthSample, number])
        const at = (extra: number) => stateAt(circuitOf(...steps, [failures(extra), T0 + 1]), T0 + 1)
        if (at(0) === 'open') expect(at(more)).toBe('open')
        if (at(more) === 'closed') expect(at(0)).toBe('closed')
      }),
    )
  })
})

it('is named tenant first, so that no two tenants share one', ({ expect }) => {
  expect(healthName({ tenantId: 'a', provider: 'p', region: null })).toBe('a/provider:p/-')
  expect(healthName({ tenantId: 'a', provider: 'p', region: 'eu-central-1' })).toBe('a/provider:p/eu-central-1')
})

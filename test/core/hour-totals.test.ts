import fc from 'fast-check'
import { describe, type ExpectStatic, it } from 'vitest'
import { admit } from '../../workers/core/quota/admit.ts'
import { closeHours, type HourTotals } from '../../workers/core/quota/hour-totals.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { expireHolds, type SettleCommand, type Settled, settle } from '../../workers/core/quota/settle.ts'
import { emptyState } from '../../workers/core/quota/state.ts'
import { NO_USAGE, type UsageEvent } from '../../workers/core/usage.ts'
import { HOUR_MS, hourOf } from '../../workers/core/window/hour.ts'
import { eventDraft } from '../support/event-draft.ts'

const T0 = Date.UTC(2026, 10, 21, 12)
const HOLD_MS = 60_000
const KEY = 'virtual_key:k'
const FEATURE = 'feature:f'

function limitOf(unit: Limit['unit'], duration: string, scope = KEY): Limit {
  return { id: `${unit} ${duration}`, scope, unit, max: 1e9, window: { duration, isAligned: true, anchorMs: 0 } }
}

const LIMITS = [
  limitOf('nano_usd', '1d'),
  limitOf('tokens', '1s'),
  limitOf('requests', '1h'),
  limitOf('nano_usd', '100Y', FEATURE),
  limitOf('in_flight', '1d'),
]

type Call = { startMs: number; nano: number; tokens: number; hasFeature: boolean }
type Step =
  | { kind: 'admit' | 'settle' | 'unreachable'; call: number }
  | { kind: 'pass'; ms: number }
  | { kind: 'close' | 'unlimit' }

function callId(n: number, ms: number): string {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
}

/** A meter's state, what it said of its hours, and the events that D1 would have. */
class Run {
  readonly state = emptyState()
  readonly events = new Map<string, UsageEvent>()
  readonly stated = new Map<number, HourTotals>()
  readonly #calls: Call[]
  limits = LIMITS
  nowMs = T0

  constructor(calls: Call[]) {
    this.#calls = calls
    this.state.owns = () => true
    this.state.hours.stated = hourMs => structuredClone(this.stated.get(hourMs))
  }

  #keep(settled: Settled | undefined): void {
    if (settled) this.events.set(settled.event.id, settled.event)
  }

  #commandFor(n: number, { startMs, nano, tokens, hasFeature }: Call) {
    const scopes = hasFeature ? [KEY, FEATURE] : [KEY]
    const need = { nano_usd: nano, tokens, requests: 1, in_flight: 1 }
    const draft = eventDraft({ feature: hasFeature ? 'f' : null })
    const times = { nowMs: this.nowMs, deadlineMs: this.nowMs + HOLD_MS }
    const bound = { inputTokens: tokens, outputTokens: 0 }
    return { callId: callId(n, startMs), attempt: 1, ...times, need, bound, scopes, draft }
  }

  #settle(n: number, call: Call, outcome: 'ok' | 'unreachable'): void {
    const isFree = outcome === 'unreachable'
    const usage = isFree ? NO_USAGE : { ...NO_USAGE, inputTokens: call.tokens >> 1, outputTokens: call.tokens >> 2 }
    const command: SettleCommand = {
      ...this.#commandFor(n, call),
      ...{ outcome, success: !isFree, usage, costNano: isFree ? 0 : call.nano >> 1 },
      ...{ latencyMs: 1, firstByteMs: 1, httpStatus: 200 },
    }
    this.#keep(settle(this.state, this.limits, command))
  }

  take(step: Step): void {
    if (step.kind === 'pass') this.nowMs += step.ms
    if (step.kind === 'unlimit') this.limits = this.limits.slice(1)
    if (step.kind === 'close') {
      for (const hour of closeHours(this.state.hours, () => false, this.nowMs)) this.stated.set(hour.hourMs, hour)
    }
    for (const settled of expireHolds(this.state, this.nowMs)) this.#keep(settled)
    if (!('call' in step)) return
    const call = this.#calls[step.call]
    if (!call) return
    if (step.kind === 'admit') admit(this.state, this.limits, this.#commandFor(step.call, call))
    else this.#settle(step.call, call, step.kind === 'settle' ? 'ok' : 'unreachable')
  }

  totalsOf(hourMs: number): HourTotals | undefined {
    return this.state.hours.open.get(hourMs) ?? this.stated.get(hourMs)
  }
}

function sum(events: UsageEvent[], amount: (event: UsageEvent) => number): number {
  return events.reduce((total, event) => total + amount(event), 0)
}

const USED: Record<Limit['unit'], (event: UsageEvent) => number> = {
  nano_usd: event => event.cost_nano,
  tokens: event => event.input_tokens + event.output_tokens,
  requests: event => Number(event.outcome !== 'unreachable'),
  in_flight: () => 0,
}

function expectEqual(run: Run, expect: ExpectStatic): void {
  for (const [hourMs, events] of Map.groupBy(run.events.values(), event => hourOf(event.timestamp_ms))) {
    const totals = run.totalsOf(hourMs)
    expect(totals).toMatchObject({
      events: events.length,
      costNano: sum(events, event => event.cost_nano),
      inputTokens: sum(events, event => event.input_tokens),
      outputTokens: sum(events, event => event.output_tokens),
    })
    for (const { scope, unit, amount, firstMs, lastMs } of Object.values(totals?.limits ?? {})) {
      const charged = events.filter(
        event =>
          event.admitted_ms >= firstMs && event.admitted_ms <= lastMs && (scope === KEY || event.feature === 'f'),
      )
      expect(amount).toBe(sum(charged, USED[unit]))
    }
  }
}

const aCall: fc.Arbitrary<Call> = fc.record({
  startMs: fc.integer({ min: T0 - HOUR_MS, max: T0 + HOUR_MS }),
  nano: fc.integer({ min: 0, max: 1000 }),
  tokens: fc.integer({ min: 0, max: 100 }),
  hasFeature: fc.boolean(),
})
const ofCall = (kind: 'admit' | 'settle' | 'unreachable') =>
  fc.record({ kind: fc.constant(kind), call: fc.integer({ min: 0, max: 9 }) })
const aStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: ofCall('admit') },
  { weight: 4, arbitrary: ofCall('settle') },
  { weight: 1, arbitrary: ofCall('unreachable') },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: HOUR_MS }) }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('close' as const) }) },
)

describe('the totals of an hour', () => {
  it('equal the sum of its events at every stage: settled, assumed, corrected, stated and opened again', ({
    expect,
  }) => {
    const calls = fc.array(aCall, { minLength: 10, maxLength: 10 })
    let additions = 0
    const property = fc.property(calls, fc.array(aStep, { maxLength: 60 }), (all, steps) => {
      const run = new Run(all)
      for (const step of steps) {
        run.take(step)
        expectEqual(run, expect)
      }
      additions += run.events.size
    })
    fc.assert(property, { numRuns: 300 })
    expect(additions).toBeGreaterThan(300)
  })

  it('survive that the limit is removed while the call is on its way, and say whom it was charged for', ({
    expect,
  }) => {
    const run = new Run([{ startMs: T0, nano: 100, tokens: 8, hasFeature: true }])
    run.take({ kind: 'admit', call: 0 })
    run.take({ kind: 'unlimit' })
    run.take({ kind: 'settle', call: 0 })
    const [day] = Object.values(run.totalsOf(T0)?.limits ?? {})
    expect(day).toEqual({
      limitId: 'nano_usd 1d',
      scope: KEY,
      unit: 'nano_usd',
      startMs: T0 - 12 * HOUR_MS,
      amount: 50,
      firstMs: T0,
      lastMs: T0,
    })
  })

  it('are stated ten minutes after the hour when nothing more is to come, and after two hours in any case', ({
    expect,
  }) => {
    const run = new Run([{ startMs: T0, nano: 1, tokens: 1, hasFeature: false }])
    run.take({ kind: 'settle', call: 0 })
    const at = (minutes: number, isBusy: boolean) =>
      closeHours(
        structuredClone({ ...run.state.hours, stated: undefined }) as never,
        () => isBusy,
        T0 + minutes * 60_000,
      )
    expect([at(69.9, false), at(70, true), at(179, true)]).toEqual([[], [], []])
    expect([at(70, false), at(180, true)]).toMatchObject([[{ hourMs: T0, revision: 1 }], [{ hourMs: T0, revision: 1 }]])
  })

  it('grow no number for an hour that is not known in full', ({ expect }) => {
    const run = new Run([{ startMs: T0, nano: 1, tokens: 1, hasFeature: false }])
    run.state.hours.sinceMs = T0 + HOUR_MS
    run.take({ kind: 'settle', call: 0 })
    expect([run.events.size, run.totalsOf(T0)]).toEqual([1, undefined])
  })
})

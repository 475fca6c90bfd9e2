import fc from 'fast-check'
import { describe, type ExpectStatic, it } from 'vitest'
import { admit, extendHold, releaseHold, standingOf } from '../../workers/core/quota/admit.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { expireHolds, type SettleCommand, settle } from '../../workers/core/quota/settle.ts'
import { emptyState, type QuotaState } from '../../workers/core/quota/state.ts'
import { type CostDetail, callStartMs, NO_USAGE, type UsageEvent } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const KEY = 'virtual_key:k'
const T0 = Date.UTC(2026, 10, 21, 12)
const HOLD_MS = 60_000

const draft = eventDraft()

function limit(unit: Limit['unit'], max: number, over: Partial<Limit> = {}): Limit {
  return {
    id: `${unit}-${max}`,
    scope: KEY,
    unit,
    max,
    window: { duration: '100Y', isAligned: false, anchorMs: 0 },
    ...over,
  }
}

function callId(n: number, ms = T0): string {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
}

function ask(n: number, nano: number, over: { nowMs?: number; tokens?: number; scopes?: string[] } = {}) {
  const { nowMs = T0, tokens = 10, scopes = [KEY] } = over
  const need = { nano_usd: nano, tokens, requests: 1, in_flight: 1 }
  const bound = { inputTokens: tokens, outputTokens: 0 }
  return { callId: callId(n), attempt: 1, nowMs, deadlineMs: nowMs + HOLD_MS, need, bound, scopes, draft }
}

function truth(n: number, costNano: number, over: Partial<SettleCommand> = {}): SettleCommand {
  const base = {
    callId: callId(n),
    attempt: 1,
    nowMs: T0 + 1000,
    outcome: 'ok',
    success: true,
    costNano,
    latencyMs: 1000,
  } as const
  return {
    ...base,
    usage: { ...NO_USAGE, inputTokens: 3, outputTokens: 2 },
    firstByteMs: 5,
    httpStatus: 200,
    scopes: [KEY],
    draft,
    ...over,
  }
}

const budget = (max: number) => limit('nano_usd', max)
const standing = (state: QuotaState, one: Limit, atMs = T0) => standingOf(state, one, atMs)

describe('what a limit has beside its maximum', () => {
  const HOUR = 3_600_000
  const hourly = (extra?: Limit['extra']): Limit => ({
    ...budget(100),
    window: { duration: '1h', isAligned: true, anchorMs: 0 },
    ...(extra && { extra }),
  })

  it('is there in the windows that it is for, to the nano-dollar, and in no other', ({ expect }) => {
    const limits = [hourly({ amount: 50, fromMs: T0 + HOUR + 5, untilMs: T0 + 3 * HOUR })]
    const most = [0, 1, 2, 3].map(hours => {
      const state = emptyState()
      const at = { nowMs: T0 + hours * HOUR }
      const fits = [100, 101, 150, 151].filter(nano => admit(emptyState(), limits, ask(1, nano, at)).ok)
      admit(state, limits, ask(2, 100, at))
      return [fits.at(-1), standing(state, limits[0] as Limit, at.nowMs).remaining]
    })
    expect(most).toEqual([
      [100, 0],
      [150, 50],
      [150, 50],
      [100, 0],
    ])
  })

  it('takes nothing of what was spent with it, when it goes', ({ expect }) => {
    const state = emptyState()
    const forever = hourly({ amount: 50, fromMs: T0 })
    expect(admit(state, [forever], ask(1, 120)).ok).toBe(true)
    settle(state, [forever], truth(1, 120))
    expect(standing(state, hourly())).toMatchObject({ max: 100, settled: 120, remaining: 0 })
    expect(admit(state, [hourly()], ask(2, 1))).toMatchObject({ ok: false, standing: { max: 100 } })
    expect(admit(state, [forever], ask(3, 30)).ok).toBe(true)
    expect(admit(state, [forever], ask(4, 1))).toMatchObject({ ok: false, standing: { max: 150 } })
  })
})

describe('admission', () => {
  it('admits exactly up to the limit, and not one nano-dollar more', ({ expect }) => {
    const state = emptyState()
    const limits = [budget(100)]
    expect(admit(state, limits, ask(1, 60)).ok).toBe(true)
    expect(admit(state, limits, ask(2, 41)).ok).toBe(false)
    expect(admit(state, limits, ask(3, 40)).ok).toBe(true)
    expect(admit(state, limits, ask(4, 1)).ok).toBe(false)
  })

  it('answers a repeated admit from its own hold, at the very edge of the limit', ({ expect }) => {
    const state = emptyState()
    const limits = [budget(100)]
    expect(admit(state, limits, ask(1, 100))).toMatchObject({ ok: true, isNew: true })
    expect(admit(state, limits, ask(1, 100))).toMatchObject({ ok: true, isNew: false })
    expect(standing(state, budget(100)).held).toBe(100)
  })

  it('consumes nothing of any limit when one refuses', ({ expect }) => {
    const state = emptyState()
    const limits = [limit('requests', 5), limit('tokens', 9), budget(100)]
    expect(admit(state, limits, ask(1, 10))).toMatchObject({ ok: false, standing: { unit: 'tokens' }, needed: 10 })
    for (const one of limits) expect(standing(state, one)).toMatchObject({ settled: 0, held: 0 })
  })

  it('names the limit, what was spent and held, what is left and when it resets', ({ expect }) => {
    const state = emptyState()
    const daily = limit('nano_usd', 100, { window: { duration: '1d', isAligned: true, anchorMs: 0 } })
    admit(state, [daily], ask(1, 50))
    settle(state, [daily], truth(1, 30))
    admit(state, [daily], ask(2, 60))
    expect(admit(state, [daily], ask(3, 11))).toMatchObject({
      ok: false,
      standing: { scope: KEY, max: 100, settled: 30, held: 60, remaining: 10, resetsAtMs: Date.UTC(2026, 10, 22) },
      needed: 11,
    })
  })

  it('lets a request that costs nothing pass a spent budget', ({ expect }) => {
    const state = emptyState()
    const limits = [budget(10)]
    admit(state, limits, ask(1, 10))
    settle(state, limits, truth(1, 10))
    expect(admit(state, limits, ask(2, 0)).ok).toBe(true)
    expect(admit(state, limits, ask(3, 1)).ok).toBe(false)
  })

  it('counts a provider limit only for requests to that provider', ({ expect }) => {
    const state = emptyState()
    const limits = [limit('requests', 1, { scope: `${KEY}/provider:mock` })]
    expect(admit(state, limits, ask(1, 1, { scopes: [KEY, `${KEY}/provider:mock`] })).ok).toBe(true)
    expect(admit(state, limits, ask(2, 1, { scopes: [KEY, `${KEY}/provider:mock`] })).ok).toBe(false)
    expect(admit(state, limits, ask(3, 1, { scopes: [KEY, `${KEY}/provider:openai`] })).ok).toBe(true)
  })

  it('bounds requests in flight and frees them when they end', ({ expect }) => {
    const state = emptyState()
    const limits = [limit('in_flight', 1)]
    expect(admit(state, limits, ask(1, 0)).ok).toBe(true)
    expect(admit(state, limits, ask(2, 0)).ok).toBe(false)
    settle(state, limits, truth(1, 0))
    expect(admit(state, limits, ask(3, 0)).ok).toBe(true)
  })

  it('charges the window in which a request was admitted, however late it ends', ({ expect }) => {
    const state = emptyState()
    const minute = limit('nano_usd', 100, { window: { duration: '1m', isAligned: true, anchorMs: 0 } })
    admit(state, [minute], ask(1, 100, { nowMs: T0 + 59_000 }))
    expect(admit(state, [minute], ask(2, 100, { nowMs: T0 + 60_000 })).ok).toBe(true)
    settle(state, [minute], truth(1, 70, { nowMs: T0 + 61_000 }))
    expect(standing(state, minute, T0).settled).toBe(70)
    expect(standing(state, minute, T0 + 60_000)).toMatchObject({ settled: 0, held: 100 })
  })

  it('does not reopen a window for a clock that is behind', ({ expect }) => {
    const state = emptyState()
    const minute = limit('requests', 1, { window: { duration: '1m', isAligned: true, anchorMs: 0 } })
    expect(admit(state, [minute], ask(1, 0, { nowMs: T0 + 60_000 })).ok).toBe(true)
    expect(admit(state, [minute], ask(2, 0, { nowMs: T0 + 59_999 })).ok).toBe(false)
  })
})

describe('settlement', () => {
  it('puts the true cost in the place of the hold, once', ({ expect }) => {
    const state = emptyState()
    const limits = [budget(100), limit('tokens', 100), limit('requests', 9)]
    admit(state, limits, ask(1, 60))
    expect(settle(state, limits, truth(1, 25))?.event).toMatchObject({
      cost_nano: 25,
      held_nano: 60,
      overrun_nano: 0,
      revision: 1,
    })
    expect(settle(state, limits, truth(1, 25))).toBeUndefined()
    expect(limits.map(one => standing(state, one).settled)).toEqual([25, 5, 1])
    expect(limits.map(one => standing(state, one).held)).toEqual([0, 0, 0])
  })

  it('writes down how the charge came about, and nothing where the hold is charged instead', ({ expect }) => {
    const costDetail: CostDetail = { tier: 'flex', above: null, source: 'pricebook', lines: [['input', 5, 5000]] }
    const told = { costDetail, serviceTier: 'flex' }
    const state = emptyState()
    admit(state, [budget(100)], ask(1, 60))
    const settled = settle(state, [budget(100)], { ...truth(1, 25), ...told })
    expect(settled?.event).toMatchObject({ service_tier: 'flex', cost_detail: costDetail })
    admit(state, [budget(100)], ask(2, 60))
    const assumed = settle(state, [budget(100)], { ...truth(2, 25), ...told, outcome: 'assumed' })
    expect(assumed?.event).toMatchObject({ cost_nano: 60, cost_detail: null })
    const late = settle(state, [budget(100)], { ...truth(2, 20), ...told })
    expect(late?.event).toMatchObject({ revision: 2, service_tier: 'flex', cost_detail: costDetail })
  })

  it('keeps what passes the hold as a debt on the counter, and shows it as overrun', ({ expect }) => {
    const state = emptyState()
    admit(state, [budget(100)], ask(1, 60))
    expect(settle(state, [budget(100)], truth(1, 130))?.event.overrun_nano).toBe(70)
    expect(standing(state, budget(100))).toMatchObject({ settled: 130, remaining: 0 })
  })

  it('charges a settle whose hold is unknown', ({ expect }) => {
    const state = emptyState()
    expect(settle(state, [budget(100)], truth(7, 33))?.event).toMatchObject({
      cost_nano: 33,
      held_nano: 0,
      overrun_nano: 33,
    })
    expect(standing(state, budget(100)).settled).toBe(33)
  })

  it('assumes an orphan at its full hold when its deadline has passed, and not before', ({ expect }) => {
    const state = emptyState()
    admit(state, [budget(100)], ask(1, 60))
    expect(expireHolds(state, T0 + HOLD_MS - 1)).toEqual([])
    const [assumed] = expireHolds(state, T0 + HOLD_MS)
    expect(assumed?.event).toMatchObject({ outcome: 'assumed', cost_nano: 60, success: false, input_tokens: 10 })
    expect(standing(state, budget(100))).toMatchObject({ settled: 60, held: 0 })
    expect(admit(state, [budget(100)], ask(1, 60))).toEqual({ ok: false, reason: 'already_settled' })
  })

  it('corrects an assumed charge by a late truth, as a new revision of the same event', ({ expect }) => {
    const state = emptyState()
    admit(state, [budget(100)], ask(1, 60))
    const [assumed] = expireHolds(state, T0 + HOLD_MS)
    const late = settle(state, [budget(100)], truth(1, 20))
    expect(late?.event).toMatchObject({
      id: assumed?.event.id,
      revision: 2,
      cost_nano: 20,
      outcome: 'ok',
      held_nano: 60,
    })
    expect(standing(state, budget(100)).settled).toBe(20)
    expect(settle(state, [budget(100)], truth(1, 20))).toBeUndefined()
  })

  it('does not expire a hold that was extended, and cannot extend one that is gone', ({ expect }) => {
    const state = emptyState()
    admit(state, [budget(100)], ask(1, 60))
    const ref = { callId: callId(1), attempt: 1 }
    expect(extendHold(state, { ...ref, deadlineMs: T0 + 2 * HOLD_MS })).toBe(true)
    expect(expireHolds(state, T0 + HOLD_MS)).toEqual([])
    expect(expireHolds(state, T0 + 2 * HOLD_MS)).toHaveLength(1)
    expect(extendHold(state, { ...ref, deadlineMs: T0 + 9 * HOLD_MS })).toBe(false)
  })

  it('takes a released hold back without an event, and uses no request where the provider was never reached', ({
    expect,
  }) => {
    const state = emptyState()
    const limits = [budget(100), limit('requests', 9)]
    admit(state, limits, ask(1, 60))
    expect(releaseHold(state, callId(1), 1)).toBe(true)
    expect(releaseHold(state, callId(1), 1)).toBe(false)
    admit(state, limits, ask(2, 60))
    settle(state, limits, truth(2, 0, { outcome: 'unreachable', usage: NO_USAGE }))
    expect(limits.map(one => standing(state, one))).toMatchObject([
      { settled: 0, held: 0 },
      { settled: 0, held: 0 },
    ])
  })

  it('holds nothing for an admit that arrives after its release', ({ expect }) => {
    const state = emptyState()
    releaseHold(state, callId(1), 1)
    expect(admit(state, [budget(100)], ask(1, 60))).toEqual({ ok: false, reason: 'already_settled' })
    expect(standing(state, budget(100)).held).toBe(0)
  })

  it('stamps the event with the instant its call began', ({ expect }) => {
    const state = emptyState()
    admit(state, [], ask(1, 0))
    expect(settle(state, [], truth(1, 0))?.event.timestamp_ms).toBe(T0)
    expect(callStartMs(callId(1))).toBe(T0)
  })
})

type Step =
  | { kind: 'admit'; call: number; nano: number; tokens: number }
  | { kind: 'settle'; call: number; share: number }
  | { kind: 'release'; call: number }
  | { kind: 'pass'; ms: number }

const call = fc.integer({ min: 1, max: 12 })
const step: fc.Arbitrary<Step> = fc.oneof(
  fc.record({
    kind: fc.constant('admit' as const),
    call,
    nano: fc.integer({ min: 0, max: 80 }),
    tokens: fc.integer({ min: 0, max: 40 }),
  }),
  fc.record({ kind: fc.constant('settle' as const), call, share: fc.integer({ min: 0, max: 100 }) }),
  fc.record({ kind: fc.constant('release' as const), call }),
  fc.record({ kind: fc.constant('pass' as const), ms: fc.integer({ min: 1, max: 40_000 }) }),
)

/** Runs steps as a Worker would send them, each twice, with costs that never pass their hold. */
class Run {
  readonly state = emptyState()
  readonly limits = [budget(100), limit('tokens', 60), limit('requests', 7)]
  readonly events = new Map<string, UsageEvent>()
  readonly needs = new Map<number, number>()
  nowMs = T0

  keep(event: UsageEvent | undefined): void {
    if (event) this.events.set(event.id, event)
  }

  apply(one: Step): boolean | undefined {
    if (one.kind === 'pass') this.nowMs += one.ms
    for (const settled of expireHolds(this.state, this.nowMs)) this.keep(settled.event)
    if (one.kind === 'admit') return this.admit(one)
    if (one.kind === 'release') releaseHold(this.state, callId(one.call), 1)
    if (one.kind === 'settle') this.settle(one)
    return undefined
  }

  admit(one: Step & { kind: 'admit' }): boolean {
    const nano = this.needs.get(one.call) ?? one.nano
    this.needs.set(one.call, nano)
    return admit(this.state, this.limits, ask(one.call, nano, { nowMs: this.nowMs, tokens: one.tokens })).ok
  }

  settle(one: Step & { kind: 'settle' }): void {
    const need = this.needs.get(one.call)
    if (need === undefined) return
    const costNano = Math.floor((need * one.share) / 100)
    const known = this.state.holds.has(`${callId(one.call)}/1`) || this.state.settled.get(`${callId(one.call)}/1`)
    if (known)
      this.keep(
        settle(this.state, this.limits, truth(one.call, costNano, { nowMs: this.nowMs, usage: NO_USAGE }))?.event,
      )
  }
}

function isKnown(run: Run, n: number): boolean {
  const key = `${callId(n)}/1`
  const { holds, released, settled } = run.state
  return holds.has(key) || released.has(key) || settled.get(key) !== undefined
}

/** Whether an admission must be refused: some limit has less left than the request needs. */
function isTooMuch(run: Run, one: Step & { kind: 'admit' }): boolean {
  const needs = [run.needs.get(one.call) ?? one.nano, one.tokens, 1]
  return run.limits.some((l, i) => {
    const { settled, held, max } = standing(run.state, l)
    const need = needs[i] ?? 0
    return need > 0 && settled + held + need > max
  })
}

function assertExactly(run: Run, expect: ExpectStatic): void {
  for (const l of run.limits) {
    const { settled, held, max } = standing(run.state, l)
    expect(settled + held).toBeLessThanOrEqual(max)
  }
  const sum = (costs: number[]) => costs.reduce((total, cost) => total + cost, 0)
  const money = standing(run.state, budget(100))
  expect(money.settled).toBe(sum([...run.events.values()].map(event => event.cost_nano)))
  expect(money.held).toBe(sum([...run.state.holds.values()].map(hold => hold.need.nano_usd)))
}

const fingerprint = ({ state }: Run) => JSON.stringify([[...state.counters], [...state.holds], state.lastSeq])

function runStep(run: Run, one: Step, expect: ExpectStatic): void {
  if (one.kind === 'admit' && !isKnown(run, one.call)) {
    const mustRefuse = isTooMuch(run, one)
    expect(run.apply(one)).toBe(!mustRefuse)
  } else run.apply(one)
  const once = fingerprint(run)
  if (one.kind !== 'pass') run.apply(one)
  expect(fingerprint(run)).toBe(once)
  assertExactly(run, expect)
}

describe('any sequence of commands, each sent twice', () => {
  it('never passes a maximum, refuses only what would, and counts every event once', ({ expect }) => {
    const property = fc.property(fc.array(step, { maxLength: 60 }), steps => {
      const run = new Run()
      for (const one of steps) runStep(run, one, expect)
    })
    fc.assert(property, { numRuns: 300 })
  })
})

describe('what may be told again when it is long forgotten', () => {
  it('is settled where it is held, or was assumed, and is nothing where it is neither', ({ expect }) => {
    const state = emptyState()
    const limits = [budget(1000)]
    admit(state, limits, ask(1, 100))
    expect(settle(state, limits, truth(1, 40, { onlyKnown: true }))?.event.cost_nano).toBe(40)
    expect(settle(state, limits, truth(1, 40, { onlyKnown: true }))).toBeUndefined()
    const forgetful = { ...state, settled: new Map() }
    expect(settle(forgetful, limits, truth(1, 40, { onlyKnown: true }))).toBeUndefined()
    expect(standingOf(state, budget(1000), T0).settled).toBe(40)
    admit(state, limits, ask(2, 100))
    expireHolds(state, T0 + HOLD_MS)
    expect(standingOf(state, budget(1000), T0).settled).toBe(140)
    const late = truth(2, 30, { onlyKnown: true, nowMs: T0 + HOLD_MS + 1 })
    expect(settle(state, limits, late)?.event).toMatchObject({ revision: 2, cost_nano: 30 })
    expect(standingOf(state, budget(1000), T0).settled).toBe(70)
  })
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { type AdmitCommand, admit } from '../../workers/core/quota/admit.ts'
import { learnGrants } from '../../workers/core/quota/borrow.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import { chargeOf } from '../../workers/core/quota/limit-window.ts'
import { markTold, nextTellingMs, tellUnasked } from '../../workers/core/quota/report-spent.ts'
import { type SettleCommand, settle } from '../../workers/core/quota/settle.ts'
import { counterOf, emptyState, pruneCounters, type QuotaState } from '../../workers/core/quota/state.ts'
import { newAlerts, noticeAll, noticeReached } from '../../workers/core/quota/thresholds.ts'
import { NO_USAGE } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const KEY = 'virtual_key:k'
const T0 = Date.UTC(2026, 10, 21, 12)
const MINUTE = 60_000
const HOUR = 60 * MINUTE
const NONE = { nano_usd: 0, tokens: 0, requests: 0, in_flight: 0 }
const draft = eventDraft()

function limitOf(over: Partial<Limit> = {}): Limit {
  const window = { duration: '1h', isAligned: false, anchorMs: 0 }
  return { id: 'l', scope: KEY, unit: 'nano_usd', max: 100, window, ...over }
}

function callId(n: number): string {
  const hex = T0.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7000-8000-${n.toString(16).padStart(12, '0')}`
}

function ask(n: number, nano: number, nowMs = T0): AdmitCommand {
  const need = { nano_usd: nano, tokens: 1, requests: 1, in_flight: 1 }
  const bound = { inputTokens: 1, outputTokens: 0 }
  return {
    ...{ callId: callId(n), attempt: 1, nowMs, deadlineMs: nowMs + MINUTE, need, bound },
    ...{ scopes: [KEY, 'team:t'], draft },
  }
}

function truth(n: number, costNano: number, over: Partial<SettleCommand> = {}): SettleCommand {
  const seen = { outcome: 'ok', success: true, latencyMs: 1, firstByteMs: 1, httpStatus: 200 } as const
  const what = { callId: callId(n), attempt: 1, nowMs: T0, usage: NO_USAGE, costNano, scopes: [KEY, 'team:t'], draft }
  return { ...what, ...seen, ...over }
}

/** Settles and notices as a meter does in one transaction; answers the thresholds. */
function settled(state: QuotaState, limits: Limit[], command: SettleCommand): number[] {
  const done = settle(state, limits, command)
  if (!done) return []
  const alerts = noticeReached(state, limits, { at: done.charges, nowMs: command.nowMs })
  return alerts.map(alert => alert.threshold)
}

type Step = { n: number; cost: number; isAssumed: boolean }

function runStep(state: QuotaState, limits: Limit[], { n, cost, isAssumed }: Step): number[] {
  if (!isAssumed) return settled(state, limits, truth(n, cost))
  admit(state, limits, ask(n, cost))
  return settled(state, limits, truth(n, cost, { outcome: 'assumed' }))
}

const percents = fc.uniqueArray(fc.integer({ min: 1, max: 1000 }), { maxLength: 10 })

describe('a threshold', () => {
  it('is noticed once and only if it was reached, whatever usage does in its window', ({ expect }) => {
    const used = fc.array(fc.integer({ min: 0, max: 20_000 }), { minLength: 1 })
    fc.assert(
      fc.property(percents, fc.integer({ min: 1, max: 2000 }), used, (thresholds, max, history) => {
        const limit = limitOf({ thresholds, max })
        let alerted: number | undefined
        const noticed = history.flatMap(now => {
          const alerts = newAlerts(limit, { startMs: 0, endMs: 1, used: now, alerted }, T0).map(one => one.threshold)
          alerted = alerts.at(-1) ?? alerted
          return alerts
        })
        const peak = Math.max(...history)
        const passed = thresholds.filter(one => peak > 0 && peak * 100 >= one * max).sort((a, b) => a - b)
        expect(noticed).toEqual(passed)
      }),
    )
  })

  it('is noticed by a meter as often, over repeats, assumed charges and their corrections in any order', ({
    expect,
  }) => {
    const one = fc.record({ n: fc.integer({ min: 0, max: 5 }), cost: fc.nat(60), isAssumed: fc.boolean() })
    fc.assert(
      fc.property(percents, fc.array(one, { maxLength: 20 }), (thresholds, steps) => {
        const state = emptyState()
        const limits = [limitOf({ thresholds, onExceed: { kind: 'warn' } })]
        const noticed: number[] = []
        let peak = 0
        for (const step of steps) {
          noticed.push(...runStep(state, limits, step))
          peak = Math.max(peak, ...[...state.counters.values()].map(counter => counter.settled))
        }
        const passed = [...new Set([...thresholds, 100])].filter(percent => peak >= percent)
        expect(noticed.sort((a, b) => a - b)).toEqual(passed.sort((a, b) => a - b))
      }),
    )
  })

  it('is exact to the unit at the largest maximum', ({ expect }) => {
    const limit = limitOf({ max: 9e15, thresholds: [80] })
    const at = (used: number) => newAlerts(limit, { startMs: 0, endMs: 1, used }, T0).length
    expect([at(7.2e15 - 1), at(7.2e15)]).toEqual([0, 1])
  })

  it('says what it is of, and is noticed again in the next window', ({ expect }) => {
    const state = emptyState()
    const limits = [limitOf({ thresholds: [50] })]
    admit(state, limits, ask(1, 60))
    const done = settle(state, limits, truth(1, 60))
    expect(noticeReached(state, limits, { at: done?.charges ?? [], nowMs: T0 + 1 })).toEqual([
      ...[{ limitId: 'l', scope: KEY, unit: 'nano_usd', startMs: T0, endMs: T0 + HOUR, threshold: 50 }].map(one => ({
        ...one,
        ...{ max: 100, used: 60, noticedMs: T0 + 1 },
      })),
    ])
    admit(state, limits, ask(2, 60, T0 + HOUR))
    expect(settled(state, limits, truth(2, 60, { nowMs: T0 + HOUR }))).toEqual([50])
    expect(noticeAll(state, limits, T0 + HOUR)).toEqual([])
  })

  it('is noticed when the limit is lowered to it, in the window that is not over', ({ expect }) => {
    const state = emptyState()
    admit(state, [limitOf()], ask(1, 60))
    settle(state, [limitOf()], truth(1, 60))
    const lowered = [limitOf({ max: 60, thresholds: [100] })]
    expect(noticeAll(state, lowered, T0 + HOUR)).toEqual([])
    expect(noticeAll(state, lowered, T0 + HOUR - 1)).toHaveLength(1)
  })

  it('of what is held, of a limit that another owns, and of a window that is forgotten, is not noticed', ({
    expect,
  }) => {
    const state = emptyState()
    const limits = [limitOf({ thresholds: [1] }), limitOf({ id: 't', scope: 'team:t', thresholds: [1] })]
    const [own, theirs] = limits.map(limit => chargeOf(limit, NONE, T0))
    if (!own || !theirs) throw new Error('no limits')
    learnGrants(state, [{ ...theirs, granted: 100, max: 100 }])
    expect(admit(state, limits, ask(1, 60)).ok).toBe(true)
    expect(noticeAll(state, limits, T0)).toEqual([])
    expect(settled(state, limits, truth(1, 0, { outcome: 'assumed' }))).toEqual([1])
    expect(counterOf(state, theirs)).toMatchObject({ settled: 60 })
    admit(state, limits, ask(2, 1, T0 + 2 * HOUR))
    pruneCounters(state, T0 + 30 * HOUR)
    expect(settled(state, limits, truth(1, 90, { nowMs: T0 + 2 * HOUR }))).toEqual([])
  })
})

describe('what was spent of a lease', () => {
  const limits = [
    limitOf({ scope: 'team:t', thresholds: [80] }),
    limitOf({ id: 'f', scope: 'team:t', unit: 'in_flight' }),
  ]
  const watched = new Set(['l'])
  const pace = (nowMs: number) => ({ nowMs, everyMs: MINUTE })

  /** A meter with leases that its owner knows of at `T0`, one of them used up but for `left`. */
  function lent(cost: number, left = 0) {
    const state = emptyState()
    state.latestMs = T0
    const grants = limits.map(limit => ({ ...chargeOf(limit, NONE, T0), max: 100, granted: 1 }))
    learnGrants(state, [{ ...grants[0], granted: cost + left } as (typeof grants)[0], ...grants.slice(1)])
    const reports = grants.map(({ limitId, startMs, endMs }) => ({ limitId, startMs, endMs }))
    markTold(
      state,
      reports.map(at => ({ ...at, returned: 0, overrun: 0, spent: 0, revision: 1 })),
      T0,
    )
    state.reportRevision = 1
    admit(state, limits, ask(1, cost))
    settle(state, limits, truth(1, cost))
    return state
  }

  it('is told a minute after the owner last heard, once, and then nobody wakes the meter', ({ expect }) => {
    const state = lent(40)
    state.latestMs = T0 + 1
    expect(nextTellingMs(state, limits, pace(T0 + 1))).toBe(T0 + MINUTE)
    expect(tellUnasked(state, limits, pace(T0 + MINUTE - 1))).toEqual([])
    const [telling, ...more] = tellUnasked(state, limits, pace(T0 + MINUTE))
    expect(more).toEqual([])
    expect(telling).toMatchObject({ scope: 'team:t', reports: [{ limitId: 'l', spent: 40, returned: 0 }] })
    markTold(state, telling?.reports ?? [], T0 + MINUTE)
    // Of the lease of requests in flight, which never ends, one was free: it is given back once nobody asked for it.
    const idle = tellUnasked(state, limits, pace(T0 + 2 * MINUTE))
    expect(idle).toMatchObject([{ reports: [{ limitId: 'f', returned: 1 }] }])
    expect(tellUnasked(state, limits, pace(T0 + 3 * MINUTE))).toEqual([])
    expect(nextTellingMs(state, limits, pace(T0 + 3 * MINUTE))).toBeUndefined()
  })

  it('is told again where the owner did not hear, and an old answer does not pass for a new one', ({ expect }) => {
    const state = lent(40, 60)
    const [lost] = tellUnasked(state, limits, pace(T0 + MINUTE))
    expect(lost?.reports).toMatchObject([{ spent: 40 }])
    expect(nextTellingMs(state, limits, pace(T0 + MINUTE))).toBe(T0 + 2 * MINUTE)
    admit(state, limits, ask(2, 10, T0 + MINUTE))
    settle(state, limits, truth(2, 10))
    const [heard] = tellUnasked(state, limits, pace(T0 + 2 * MINUTE))
    expect(heard?.reports).toMatchObject([{ spent: 50 }])
    markTold(state, heard?.reports ?? [], T0 + 2 * MINUTE)
    markTold(state, lost?.reports ?? [], T0 + 2 * MINUTE)
    expect(state.leases.get(`l@${T0}`)?.told).toEqual({ spent: 50, revision: 3, atMs: T0 + 2 * MINUTE })
  })

  it('is told when its window is over, and the window is not forgotten before', ({ expect }) => {
    const state = lent(40)
    pruneCounters(state, T0 + 2 * HOUR, watched)
    const [telling] = tellUnasked(state, limits, pace(T0 + 2 * HOUR))
    expect(telling?.reports).toContainEqual(expect.objectContaining({ limitId: 'l', spent: 40 }))
    markTold(state, telling?.reports ?? [], T0 + 2 * HOUR)
    pruneCounters(state, T0 + 2 * HOUR, watched)
    expect([...state.leases.values()].map(lease => lease.limitId)).toEqual(['f'])
  })

  it('is told unasked, and kept after its window, of limits with thresholds alone', ({ expect }) => {
    const state = lent(40)
    const plain = limits.map(({ thresholds, ...limit }) => limit)
    expect(tellUnasked(state, plain, pace(T0 + MINUTE))).toEqual([])
    expect(nextTellingMs(state, plain.slice(0, 1), pace(T0 + MINUTE))).toBe(T0 + 2 * MINUTE)
    pruneCounters(state, T0 + 2 * HOUR)
    expect(state.leases.has(`l@${T0}`)).toBe(false)
  })

  it('is told to nobody where the limit is gone, and is forgotten a day after its window', ({ expect }) => {
    const state = lent(40)
    const gone = limits.slice(1)
    expect(tellUnasked(state, gone, pace(T0 + MINUTE))).toEqual([])
    tellUnasked(state, gone, pace(T0 + 2 * MINUTE))
    expect(nextTellingMs(state, gone, pace(T0 + 2 * MINUTE))).toBeUndefined()
    pruneCounters(state, T0 + 25 * HOUR, watched)
    expect(state.leases.has(`l@${T0}`)).toBe(false)
  })
})

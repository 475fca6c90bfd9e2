import fc from 'fast-check'
import { describe, it } from 'vitest'
import { addressGroup } from '../../workers/core/rate/address-group.ts'
import { NO_RATE, RATE_WINDOW_MS, standingOf, takeOne, windowAt } from '../../workers/core/rate/take.ts'

const T = Date.UTC(2026, 10, 20, 12)

describe('a rate window', () => {
  it('grants exactly its limit in each minute of UTC, whatever the order in which clocks tell the time', ({
    expect,
  }) => {
    const asks = fc.array(fc.integer({ min: T, max: T + 5 * RATE_WINDOW_MS }), { maxLength: 200 })
    fc.assert(
      fc.property(asks, fc.integer({ min: 1, max: 20 }), (times, max) => {
        const granted = new Map<number, number>()
        let window = NO_RATE
        for (const nowMs of times) {
          const before = window
          const taken = takeOne(window, nowMs, max)
          window = taken.window
          if (taken.standing.ok) granted.set(window.startMs, (granted.get(window.startMs) ?? 0) + 1)
          else expect(standingOf(windowAt(before, nowMs), max).remaining).toBe(0)
          expect(taken.standing.remaining).toBe(max - (granted.get(window.startMs) ?? 0))
          expect(taken.standing.resetMs % RATE_WINDOW_MS).toBe(0)
        }
        for (const count of granted.values()) expect(count).toBeLessThanOrEqual(max)
      }),
    )
  })

  it('begins anew in the first millisecond of the next minute and not before', ({ expect }) => {
    const full = takeOne(NO_RATE, T, 1).window
    expect(takeOne(full, T + 59_999, 1).standing.ok).toBe(false)
    expect(takeOne(full, T + 60_000, 1).standing).toEqual({ ok: true, limit: 1, remaining: 0, resetMs: T + 120_000 })
  })
})

describe('the group of an address', () => {
  it.for([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:DB8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
  ] as const)('of %s is %s', ([address, group], { expect }) => {
    expect(addressGroup(address)).toBe(group)
  })
})

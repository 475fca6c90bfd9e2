import fc from 'fast-check'
import { describe, it } from 'vitest'
import { keyHash, keyRing } from '../../workers/core/key/key-text.ts'
import { formatUsd, nanoFromUsd, nanoUsd, usdFromNano } from '../../workers/core/money/nano-usd.ts'
import { callIdFloor, callStartMs, eventId, eventIdFloor } from '../../workers/core/usage.ts'
import { intervalAt } from '../../workers/core/window/interval-at.ts'
import { parseDuration } from '../../workers/core/window/parse-duration.ts'
import { parseYearStart } from '../../workers/core/window/parse-year-start.ts'
import type { YearStart } from '../../workers/core/window/window.ts'

const utc = (text: string) => Date.parse(`${text}Z`)
const iso = ({ startMs, endMs }: { startMs: number; endMs: number }) =>
  [startMs, endMs].map(ms => new Date(ms).toISOString().slice(0, 16))
const alignedTo = (duration: string, at: string) => iso(intervalAt({ duration, isAligned: true, anchorMs: 0 }, utc(at)))

describe('durations', () => {
  it('reads counts and units, fractions and sums, and tells minutes from months', ({ expect }) => {
    const ms = (text: string) => parseDuration(text)?.ms
    expect([ms('30s'), ms('5m'), ms('1h'), ms('1d'), ms('2w')]).toEqual([30e3, 300e3, 3600e3, 864e5, 14 * 864e5])
    expect([ms('3M'), ms('1Q'), ms('1Y'), ms('1.5d'), ms('1h30m')]).toEqual([
      90 * 864e5,
      90 * 864e5,
      365 * 864e5,
      1296e5,
      54e5,
    ])
  })

  it('refuses what is no duration, what is too short and what is too long', ({ expect }) => {
    for (const text of [
      '',
      '1',
      'd',
      '-1d',
      '1x',
      '0s',
      '1ms',
      '999ms',
      '1e9d',
      '101Y',
      '1 d',
      '1d ',
      '1D',
      'NaNd',
      '9'.repeat(40),
    ]) {
      expect([text, parseDuration(text)]).toEqual([text, undefined])
    }
  })
})

describe('windows', () => {
  it('snaps to the UTC calendar, months of every length and leap days among them', ({ expect }) => {
    expect(alignedTo('1d', '2026-11-21T23:59')).toEqual(['2026-11-21T00:00', '2026-11-22T00:00'])
    expect(alignedTo('1w', '2026-11-22T23:59')).toEqual(['2026-11-16T00:00', '2026-11-23T00:00'])
    expect(alignedTo('1M', '2026-01-31T12:00')).toEqual(['2026-01-01T00:00', '2026-02-01T00:00'])
    expect(alignedTo('1M', '2028-02-29T12:00')).toEqual(['2028-02-01T00:00', '2028-03-01T00:00'])
    expect(alignedTo('1Y', '2028-12-31T23:59')).toEqual(['2028-01-01T00:00', '2029-01-01T00:00'])
    expect(alignedTo('1h', '2026-11-21T02:40')).toEqual(['2026-11-21T02:00', '2026-11-21T03:00'])
  })

  it('honours the multiple of an aligned duration', ({ expect }) => {
    expect(alignedTo('3M', '2026-11-21T00:00')).toEqual(['2026-10-01T00:00', '2027-01-01T00:00'])
    expect(alignedTo('1Q', '2026-11-21T00:00')).toEqual(['2026-10-01T00:00', '2027-01-01T00:00'])
    expect(alignedTo('2w', '2026-11-21T00:00')).toEqual(['2026-11-09T00:00', '2026-11-23T00:00'])
    expect(alignedTo('2Y', '2027-01-01T00:00')).toEqual(['2026-01-01T00:00', '2028-01-01T00:00'])
  })

  it('rolls on a lattice fixed at creation, whenever it is asked', ({ expect }) => {
    const anchorMs = utc('2026-01-31T10:30')
    const at = (text: string) => iso(intervalAt({ duration: '1d', isAligned: false, anchorMs }, utc(text)))
    expect(at('2026-02-03T10:29')).toEqual(['2026-02-02T10:30', '2026-02-03T10:30'])
    expect(at('2026-02-03T10:30')).toEqual(['2026-02-03T10:30', '2026-02-04T10:30'])
    expect(at('2026-01-31T10:29')).toEqual(['2026-01-30T10:30', '2026-01-31T10:30'])
  })

  it('holds each instant in exactly one window, and the windows leave no gap', ({ expect }) => {
    const duration = fc.constantFrom(
      '30s',
      '5m',
      '1h',
      '1d',
      '3d',
      '1w',
      '2w',
      '1M',
      '3M',
      '1Q',
      '5M',
      '1Y',
      '3Y',
      '1.5d',
      '1h30m',
    )
    const ms = fc.integer({ min: utc('1990-01-01T00:00'), max: utc('2090-01-01T00:00') })
    fc.assert(
      fc.property(fc.record({ duration, isAligned: fc.boolean(), anchorMs: ms }), ms, (window, atMs) => {
        const { startMs, endMs } = intervalAt(window, atMs)
        expect(startMs <= atMs && atMs < endMs).toBe(true)
        expect(intervalAt(window, startMs)).toEqual({ startMs, endMs })
        expect(intervalAt(window, endMs - 1)).toEqual({ startMs, endMs })
        expect(intervalAt(window, endMs).startMs).toBe(endMs)
      }),
    )
  })
})

const begun = (duration: string, yearStart: string, at: string) =>
  iso(intervalAt({ duration, isAligned: true, anchorMs: 0, ...startOf(yearStart) }, utc(at))).map(text =>
    text.replace('T00:00', ''),
  )
const startOf = (text: string) => {
  const yearStart = parseYearStart(text)
  return yearStart && { yearStart }
}

describe('fiscal years', () => {
  it.for<[duration: string, yearStart: string, at: string, startsAt: string, endsAt: string]>([
    ['1Y', '04-06', '2026-04-05T23:59', '2025-04-06', '2026-04-06'],
    ['1Y', '04-06', '2026-04-06T00:00', '2026-04-06', '2027-04-06'],
    ['1Y', '10-01', '2026-12-31T23:59', '2026-10-01', '2027-10-01'],
    ['3M', '04-01', '2026-03-31T23:59', '2026-01-01', '2026-04-01'],
    ['1Q', '02-01', '2026-01-31T23:59', '2025-11-01', '2026-02-01'],
    ['1Q', '04-06', '2026-07-05T23:59', '2026-04-06', '2026-07-06'],
    ['1M', '01-31', '2026-02-27T23:59', '2026-01-31', '2026-02-28'],
    ['1M', '01-31', '2026-02-28T00:00', '2026-02-28', '2026-03-31'],
    ['1M', '01-31', '2028-02-28T23:59', '2028-01-31', '2028-02-29'],
    ['1M', '01-31', '2026-04-30T00:00', '2026-04-30', '2026-05-31'],
    ['1M', '08-15', '2026-01-14T23:59', '2025-12-15', '2026-01-15'],
    ['1Y', '02-29', '2027-02-28T00:00', '2027-02-28', '2028-02-29'],
    ['1Y', '02-29', '2028-02-28T23:59', '2027-02-28', '2028-02-29'],
    ['2Y', '04-06', '2026-04-05T23:59', '2024-04-06', '2026-04-06'],
    ['2Y', '04-06', '2027-12-31T23:59', '2026-04-06', '2028-04-06'],
    ['5M', '04-01', '2026-11-20T00:00', '2026-07-01', '2026-12-01'],
    ['1w', '04-06', '2026-11-22T23:59', '2026-11-16', '2026-11-23'],
    ['1d', '04-06', '2026-11-22T23:59', '2026-11-22', '2026-11-23'],
  ])(
    'put %s from %s, at %s, in the window that begins %s and ends %s',
    ([duration, start, at, ...dates], { expect }) => {
      expect(begun(duration, start, at)).toEqual(dates)
    },
  )

  const duration = fc.constantFrom('1M', '2M', '3M', '5M', '7M', '1Q', '2Q', '1Y', '2Y', '3Y')
  const day = fc
    .date({ min: new Date(utc('2024-01-01T00:00')), max: new Date(utc('2024-12-31T00:00')), noInvalidDate: true })
    .map((date): YearStart => ({ month: date.getUTCMonth() + 1, day: date.getUTCDate() }))
  const days = fc.oneof(day, fc.constantFrom({ month: 2, day: 29 }, { month: 1, day: 31 }, { month: 12, day: 31 }))
  const edge = fc.integer({ min: 0, max: 1200 }).map(month => Date.UTC(1990, month) - 1)
  const ms = fc.oneof(fc.integer({ min: utc('1990-01-01T00:00'), max: utc('2090-01-01T00:00') }), edge)

  it('hold each instant in exactly one window, and the windows leave no gap', ({ expect }) => {
    const window = fc.record({ duration, yearStart: days, isAligned: fc.constant(true), anchorMs: fc.constant(0) })
    fc.assert(
      fc.property(window, ms, (one, atMs) => {
        const { startMs, endMs } = intervalAt(one, atMs)
        expect(startMs <= atMs && atMs < endMs).toBe(true)
        expect(intervalAt(one, startMs)).toEqual({ startMs, endMs })
        expect(intervalAt(one, endMs - 1)).toEqual({ startMs, endMs })
        expect(intervalAt(one, endMs).startMs).toBe(endMs)
        expect(intervalAt(one, startMs - 1).endMs).toBe(startMs)
      }),
      { numRuns: 1000 },
    )
  })

  it('begin on the day asked for, or the last of a shorter month, in every so many months from it', ({ expect }) => {
    fc.assert(
      fc.property(duration, days, ms, (text, yearStart, atMs) => {
        const step = parseDuration(text)?.step?.count ?? 0
        const { startMs, endMs } = intervalAt({ duration: text, isAligned: true, anchorMs: 0, yearStart }, atMs)
        for (const at of [startMs, endMs].map(instant => new Date(instant))) {
          const isLast = new Date(at.getTime() + 864e5).getUTCDate() === 1
          expect(at.getTime() % 864e5).toBe(0)
          expect(at.getUTCDate() === yearStart.day || (isLast && at.getUTCDate() < yearStart.day)).toBe(true)
          expect((at.getUTCFullYear() * 12 + at.getUTCMonth() + 1 - yearStart.month) % step).toBe(0)
        }
        const months = (instant: number) => new Date(instant).getUTCFullYear() * 12 + new Date(instant).getUTCMonth()
        expect(months(endMs) - months(startMs)).toBe(step)
      }),
      { numRuns: 1000 },
    )
  })

  it('from January 1 are the calendar year, and of rolling windows there are none', ({ expect }) => {
    fc.assert(
      fc.property(duration, days, ms, (text, yearStart, atMs) => {
        const aligned = { duration: text, isAligned: true, anchorMs: 0 }
        expect(intervalAt({ ...aligned, yearStart: { month: 1, day: 1 } }, atMs)).toEqual(intervalAt(aligned, atMs))
        const rolling = { ...aligned, isAligned: false }
        expect(intervalAt({ ...rolling, yearStart }, atMs)).toEqual(intervalAt(rolling, atMs))
      }),
    )
  })

  it('begin on a real day, written MM-DD', ({ expect }) => {
    expect([parseYearStart('04-06'), parseYearStart('02-29')]).toEqual([
      { month: 4, day: 6 },
      { month: 2, day: 29 },
    ])
    for (const text of [
      '',
      '4-6',
      '00-10',
      '13-01',
      '02-30',
      '04-31',
      '01-00',
      '01-32',
      '2026-04-06',
      '04/06',
      ' 4-06',
    ]) {
      expect([text, parseYearStart(text)]).toEqual([text, undefined])
    }
  })
})

describe('money', () => {
  it('reads decimal dollars to the exact nano-dollar and refuses what is not exact or absurd', ({ expect }) => {
    expect([0, 0.1, 1.005, 0.000000001, 9_000_000].map(nanoFromUsd)).toEqual([0, 1e8, 1_005_000_000, 1, 9e15])
    for (const usd of [0.0000000001, 1e308, Number.POSITIVE_INFINITY, Number.NaN, 9_000_000.01])
      expect(nanoFromUsd(usd)).toBeUndefined()
    expect(() => nanoUsd(0.5)).toThrow(RangeError)
  })

  it('prints every amount without exponent so that it reads back the same', ({ expect }) => {
    expect([1, 1_000_000_000, 1_200_000, 0, -5].map(formatUsd)).toEqual([
      '0.000000001',
      '1',
      '0.0012',
      '0',
      '-0.000000005',
    ])
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 4e15 }), nano => {
        const [whole = '', fraction = ''] = formatUsd(nano).split('.')
        expect(Number(whole + fraction.padEnd(9, '0'))).toBe(nano)
        expect(nanoFromUsd(Number(formatUsd(nano)))).toBe(nano)
        expect(usdFromNano(nano)).toBe(Number(formatUsd(nano)))
      }),
    )
  })
})

describe('keys', () => {
  const ref = {
    tenantId: '0190b6d2-0000-4000-8000-000000000001',
    id: 'a190b6d2-1111-4111-8111-00000000000f',
    jurisdiction: 'eu',
  } as const
  const ring = keyRing('a-secret-of-at-least-32-characters!!')

  it('say whose they are, which they are and where their objects live', ({ expect }) => {
    const text = ring.mint('virtual', ref)
    expect(text).toMatch(/^sk-bf-[\w-]{121}$|^sk-bf-[\w-]+$/)
    expect(ring.read('virtual', text)).toEqual(ref)
    expect(ring.mint('virtual', ref)).not.toBe(text)
    expect(keyHash(text)).not.toContain(text.slice(6, 20))
  })

  it('are refused with any one character changed, under another secret, and as another kind', ({ expect }) => {
    const text = ring.mint('virtual', ref)
    for (let i = 6; i < text.length; i++) {
      const changed = text.slice(0, i) + (text[i] === 'A' ? 'B' : 'A') + text.slice(i + 1)
      expect(ring.read('virtual', changed)).toBeUndefined()
    }
    expect(keyRing('another-secret-of-32-characters-or-more').read('virtual', text)).toBeUndefined()
    expect(ring.read('admin', text.replace('sk-bf-', 'weir-admin-'))).toBeUndefined()
    for (const odd of ['', 'sk-bf-', 'sk-bf-x', `${text}A`, text.slice(0, -1), `${text}=`, ` ${text}`]) {
      expect(ring.read('virtual', odd)).toBeUndefined()
    }
  })
})

describe('keys after a change of the secret', () => {
  it('are good while the secret before is still known, and are made under the new one', ({ expect }) => {
    const ref = { tenantId: crypto.randomUUID(), id: crypto.randomUUID(), jurisdiction: 'none' } as const
    const [old, next] = ['the-secret-of-yesterday-32-characters', 'the-secret-of-today-32-characters-xx']
    const both = keyRing(next, old)
    for (const kind of ['virtual', 'admin'] as const) {
      const text = keyRing(old).mint(kind, ref)
      expect(both.read(kind, text)).toEqual(ref)
      expect(keyRing(next).read(kind, text)).toBeUndefined()
      expect(keyRing(next).read(kind, both.mint(kind, ref))).toEqual(ref)
      expect(keyRing(old).read(kind, both.mint(kind, ref))).toBeUndefined()
    }
  })
})

describe('ids', () => {
  it('sort by time, so that a range of ids is a range of time', ({ expect }) => {
    const ms = utc('2026-11-21T02:40')
    const id = `${callIdFloor(ms)}-7abc-8000-000000000001`
    expect(callStartMs(id)).toBe(ms)
    expect(callIdFloor(ms) <= id && id < callIdFloor(ms + 1)).toBe(true)
    expect(eventIdFloor(ms) <= eventId(id, 1) && eventId(id, 1) < eventIdFloor(ms + 1)).toBe(true)
  })
})

import fc from 'fast-check'
import { describe, it } from 'vitest'
import { holdBody, readHold } from '../../durable-objects/meter/hold-body.ts'
import { RecentMarks } from '../../durable-objects/meter/recent-marks.ts'
import type { Standing } from '../../workers/core/quota/admit.ts'
import { counterKey } from '../../workers/core/quota/counter-key.ts'
import type { Charge, Hold } from '../../workers/core/quota/state.ts'
import { tightestStandings } from '../../workers/core/quota/tightest-standings.ts'
import { callIdFloor } from '../../workers/core/usage.ts'
import { eventDraft } from '../support/event-draft.ts'

const unit = fc.constantFrom('nano_usd', 'tokens', 'requests', 'in_flight') as fc.Arbitrary<Charge['unit']>
const ms = fc.integer({ min: 0, max: 2 ** 45 })

const charge: fc.Arbitrary<Charge> = fc.record(
  { limitId: fc.uuid(), scope: fc.string(), unit, startMs: ms, endMs: ms, amount: fc.nat() },
  { requiredKeys: ['limitId', 'unit', 'startMs', 'endMs', 'amount'] },
)

const hold: fc.Arbitrary<Hold> = fc.record({
  callId: fc.uuid(),
  attempt: fc.integer({ min: 1, max: 9 }),
  admittedMs: ms,
  deadlineMs: ms,
  need: fc.constant({ nano_usd: 7, tokens: 3, requests: 1, in_flight: 1 }),
  bound: fc.constant({ inputTokens: 2, outputTokens: 1 }),
  charges: fc.array(charge),
  draft: fc.constant(eventDraft({})),
})

const callAt = (atMs: number, n = 0) => `${callIdFloor(atMs)}-7000-8000-${n.toString(16).padStart(12, '0')}`

describe("a hold's row", () => {
  it('is read as it was written, under the deadline that is beside it', ({ expect }) => {
    fc.assert(
      fc.property(hold, ms, (one, deadlineMs) => {
        expect(readHold(holdBody(one), deadlineMs)).toEqual({ ...one, deadlineMs })
      }),
    )
  })

  it('is read also as an older Weir wrote it', ({ expect }) => {
    fc.assert(
      fc.property(hold, one => {
        expect(readHold(JSON.stringify(one), one.deadlineMs)).toEqual(one)
      }),
    )
  })
})

describe('marks in memory', () => {
  const mark = (seq: number) => ({ seq, outcome: 'ok' as const })

  it('answer for calls that began after all that is in storage, and for no other', ({ expect }) => {
    const recent = new RecentMarks(1001)
    expect(recent.knows(callAt(1000))).toBe(false)
    expect(recent.knows(callAt(1001))).toBe(true)
    expect(recent.knows('no-call-id')).toBe(false)
  })

  it('never answer for a call whose mark was dropped', ({ expect }) => {
    const recent = new RecentMarks(0)
    for (let n = 0; n < 10_050; n++) recent.set(`${callAt(n)}/1`, mark(n))
    for (let n = 0; n < 10_050; n++) {
      const callId = callAt(n)
      const isThere = recent.get(`${callId}/1`) !== undefined
      expect(isThere || !recent.knows(callId)).toBe(true)
    }
    expect(recent.knows(callAt(50))).toBe(true)
    expect(recent.get(`${callAt(10_049)}/1`)).toEqual(mark(10_049))
  })
})

describe('what is told of standings', () => {
  const standing: fc.Arbitrary<Standing> = fc.record({
    ...{ limitId: fc.uuid(), scope: fc.string(), unit, max: fc.nat(), duration: fc.constant('1h') },
    ...{ settled: fc.nat(), held: fc.nat(), remaining: fc.nat(), startsAtMs: ms, resetsAtMs: ms },
    isLeased: fc.boolean(),
  })

  it('is one of every unit that has any, its own before a leased one, and none has less left', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(standing), all => {
        const told = tightestStandings(all)
        expect(new Set(told.map(one => one.unit))).toEqual(new Set(all.map(one => one.unit)))
        expect(told.length).toBe(new Set(told.map(one => one.unit)).size)
        for (const one of told) {
          const peers = all.filter(other => other.unit === one.unit)
          expect(one.isLeased).toBe(peers.every(other => other.isLeased))
          const alike = peers.filter(other => other.isLeased === one.isLeased)
          expect(one.remaining).toBe(Math.min(...alike.map(other => other.remaining)))
        }
      }),
    )
  })
})

describe('the name of a limit in a window', () => {
  it('is made of both, whatever was named before', ({ expect }) => {
    const at = fc.record({ limitId: fc.constantFrom('a', 'b', 'c'), startMs: fc.integer({ min: 0, max: 3 }) })
    fc.assert(
      fc.property(fc.array(at), all => {
        expect(all.map(counterKey)).toEqual(all.map(({ limitId, startMs }) => `${limitId}@${startMs}`))
      }),
    )
  })
})

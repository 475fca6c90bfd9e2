import fc from 'fast-check'
import { describe, it } from 'vitest'
import { answerRecall, learnGrants, learnRecall, reportOf } from '../../workers/core/quota/borrow.ts'
import type { LeaseAnswer, LeaseReport } from '../../workers/core/quota/lease-protocol.ts'
import type { Limit } from '../../workers/core/quota/limit.ts'
import {
  accountOf,
  emptyOwner,
  freeOf,
  grant,
  isForgotten,
  learn,
  type OwnerState,
  ownerStanding,
  restoreMeter,
} from '../../workers/core/quota/owner.ts'
import type { Recall } from '../../workers/core/quota/owner-round.ts'
import { ask, type Desk, emptyQueue, hearRecall, type Served } from '../../workers/core/quota/owner-turn.ts'
import { counterOf, emptyState, forgettableMs, pruneCounters } from '../../workers/core/quota/state.ts'

const DAY_MS = 86_400_000
const NOW_MS = Date.UTC(2026, 0, 1)
const AT = { limitId: 'l', startMs: NOW_MS, endMs: NOW_MS + DAY_MS }
const YEAR = { duration: '1Y', isAligned: true, anchorMs: 0 }
const limitOf = (max: number): Limit => ({ id: 'l', scope: 'team:t', unit: 'nano_usd', max, window: YEAR })

function walk(state: OwnerState): { lent: number; spent: number } {
  const sums = { lent: 0, spent: 0 }
  for (const one of accountOf(state, AT).meters.values()) {
    sums.lent += one.granted - one.returned + one.overrun
    sums.spent += one.spent
  }
  return sums
}

const meters = fc.constantFrom('a', 'b', 'c')
const numbers = fc.nat({ max: 1000 })
const told = fc.record({ returned: numbers, overrun: numbers, spent: numbers, revision: fc.nat({ max: 20 }) })
const doing = fc.oneof(
  fc.record({ kind: fc.constant('report' as const), meter: meters, told }),
  fc.record({ kind: fc.constant('grant' as const), meter: meters, amount: numbers }),
)

describe('the sums of an owner', () => {
  it('are what a walk over all meters comes to, whatever is late, repeated or read again', ({ expect }) => {
    fc.assert(
      fc.property(fc.array(doing, { minLength: 1 }), acts => {
        const state = emptyOwner()
        for (const act of acts) {
          if (act.kind === 'grant') grant(accountOf(state, AT), act.meter, act.amount)
          else learn(state, { ...AT, ...act.told }, { meter: act.meter, nowMs: NOW_MS })
        }
        const { lent, spent } = walk(state)
        expect(freeOf(accountOf(state, AT), 10_000)).toBe(10_000 - lent)
        expect(ownerStanding(state, limitOf(10_000), AT)).toMatchObject({ spent, lent: lent - spent })
        const again = emptyOwner()
        for (const [meter, known] of accountOf(state, AT).meters) restoreMeter(again, { ...AT, meter }, known)
        expect(accountOf(again, AT)).toMatchObject({ lent, spent })
      }),
    )
  })
})

/** An owner of 100 units, and meters that answer its recalls when they are told to. */
class Scene {
  readonly answers = new Map<string, LeaseAnswer>()
  readonly sent: Recall[] = []
  readonly desk: Desk
  #revision = 0

  constructor(max: number) {
    this.desk = { state: emptyOwner(), limits: [limitOf(max)], queue: emptyQueue() }
  }

  get account() {
    return accountOf(this.desk.state, AT)
  }

  #serve({ answers, recalls }: Served): void {
    for (const { asker, answer } of answers) asker.reply(answer)
    this.sent.push(...recalls)
  }

  /** Lends to a meter without its asking, and says that it has spent so much of it. */
  lend(meter: string, amount: number, spent: number): void {
    grant(this.account, meter, amount)
    learn(this.desk.state, this.#report(meter, { spent }), { meter, nowMs: NOW_MS })
  }

  #report(meter: string, { returned = 0, spent = 0 }): LeaseReport {
    const known = this.account.meters.get(meter)
    const before = known?.returned ?? 0
    return {
      ...AT,
      returned: before + returned,
      overrun: 0,
      spent: spent || (known?.spent ?? 0),
      revision: ++this.#revision,
    }
  }

  ask(meter: string, need: number): void {
    const known = this.account.meters.get(meter)
    const one = { ...this.#report(meter, {}), target: (known?.granted ?? 0) + need, need, demandPerSecond: 0 }
    const reply = (answer: LeaseAnswer) => this.answers.set(meter, answer)
    this.#serve(ask(this.desk, { request: { meter, nowMs: NOW_MS, asks: [one] }, reply }))
  }

  /** The oldest recall is answered, or is not. */
  hear(returned?: number): string {
    const recall = this.sent.shift()
    if (!recall) throw new Error('nobody is asked')
    const report = this.#report(recall.meter, { returned: returned ?? 0 })
    const answer = returned === undefined ? undefined : { meter: recall.meter, report, isPinned: false }
    this.#serve(hearRecall(this.desk, recall, { answer, nowMs: NOW_MS }))
    return recall.meter
  }

  kinds(): Record<string, string> {
    return Object.fromEntries([...this.answers].map(([meter, { kind }]) => [meter, kind]))
  }
}

describe('a limit that is short', () => {
  it('is asked about once for all who wait: frozen first, then asked again, then everybody is refused', ({
    expect,
  }) => {
    const scene = new Scene(100)
    scene.lend('a', 60, 10)
    scene.lend('b', 40, 10)
    for (let n = 0; n < 50; n++) scene.ask(`w${n}`, 5)
    expect(scene.sent.map(({ meter, round }) => `${round.kind} ${meter}`)).toEqual(['gather a', 'gather b'])
    scene.hear(0)
    expect(scene.answers.size).toBe(0)
    scene.hear(0)
    expect(scene.sent.map(({ meter, round }) => `${round.kind} ${meter}`)).toEqual(['exact a', 'exact b'])
    scene.ask('late', 5)
    scene.hear(0)
    scene.hear(4)
    expect([...scene.answers.values()].filter(({ kind }) => kind === 'short')).toHaveLength(50)
    expect(scene.answers.has('late')).toBe(false)
    scene.hear(0)
    scene.hear(0)
    expect(scene.kinds()).toMatchObject({ late: 'short' })
    expect(scene.sent).toEqual([])
  })

  it('goes to those who came first, and refuses nobody who would have fitted without them', ({ expect }) => {
    const scene = new Scene(100)
    scene.lend('a', 100, 10)
    for (const meter of ['w1', 'w2', 'w3']) scene.ask(meter, 5)
    scene.ask('large', 50)
    scene.hear(0)
    scene.hear(9)
    expect(scene.kinds()).toEqual({ w1: 'granted', large: 'short' })
    expect(scene.sent.map(({ meter, round }) => `${round.kind} ${meter}`)).toEqual(['freeze w1'])
    scene.hear(0)
    scene.hear(6)
    scene.hear(0)
    expect(scene.kinds()).toEqual({ w1: 'granted', large: 'short', w2: 'granted', w3: 'granted' })
  })

  it('answers who depends on a meter that does not answer, and grants to others what it can', ({ expect }) => {
    const scene = new Scene(100)
    scene.lend('a', 50, 10)
    scene.lend('b', 50, 10)
    scene.ask('w1', 5)
    scene.ask('w2', 30)
    scene.hear(5)
    expect(scene.kinds()).toEqual({ w1: 'granted' })
    scene.hear()
    // It came after that round had begun: the next one is its own.
    scene.hear()
    scene.hear(0)
    expect(scene.kinds()).toEqual({ w1: 'granted', w2: 'unreachable' })
  })

  it('asks a thousand meters at a time, and no more when those who wait have enough', ({ expect }) => {
    const scene = new Scene(3000)
    for (let n = 0; n < 3000; n++) scene.lend(`m${n}`, 1, 0)
    scene.ask('w', 2)
    expect(scene.sent).toHaveLength(1000)
    scene.hear(1)
    scene.hear(1)
    expect(scene.kinds()).toEqual({ w: 'granted' })
    while (scene.sent.length > 0) scene.hear(1)
    expect(freeOf(scene.account, 3000)).toBe(998)
  })

  it('tells nothing of a window that it has forgotten', ({ expect }) => {
    const scene = new Scene(100)
    scene.desk.queue.nowMs = AT.endMs + DAY_MS
    scene.ask('w', 5)
    expect(scene.kinds()).toEqual({ w: 'unreachable' })
    const minute = { limitId: 'l', startMs: NOW_MS, endMs: NOW_MS + 60_000 }
    expect(isForgotten(minute, minute.endMs + 599_999)).toBe(false)
    expect(isForgotten(minute, minute.endMs + 600_000)).toBe(true)
  })
})

describe('a meter that has forgotten a window', () => {
  const minute = { duration: '1m', isAligned: true, anchorMs: 0 }
  const limit: Limit = { ...limitOf(100), window: minute }
  const at = { limitId: 'l', startMs: NOW_MS, endMs: NOW_MS + 60_000 }

  it('does not give back what it spent there, and changes nothing of what its owner knows', ({ expect }) => {
    const meter = emptyState()
    learnGrants(meter, [{ ...at, granted: 60, max: 100 }])
    counterOf(meter, at).settled = 60
    const owner = emptyOwner()
    grant(accountOf(owner, at), 'a', 60)
    learn(owner, reportOf(meter, at), { meter: 'a', nowMs: NOW_MS })

    meter.latestMs = forgettableMs(at)
    pruneCounters(meter, meter.latestMs)
    const recall = { ...at, granted: 60 }
    learnRecall(meter, recall)
    learn(owner, answerRecall(meter, recall, 'a').report, { meter: 'a', nowMs: NOW_MS })
    expect(freeOf(accountOf(owner, at), limit.max)).toBe(40)
    expect(ownerStanding(owner, limit, at)).toMatchObject({ spent: 60 })
    expect(meter.leases.size).toBe(0)
  })
})

import { runInDurableObject } from 'cloudflare:test'
import { env } from 'cloudflare:workers'
import fc from 'fast-check'
import { describe, it } from 'vitest'
import { AttemptRows, type SettledBody } from '../../durable-objects/meter/attempt-rows.ts'
import type { Hold } from '../../workers/core/quota/state.ts'

const KEEP_MS = { settled: 10 * 60_000, assumed: 24 * 3_600_000 }
const START_MS = 1_800_000_000_000

type Row = { callId: string; seq?: number; keepUntilMs?: number }

const idAt = (ms: number) => {
  const hex = ms.toString(16).padStart(12, '0')
  return `${hex.slice(0, 8)}-${hex.slice(8)}-7${crypto.randomUUID().slice(15)}`
}

const holdOf = (callId: string, admittedMs: number) =>
  ({ callId, attempt: 1, admittedMs, deadlineMs: 1, charges: [] }) as unknown as Hold
const bodyOf = (seq: number, settledMs: number) =>
  ({ event: { attempt: 1, settled_ms: settledMs }, mark: { seq, outcome: 'ok' } }) as unknown as SettledBody

type Change = { act: 'settle' | 'release' | 'correct'; waitMs: number; which: number; isAssumed: boolean }
type Plain = { act: 'admit' | 'reload' | 'fail'; waitMs: number }
type Step =
  | Plain
  | Change
  | { act: 'settle unknown'; waitMs: number; agoMs: number }
  | { act: 'forget'; waitMs: number; behind: number }

const waitMs = fc.oneof(fc.integer({ min: 0, max: 2000 }), fc.integer({ min: 0, max: 15 * 60_000 }))
const which = fc.nat(1000)
const STEP: fc.Arbitrary<Step> = fc.oneof(
  { weight: 5, arbitrary: fc.record({ act: fc.constant('admit' as const), waitMs }) },
  {
    weight: 5,
    arbitrary: fc.record({
      act: fc.constantFrom(
        'settle' as const,
        'settle' as const,
        'settle' as const,
        'settle' as const,
        'release' as const,
        'correct' as const,
      ),
      waitMs,
      which,
      isAssumed: fc.integer({ min: 0, max: 3 }).map(n => n === 0),
    }),
  },
  { weight: 1, arbitrary: fc.record({ act: fc.constantFrom('reload' as const, 'fail' as const), waitMs }) },
  {
    weight: 1,
    arbitrary: fc.record({ act: fc.constant('settle unknown' as const), waitMs, agoMs: fc.nat(40 * 60_000) }),
  },
  { weight: 4, arbitrary: fc.record({ act: fc.constant('forget' as const), waitMs, behind: fc.nat(3) }) },
)

/** What a meter does with its rows, beside a list of what there has to be. */
class World {
  readonly #storage: DurableObjectStorage
  rows: AttemptRows
  nowMs = START_MS
  readonly model = new Map<string, Row>()
  #seq = 0
  #confirmed = 0
  #version = 0
  #meta = 0

  constructor(storage: DurableObjectStorage) {
    this.#storage = storage
    for (const { name } of storage.sql
      .exec<{ name: string }>(`SELECT name FROM sqlite_master WHERE name GLOB 'attempt*'`)
      .toArray())
      storage.sql.exec(`DROP TABLE ${name}`)
    this.rows = new AttemptRows(storage.sql)
  }

  take(step: Step): void {
    this.nowMs += step.waitMs
    switch (step.act) {
      case 'admit':
        return this.#admit()
      case 'reload':
        this.rows = new AttemptRows(this.#storage.sql)
        return
      case 'fail':
        return this.#fail()
      case 'settle unknown':
        return this.#settle(idAt(this.nowMs - step.agoMs), KEEP_MS.settled)
      case 'forget':
        return this.#forget(step.behind)
      default:
        return this.#change(step)
    }
  }

  #admit(): void {
    const callId = idAt(this.nowMs - 5)
    this.rows.insertHold(holdOf(callId, this.nowMs))
    this.model.set(callId, { callId })
  }

  // A commit that made a table, perhaps, and is taken back.
  #fail(): void {
    try {
      this.#storage.transactionSync(() => {
        this.rows.insertHold(holdOf(idAt(this.nowMs), this.nowMs))
        this.rows.settle({ callId: idAt(this.nowMs), keepUntilMs: 0, body: bodyOf(this.#seq + 1, this.nowMs) })
        this.rows.forget(this.nowMs, this.#confirmed)
        throw new Error('the disk is full')
      })
    } catch {
      this.rows.discard()
    }
  }

  #change({ act, which, isAssumed }: Change): void {
    const isWanted = ({ seq }: Row) => (act === 'correct' ? seq !== undefined : seq === undefined)
    const some = [...this.model.values()].filter(row => isWanted(row) && this.mustStay(row))
    const row = some[which % some.length]
    if (!row) return
    if (act !== 'release') return this.#settle(row.callId, isAssumed ? KEEP_MS.assumed : KEEP_MS.settled)
    this.rows.deleteHold(row.callId, 1)
    this.model.delete(row.callId)
  }

  #settle(callId: string, keepMs: number): void {
    const [seq, keepUntilMs] = [++this.#seq, this.nowMs + keepMs]
    this.#version += 1
    this.rows.settle({ callId, keepUntilMs, body: bodyOf(seq, this.nowMs) })
    if (!this.rows.flush(JSON.stringify({ version: this.#version }))) this.#meta = this.#version
    this.model.set(callId, { callId, seq, keepUntilMs })
  }

  #forget(behind: number): void {
    this.#confirmed = Math.max(this.#confirmed, this.#seq - behind)
    if (this.rows.forget(this.nowMs, this.#confirmed)) this.#meta = this.#version
  }

  mustStay({ seq, keepUntilMs = 0 }: Row): boolean {
    return seq === undefined || seq > this.#confirmed || keepUntilMs > this.nowMs
  }

  /** What is wrong with what the rows say, if anything is. */
  flaws(): string[] {
    const held = this.rows.holds().map(({ callId }) => callId)
    const all = [...this.model.values()]
    const settled = this.rows.settledAfter(0)
    const known = new Map(all.map(row => [row.callId, row.seq]))
    const ledger = JSON.parse(this.rows.ledger() ?? '{"version":0}').version
    const lost = all.filter(row => this.mustStay(row) && row.seq !== this.#seqOf(row.callId))
    return [
      ...(held.toSorted().join() ===
      all
        .flatMap(row => (row.seq === undefined ? row.callId : []))
        .toSorted()
        .join()
        ? []
        : ['other holds']),
      ...lost.map(({ callId }) => `lost ${callId}`),
      ...settled
        .filter(({ callId, seq }) => known.get(callId) !== seq)
        .map(({ callId }) => `not settled so: ${callId}`),
      ...(Math.max(ledger, this.#meta) === this.#version ? [] : ['an older ledger']),
    ]
  }

  #seqOf(callId: string): number | undefined {
    return this.rows.settled(callId, 1)?.mark.seq
  }
}

function inStorage<T>(work: (storage: DurableObjectStorage) => T): Promise<T> {
  const stub = env.METER.getByName(`${crypto.randomUUID()}/${crypto.randomUUID()}`)
  return runInDurableObject(stub, (_meter, { storage }) => work(storage))
}

describe('AttemptRows', () => {
  it('loses no hold, nothing unconfirmed and nothing that may be asked about, whatever is forgotten meanwhile', () =>
    inStorage(storage =>
      fc.assert(
        fc.property(fc.array(STEP, { minLength: 80, maxLength: 160 }), steps => {
          const world = new World(storage)
          for (const step of steps) {
            world.take(step)
            const flaws = world.flaws()
            if (flaws.length > 0) throw new Error(flaws.join(', '))
          }
        }),
        { numRuns: 60 },
      ),
    ))

  it('writes two rows for an attempt in the long run, and forgets all of them in the end', ({ expect }) =>
    inStorage(storage => {
      const { sql } = storage
      const exec = sql.exec.bind(sql)
      let written = 0
      sql.exec = ((text: string, ...values: unknown[]) => {
        const cursor = exec(text, ...values)
        written += cursor.rowsWritten
        return cursor
      }) as typeof sql.exec
      const world = new World(storage)
      written = 0
      for (let n = 0; n < 2000; n++) {
        world.take({ act: 'admit', waitMs: 2000 })
        world.take({ act: 'settle', waitMs: 100, which: 0, isAssumed: n % 500 === 0 })
        if (n % 50 === 0) world.take({ act: 'forget', waitMs: 0, behind: 0 })
      }
      expect(written / 2000).toBeLessThan(2.05)
      expect(world.rows.settledAfter(0).length).toBeLessThan(700)
      for (let days = 0; days < 3; days++) world.take({ act: 'forget', waitMs: KEEP_MS.assumed, behind: 0 })
      expect(world.rows.hasAny()).toBe(false)
    }))

  it('costs a key that is hardly used no more than to delete its rows', ({ expect }) =>
    inStorage(storage => {
      const world = new World(storage)
      const tables = () =>
        storage.sql.exec(`SELECT name FROM sqlite_master WHERE name GLOB 'attempt_*'`).toArray().length
      for (let n = 0; n < 20; n++) {
        world.take({ act: 'admit', waitMs: 3_600_000 })
        world.take({ act: 'settle', waitMs: 100, which: 0, isAssumed: false })
        world.take({ act: 'forget', waitMs: 11 * 60_000, behind: 0 })
        expect([n, tables()]).toEqual([n, 1])
      }
      expect(world.rows.hasAny()).toBe(false)
    }))
})

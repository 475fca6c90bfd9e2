import type { Meter, MeterAdmission, MeterAdmit, MeterExchanged } from '../core/quota/meter-protocol.ts'
import type { SettleCommand } from '../core/quota/settle.ts'
import type { Company, MeterLane, Word } from './meter-lane.ts'
import type { MeterLanes } from './meter-lanes.ts'

/** Waits before the second and later tries, in milliseconds. Every command to a meter may be repeated. */
const SHORT_WAITS = [20, 100]
/** A settle that never arrives is charged at its full hold, so it is tried for longer. */
const LONG_WAITS = [50, 200, 500, 1000, 2000]

function canRetry(failure: unknown): boolean {
  // An overloaded object is only made worse by trying again (platform limits, section 1.3).
  const { overloaded } = failure as { overloaded?: boolean }
  return overloaded !== true
}

/** A meter behind stubs that `connect` makes: a new one after each failure, since one that threw stays broken. */
class Line {
  readonly #connect: () => Meter
  #stub: Meter | undefined

  constructor(connect: () => Meter) {
    this.#connect = connect
  }

  /** Calls it, and again after each wait. Rejects with the last failure. */
  async call<T>(call: (meter: Meter) => Promise<T>, waits: number[]): Promise<T> {
    for (const waitMs of waits) {
      try {
        return await this.#once(call)
      } catch (failure) {
        if (!canRetry(failure)) throw failure
        await scheduler.wait(waitMs)
      }
    }
    return this.#once(call)
  }

  async #once<T>(call: (meter: Meter) => Promise<T>): Promise<T> {
    this.#stub ??= this.#connect()
    try {
      return await call(this.#stub)
    } catch (failure) {
      this.#stub = undefined
      throw failure
    }
  }
}

// One that rides with others and waits for an owner would keep them waiting, so it asks by itself.
async function admitAlone(command: MeterAdmit, line: Line): Promise<MeterAdmission> {
  return line.call(meter => meter.admit(command), SHORT_WAITS)
}

// Others go with the first try alone: should one of them be what fails it, nobody is to suffer by it.
async function admitWith(command: MeterAdmit, company: Company, line: Line): Promise<MeterExchanged> {
  try {
    const { admits, settles } = company
    const answer = await line.call(meter => meter.exchange({ admits: [command, ...admits], settles }), [])
    const [own = { kind: 'alone' as const }, ...admissions] = answer.admissions
    company.arrived({ admissions, unknown: answer.unknown })
    return own
  } catch (failure) {
    if (canRetry(failure)) company.lost()
    else company.failed(failure)
    if (!canRetry(failure)) throw failure
    return { kind: 'alone' }
  }
}

async function lead(command: MeterAdmit, lane: MeterLane, line: Line): Promise<MeterExchanged> {
  const company = lane.take()
  try {
    return company.isEmpty ? await admitAlone(command, line) : await admitWith(command, company, line)
  } finally {
    lane.leave()
  }
}

async function heard(word: Word, speaks: () => Promise<MeterExchanged>): Promise<MeterExchanged> {
  switch (word.kind) {
    case 'answered':
      return word.answer
    case 'failed':
      throw word.failure
    case 'lead':
      return speaks()
    case 'alone':
      return { kind: 'alone' }
  }
}

async function admit(command: MeterAdmit, lane: MeterLane, line: Line): Promise<MeterAdmission> {
  const answer = await heard(await lane.join(command), () => lead(command, lane, line))
  return answer.kind === 'alone' ? admitAlone(command, line) : answer
}

// One alone has a call of its own, and more patience.
async function settleAll(company: Company, line: Line): Promise<void> {
  const { settles } = company
  if (settles.length <= 1) return company.lost()
  try {
    company.arrived(await line.call(meter => meter.exchange({ admits: [], settles }), []))
  } catch {
    company.lost()
  }
}

async function settle(command: SettleCommand, lane: MeterLane, line: Line): Promise<void> {
  const driven = lane.needsDriver ? lane.drive() : undefined
  const told = lane.ride(command)
  if (driven) await settleAll(await driven, line)
  if (!(await told)) await line.call(meter => meter.settle(command), LONG_WAITS)
}

/** A meter of this name behind stubs that `connect` makes; what the network loses is asked again. */
export function meterClient(name: string, connect: () => Meter, lanes: MeterLanes): Meter {
  const line = new Line(connect)
  return {
    snapshot: () => line.call(meter => meter.snapshot(), SHORT_WAITS),
    admit: command => admit(command, lanes.of(name), line),
    exchange: commands => line.call(meter => meter.exchange(commands), SHORT_WAITS),
    grow: command => line.call(meter => meter.grow(command), SHORT_WAITS),
    extend: command => {
      lanes.of(name).hurry(command)
      return line.call(meter => meter.extend(command), SHORT_WAITS)
    },
    release: command => line.call(meter => meter.release(command), LONG_WAITS),
    settle: command => lanes.settling(name, settle(command, lanes.of(name), line)),
    read: nowMs => line.call(meter => meter.read(nowMs), SHORT_WAITS),
    putSnapshot: snapshot => line.call(meter => meter.putSnapshot(snapshot), SHORT_WAITS),
    reportLease: at => line.call(meter => meter.reportLease(at), SHORT_WAITS),
    recall: at => line.call(meter => meter.recall(at), SHORT_WAITS),
    confirm: seqs => line.call(meter => meter.confirm(seqs), SHORT_WAITS),
    confirmHours: statements => line.call(meter => meter.confirmHours(statements), SHORT_WAITS),
    confirmAlerts: alerts => line.call(meter => meter.confirmAlerts(alerts), SHORT_WAITS),
  }
}

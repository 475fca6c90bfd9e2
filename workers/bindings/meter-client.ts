import type { Meter, MeterAdmission, MeterAdmit, MeterEndpoint } from '../core/quota/meter-protocol.ts'
import type { Ride, SettleRides } from './settle-rides.ts'

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
  readonly #connect: () => MeterEndpoint
  #stub: MeterEndpoint | undefined

  constructor(connect: () => MeterEndpoint) {
    this.#connect = connect
  }

  /** Calls it, and again after each wait. Rejects with the last failure. */
  async call<T>(call: (meter: MeterEndpoint) => Promise<T>, waits: number[]): Promise<T> {
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

  async #once<T>(call: (meter: MeterEndpoint) => Promise<T>): Promise<T> {
    this.#stub ??= this.#connect()
    try {
      return await call(this.#stub)
    } catch (failure) {
      this.#stub = undefined
      throw failure
    }
  }
}

// Settlements go with the first try alone: should one of them be what fails it, the admission is not to suffer by it.
async function admitWith(ride: Ride, command: MeterAdmit, line: Line): Promise<MeterAdmission> {
  const { commands } = ride
  if (commands.length === 0) return line.call(meter => meter.admit(command), SHORT_WAITS)
  try {
    const { admission, unknown } = await line.call(meter => meter.exchange({ admit: command, settles: commands }), [])
    ride.arrived(unknown)
    return admission
  } catch (failure) {
    ride.lost()
    if (!canRetry(failure)) throw failure
    return line.call(meter => meter.admit(command), SHORT_WAITS)
  }
}

/** A meter of this name behind stubs that `connect` makes; what the network loses is asked again. */
export function meterClient(name: string, connect: () => MeterEndpoint, rides: SettleRides): Meter {
  const line = new Line(connect)
  return {
    snapshot: () => line.call(meter => meter.snapshot(), SHORT_WAITS),
    admit: command => admitWith(rides.take(name), command, line),
    grow: command => line.call(meter => meter.grow(command), SHORT_WAITS),
    extend: command => line.call(meter => meter.extend(command), SHORT_WAITS),
    release: command => line.call(meter => meter.release(command), LONG_WAITS),
    settle: command => rides.settle(name, command, () => line.call(meter => meter.settle(command), LONG_WAITS)),
    read: nowMs => line.call(meter => meter.read(nowMs), SHORT_WAITS),
    putSnapshot: snapshot => line.call(meter => meter.putSnapshot(snapshot), SHORT_WAITS),
    reportLease: at => line.call(meter => meter.reportLease(at), SHORT_WAITS),
    recall: at => line.call(meter => meter.recall(at), SHORT_WAITS),
    confirm: seqs => line.call(meter => meter.confirm(seqs), SHORT_WAITS),
    confirmHours: statements => line.call(meter => meter.confirmHours(statements), SHORT_WAITS),
    confirmAlerts: alerts => line.call(meter => meter.confirmAlerts(alerts), SHORT_WAITS),
  }
}

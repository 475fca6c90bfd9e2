import type { Meter } from './core/quota/meter-protocol.ts'

/** Waits before the second and later tries, in milliseconds. Every command to a meter may be repeated. */
const SHORT_WAITS = [20, 100]
/** A settle that never arrives is charged at its full hold, so it is tried for longer. */
const LONG_WAITS = [50, 200, 500, 1000, 2000]

function canRetry(failure: unknown): boolean {
  // An overloaded object is only made worse by trying again (platform limits, section 1.3).
  const { overloaded } = failure as { overloaded?: boolean }
  return overloaded !== true
}

/** Calls an object through a fresh stub on every try: one that threw stays broken. Rejects with the last failure. */
async function withRetry<T>(call: () => Promise<T>, waits: number[]): Promise<T> {
  for (const waitMs of waits) {
    try {
      return await call()
    } catch (failure) {
      if (!canRetry(failure)) throw failure
      await scheduler.wait(waitMs)
    }
  }
  return call()
}

/** A meter behind stubs that `connect` makes; what the network loses is asked again. */
export function meterClient(connect: () => Meter): Meter {
  return {
    snapshot: () => withRetry(() => connect().snapshot(), SHORT_WAITS),
    admit: command => withRetry(() => connect().admit(command), SHORT_WAITS),
    grow: command => withRetry(() => connect().grow(command), SHORT_WAITS),
    extend: command => withRetry(() => connect().extend(command), SHORT_WAITS),
    release: command => withRetry(() => connect().release(command), LONG_WAITS),
    settle: command => withRetry(() => connect().settle(command), LONG_WAITS),
    read: nowMs => withRetry(() => connect().read(nowMs), SHORT_WAITS),
    putSnapshot: snapshot => withRetry(() => connect().putSnapshot(snapshot), SHORT_WAITS),
    reportLease: at => withRetry(() => connect().reportLease(at), SHORT_WAITS),
    recall: at => withRetry(() => connect().recall(at), SHORT_WAITS),
    confirm: seqs => withRetry(() => connect().confirm(seqs), SHORT_WAITS),
    confirmHours: statements => withRetry(() => connect().confirmHours(statements), SHORT_WAITS),
    confirmAlerts: alerts => withRetry(() => connect().confirmAlerts(alerts), SHORT_WAITS),
  }
}

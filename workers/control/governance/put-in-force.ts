import type { KeySnapshot } from '../../core/snapshot.ts'
import { markPushed } from '../../db/mark-pushed.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'

const MAX_TRIES = 3

/** Repeats a push that fails a few times. Rejects as its last try did. */
export async function pushWithRetries(push: () => Promise<void>): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await push()
    } catch (error) {
      if (tries === MAX_TRIES) throw error
    }
  }
}

/** The answer to a change that is saved, and did not reach everyone who acts by it: the cron goes on. */
export function changePending(cause?: unknown): GatewayError {
  return new GatewayError('change_pending', 'The change is saved, and will be in force within a minute.', { cause })
}

/** Gives a saved change to the key's meter. Throws `change_pending` where the meter does not answer. */
export async function putInForce(snapshot: KeySnapshot, ports: ControlPorts): Promise<void> {
  try {
    await pushWithRetries(() => ports.pushSnapshot(snapshot))
    await markPushed(ports.db, snapshot)
  } catch (cause) {
    throw changePending(cause)
  }
}

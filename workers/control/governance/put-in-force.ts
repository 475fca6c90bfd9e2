import type { KeySnapshot } from '../../core/snapshot.ts'
import { markPushed } from '../../db/mark-pushed.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'

const MAX_TRIES = 3

async function push(snapshot: KeySnapshot, ports: ControlPorts): Promise<void> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await ports.pushSnapshot(snapshot)
    } catch (error) {
      if (tries === MAX_TRIES) throw error
    }
  }
}

/** Gives a saved change to the key's meter. Throws `change_pending` where the meter does not answer: the cron goes on. */
export async function putInForce(snapshot: KeySnapshot, ports: ControlPorts): Promise<void> {
  try {
    await push(snapshot, ports)
    await markPushed(ports.db, snapshot)
  } catch (cause) {
    throw new GatewayError('change_pending', 'The change is saved, and will be in force within a minute.', { cause })
  }
}

import type { ScopeSnapshot } from '../../core/snapshot.ts'
import { markPushed, markScopePushed } from '../../db/mark-pushed.ts'
import type { SavedKey } from '../../db/save-key.ts'
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

/** Gives the limits of scopes to their budget objects. Rejects where one of them does not answer. */
export async function pushScopes(scopes: ScopeSnapshot[], ports: ControlPorts): Promise<void> {
  const push = async (snapshot: ScopeSnapshot) => {
    await pushWithRetries(() => ports.pushScope(snapshot))
    await markScopePushed(ports.db, snapshot)
  }
  await Promise.all(scopes.map(push))
}

/**
 * Gives a saved change to the budget objects of the key's own limits, where it has such, and then to its meter: a meter
 * must not ask a budget of which the budget has not heard. Throws `change_pending` where one of them does not answer.
 */
export async function putInForce({ scopes, snapshot }: SavedKey, ports: ControlPorts): Promise<void> {
  try {
    await pushScopes(scopes, ports)
    await pushWithRetries(() => ports.pushSnapshot(snapshot))
    await markPushed(ports.db, snapshot)
  } catch (cause) {
    throw changePending(cause)
  }
}

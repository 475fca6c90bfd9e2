import { GatewayError } from '../../errors/gateway-error.ts'
import { addressOf } from '../access/guard-attempts.ts'
import type { ControlPorts } from '../ports.ts'

/**
 * Counts an attempt to sign in before anything is hashed, so that those who come at once cannot have more hashed than the limit.
 * By the client's address alone: who guesses at an account keeps nobody else from it. Throws `attempts_limited`.
 */
export async function takeLogin(request: Request, ports: ControlPorts): Promise<void> {
  const address = addressOf(request)
  const standing = address === undefined ? undefined : await ports.signIn.takeLogin(address).catch(() => undefined)
  if (!standing || standing.ok) return
  const detail = 'Too many attempts to sign in came from this address. Wait before the next one.'
  throw new GatewayError('attempts_limited', detail, { retryAfterMs: standing.resetMs - ports.nowMs() })
}

import type { RateStanding } from '../../core/rate/take.ts'
import type { ErrorCode } from '../../errors/catalogue.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlPorts } from '../ports.ts'

function limited({ resetMs }: RateStanding, nowMs: number): GatewayError {
  const detail = 'Too many credentials from this address were wrong. Wait before you try another.'
  return new GatewayError('attempts_limited', detail, { retryAfterMs: resetMs - nowMs })
}

/** A client's address, as Cloudflare sets it over whatever the client sent. A local server has none, and is not guarded. */
export function addressOf(request: Request): string | undefined {
  return request.headers.get('cf-connecting-ip') ?? undefined
}

const WRONG: readonly ErrorCode[] = ['key_invalid', 'sign_in_refused']

async function noteIfWrong(thrown: unknown, address: string, ports: ControlPorts): Promise<never> {
  if (thrown instanceof GatewayError && WRONG.includes(thrown.code)) {
    await ports.noteFailure(address).catch(() => undefined)
  }
  throw thrown
}

/**
 * Runs a check of a credential, unless too many from the same address were wrong in this minute: then nothing is read. It is
 * the address that waits and never the tenant, which nobody can lock out by guessing. Throws `attempts_limited`.
 */
export async function guarded<T>(request: Request, ports: ControlPorts, check: () => Promise<T>): Promise<T> {
  const address = addressOf(request)
  if (address === undefined) return check()
  const standing = await ports.readFailures(address).catch(() => undefined)
  if (standing && !standing.ok) throw limited(standing, ports.nowMs())
  return check().catch(thrown => noteIfWrong(thrown, address, ports))
}

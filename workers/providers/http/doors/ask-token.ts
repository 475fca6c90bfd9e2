import { z } from 'zod'
import { GatewayError } from '../../../errors/gateway-error.ts'
import type { Asked, Fetch } from '../door.ts'
import type { AccessToken } from './token-cache.ts'

const Granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() })

/** An endpoint that says nothing for so long is given up: whole providers wait for its answer. */
const PATIENCE_MS = 10_000

async function granted(url: string, form: Record<string, string>, fetch: Fetch) {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  const body = new URLSearchParams(form).toString()
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  const told = await answer.text()
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}: ${told.slice(0, 300)}`)
  return Granted.parse(JSON.parse(told))
}

/**
 * Asks a token endpoint (RFC 6749 section 5.1). Throws `provider_key_unusable` where it grants none; what it says instead is for
 * our log only.
 */
export async function askToken(
  url: string,
  form: Record<string, string>,
  { fetch, nowMs }: Asked,
): Promise<AccessToken> {
  try {
    const { access_token: token, expires_in } = await granted(url, form, fetch)
    return { token, expiresMs: nowMs + Math.floor(expires_in) * 1000 }
  } catch (cause) {
    const detail = 'No access token was granted to this account of the provider.'
    throw new GatewayError('provider_key_unusable', detail, { cause })
  }
}

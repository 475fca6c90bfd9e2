import { z } from 'zod'
import type { Asked } from '../door.ts'
import type { AccessToken } from './token-cache.ts'

const Granted = z.object({ access_token: z.string().min(1), expires_in: z.coerce.number().positive() })

/** An endpoint that says nothing for so long is given up: whole providers wait for its answer. */
const PATIENCE_MS = 10_000

/** Asks a token endpoint (RFC 6749 section 5.1). Throws where it grants none; what it says instead is for our log only. */
export async function askToken(
  url: string,
  form: Record<string, string>,
  { fetch, nowMs }: Asked,
): Promise<AccessToken> {
  const headers = { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' }
  const body = new URLSearchParams(form).toString()
  const signal = AbortSignal.timeout(PATIENCE_MS)
  const answer = await fetch(url, { method: 'POST', headers, body, signal, redirect: 'manual' })
  const told = await answer.text()
  if (!answer.ok) throw new Error(`the token endpoint answered ${answer.status}: ${told.slice(0, 300)}`)
  const { access_token: token, expires_in } = Granted.parse(JSON.parse(told))
  return { token, expiresMs: nowMs + Math.floor(expires_in) * 1000 }
}

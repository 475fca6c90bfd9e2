import { createHmac, timingSafeEqual } from 'node:crypto'
import { base64url } from 'jose'

/** What a token opens, and until when (UTC epoch milliseconds). */
export type DownloadGrant = { tenantId: string; exportId: string; expiresMs: number }

/** Makes tokens that open one file until they expire, and reads no others. */
export type DownloadTokens = {
  sign(grant: DownloadGrant): string
  /** Whose export a token opens, if this server made it for this export and it has not expired. */
  read(token: string, exportId: string, nowMs: number): { tenantId: string } | undefined
}

const utf8 = new TextEncoder()

function signer(secret: string): (grant: DownloadGrant) => string {
  const key = createHmac('sha256', secret).update('weir export download').digest()
  return ({ tenantId, exportId, expiresMs }) =>
    createHmac('sha256', key)
      .update(JSON.stringify([tenantId, exportId, expiresMs]))
      .digest('base64url')
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [utf8.encode(one), utf8.encode(other)]
  return a.length === b.length && timingSafeEqual(a, b)
}

function readClaims(text: string): [string, number] | undefined {
  try {
    const said: unknown = JSON.parse(new TextDecoder().decode(base64url.decode(text)))
    if (!Array.isArray(said) || typeof said[0] !== 'string' || !Number.isSafeInteger(said[1])) return undefined
    return [said[0], said[1]]
  } catch {
    return undefined
  }
}

/** Tokens under one server-side secret; those made under the one before, `previous`, are good as well. */
export function downloadTokens(secret: string, previous?: string): DownloadTokens {
  const sign = signer(secret)
  const accepted = [sign, ...(previous ? [signer(previous)] : [])]
  return {
    sign: grant => `${base64url.encode(JSON.stringify([grant.tenantId, grant.expiresMs]))}.${sign(grant)}`,
    read(token, exportId, nowMs) {
      const [said = '', signature = '', more] = token.split('.')
      const claims = more === undefined ? readClaims(said) : undefined
      if (!claims) return undefined
      const [tenantId, expiresMs] = claims
      const isOurs = accepted.some(one => isSame(signature, one({ tenantId, exportId, expiresMs })))
      return isOurs && nowMs < expiresMs ? { tenantId } : undefined
    },
  }
}

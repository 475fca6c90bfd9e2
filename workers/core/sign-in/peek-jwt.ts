import { decodeJwt, decodeProtectedHeader, type JWTPayload } from 'jose'

/** What a JWT says of itself, before anything of it is checked: good for finding what to check it by, and for nothing else. */
export type UncheckedJwt = { alg: string; kid: string | undefined; issuer: string; claims: JWTPayload }

/** The longest that is looked into, in characters. */
const MAX_LENGTH = 16_384

/** Reads a JWT without checking it; `undefined` for a text that is none. */
export function peekJwt(text: string): UncheckedJwt | undefined {
  if (text.length > MAX_LENGTH) return undefined
  try {
    const { alg = '', kid } = decodeProtectedHeader(text)
    const claims = decodeJwt(text)
    return {
      alg: String(alg),
      kid: typeof kid === 'string' ? kid : undefined,
      issuer: String(claims.iss ?? ''),
      claims,
    }
  } catch {
    return undefined
  }
}

/** The audiences that a token names. */
export function audiencesOf({ aud }: JWTPayload): string[] {
  return [aud].flat().filter(one => typeof one === 'string')
}

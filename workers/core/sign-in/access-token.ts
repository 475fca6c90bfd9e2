import { hkdfSync } from 'node:crypto'
import { type JWTVerifyOptions, SignJWT } from 'jose'
import type { Role } from '../access/role.ts'
import { type CheckedJwt, checkJwt } from './check-jwt.ts'

/** Who issues access tokens. No provider can have it: theirs are addresses. */
export const ACCESS_ISSUER = 'weir'
const AUDIENCE = 'weir'
const ALGORITHM = 'HS256'
/** In the header: what tells an access token from any other JWT that this key could ever sign (RFC 8725, section 3.11). */
const TYPE = 'at+jwt'

/** How long an access token is good, in seconds. */
export const ACCESS_SECONDS = 900

/** What an access token says. `role` is for its reader; what its bearer may do is read from D1 at each request. */
export type AccessClaims = { userId: string; tenantId: string; familyId: string; role: Role }

/** Signs and reads the access tokens of one deployment. */
export type AccessTokens = {
  sign(claims: AccessClaims, nowMs: number): Promise<string>
  /** What a token says; `undefined` for one that is forged. */
  read(text: string, nowMs: number): Promise<Omit<AccessClaims, 'role'> | 'expired' | undefined>
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

// RFC 5869: a key of its own for each use of the deployment's secret.
function keyOf(secret: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, '', 'weir access token, v1', 32))
}

async function checkByAny(text: string, keys: Uint8Array[], rules: JWTVerifyOptions): Promise<CheckedJwt> {
  const checked = await Promise.all(keys.map(key => checkJwt(text, key, rules)))
  return checked.find(({ kind }) => kind !== 'bad') ?? { kind: 'bad' }
}

/** Access tokens under a deployment's secret; what was signed under the previous one goes on being good. */
export function accessTokens(secret: string, previous?: string): AccessTokens {
  const key = keyOf(secret)
  const keys = previous === undefined ? [key] : [key, keyOf(previous)]
  return {
    sign({ userId, tenantId, familyId, role }, nowMs) {
      const nowSeconds = Math.floor(nowMs / 1000)
      return new SignJWT({ tenant: tenantId, sid: familyId, role, typ: 'access', jti: crypto.randomUUID() })
        .setProtectedHeader({ alg: ALGORITHM, typ: TYPE })
        .setIssuer(ACCESS_ISSUER)
        .setAudience(AUDIENCE)
        .setSubject(userId)
        .setIssuedAt(nowSeconds)
        .setExpirationTime(nowSeconds + ACCESS_SECONDS)
        .sign(key)
    },
    async read(text, nowMs) {
      const expected = { issuer: ACCESS_ISSUER, audience: AUDIENCE, typ: TYPE, algorithms: [ALGORITHM] }
      const rules = { ...expected, requiredClaims: ['exp', 'sub'], currentDate: new Date(nowMs) }
      const checked = await checkByAny(text, keys, rules)
      if (checked.kind === 'expired') return 'expired'
      if (checked.kind === 'bad' || checked.claims.typ !== 'access') return undefined
      const { sub, tenant, sid } = checked.claims
      return { userId: textOf(sub), tenantId: textOf(tenant), familyId: textOf(sid) }
    },
  }
}

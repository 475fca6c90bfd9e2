import type { JWTPayload } from 'jose'
import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId, type TenantId } from '../../core/access/tenant-id.ts'
import { type CheckedJwt, checkJwt } from '../../core/sign-in/check-jwt.ts'
import { isFromTheFuture, SKEW_SECONDS } from '../../core/sign-in/clock.ts'
import { audiencesOf, peekJwt, type UncheckedJwt } from '../../core/sign-in/peek-jwt.ts'
import { storedServiceId } from '../../core/sign-in/service-key.ts'
import { findServiceCredential, type ServiceCredentialRow } from '../../db/service-credentials.ts'
import type { ControlPorts } from '../ports.ts'
import { openServiceSecret } from './open-credential-secret.ts'
import { credentialInvalid, tokenExpired } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, refused, type Verdict } from './verifier.ts'

const ALGORITHM = 'HS256'
/** The longest that a service token may be good for, in seconds. */
const MAX_LIFE_SECONDS = 3_600

const invalid = () => refused(credentialInvalid('This is not a valid service token.'))

// Both spellings are in use; where a token has both, they must agree.
function tenantOf({ tenantId, tenant_id = tenantId }: JWTPayload): TenantId | undefined {
  if (typeof tenant_id !== 'string' || (tenantId !== undefined && tenantId !== tenant_id)) return undefined
  return asTenantId(tenant_id)
}

async function findSigner({ kid, claims }: UncheckedJwt, ports: ControlPorts) {
  const [id, tenantId] = [storedServiceId(kid ?? ''), tenantOf(claims)]
  const row = id && tenantId && (await findServiceCredential(ports.db, { tenantId, id }))
  return row && row.revokedMs === null ? row : undefined
}

function isShortLived({ exp = Number.POSITIVE_INFINITY, iat }: JWTPayload, nowMs: number): boolean {
  const fromSeconds = iat ?? nowMs / 1000 + SKEW_SECONDS
  return exp - fromSeconds <= MAX_LIFE_SECONDS && !isFromTheFuture(iat, nowMs)
}

function isForWeir(claims: JWTPayload): boolean {
  return claims.aud === undefined || audiencesOf(claims).includes('weir')
}

const BAD = { kind: 'bad' } as const

async function check(row: ServiceCredentialRow, text: string, { ports, nowMs }: Asked): Promise<CheckedJwt> {
  const secret = await openServiceSecret(row, ports)
  if (secret === undefined) return BAD
  const expected = { algorithms: [ALGORITHM], issuer: row.issuer, requiredClaims: ['exp'] }
  const rules = { ...expected, clockTolerance: SKEW_SECONDS, currentDate: new Date(nowMs) }
  const checked = await checkJwt(text, new TextEncoder().encode(secret), rules)
  if (checked.kind !== 'good') return checked
  return isShortLived(checked.claims, nowMs) && isForWeir(checked.claims) ? checked : BAD
}

type Asked = { ports: ControlPorts; nowMs: number }

/**
 * Recognises JWTs that a partner signed with the secret of a credential of `/v1/identity/service-credentials`. The tenant that a
 * token names is where its key is looked for; what it may do is the credential's.
 */
export async function verifyServiceToken({ secret = '', nowMs }: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const token = peekJwt(secret)
  if (token?.alg !== ALGORITHM) return NOT_MINE
  const row = await findSigner(token, ports)
  const checked = row ? await check(row, secret, { ports, nowMs }) : BAD
  if (checked.kind === 'expired') return refused(tokenExpired())
  if (!row || checked.kind === 'bad') return invalid()
  const { tenantId, id, role } = row
  const scopes = scopesOfRole(role).filter(scope => row.scopes.includes(scope))
  return { kind: 'principal', principal: { tenantId, kind: 'service', id, role, scopes } }
}

import type { Principal } from '../../core/access/principal.ts'
import { scopesOfRole } from '../../core/access/role.ts'
import { asTenantId } from '../../core/access/tenant-id.ts'
import { ACCESS_ISSUER } from '../../core/sign-in/access-token.ts'
import { peekJwt } from '../../core/sign-in/peek-jwt.ts'
import { findSession } from '../../db/find-session.ts'
import type { UserInTenant } from '../../db/find-user.ts'
import type { ControlPorts } from '../ports.ts'
import { activeTenantOf } from './active-tenant.ts'
import { credentialInvalid, tenantForbidden, tokenExpired } from './unauthorized.ts'
import { NOT_MINE, type RequestFacts, refused, type Verdict } from './verifier.ts'

const ended = () => refused(tokenExpired())

function principalOf({ user, member }: UserInTenant, familyId: string): Principal | undefined {
  if (member?.status !== 'active') return undefined
  const { tenantId, role } = member
  return { tenantId, kind: 'user', id: user.id, role, scopes: scopesOfRole(role), familyId }
}

/**
 * Recognises the access tokens of `POST /v1/auth/login`, for their tenant or for another one of their user's that
 * `X-Active-Tenant-Id` names. Role, membership and sign-in are read from D1: what was taken away is gone with the next request.
 */
export async function verifyAccessToken(facts: RequestFacts, ports: ControlPorts): Promise<Verdict> {
  const { secret = '', request, nowMs } = facts
  if (peekJwt(secret)?.issuer !== ACCESS_ISSUER) return NOT_MINE
  const claims = await ports.signIn.accessTokens.read(secret, nowMs)
  if (!claims) return refused(credentialInvalid('This is not a valid access token.'))
  if (claims === 'expired') return ended()
  const home = asTenantId(claims.tenantId)
  const wanted = activeTenantOf(request)
  const actsFor = wanted === undefined ? home : asTenantId(wanted)
  const family = { tenantId: home, familyId: claims.familyId }
  const found = await findSession(ports.db, { userId: claims.userId, actsFor, family, nowMs })
  if (!found || found.user.disabledMs !== null) return ended()
  const principal = principalOf(found, claims.familyId)
  if (principal) return { kind: 'principal', principal }
  return actsFor === home ? ended() : refused(tenantForbidden())
}

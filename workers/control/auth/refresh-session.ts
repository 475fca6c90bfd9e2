import type { RefreshRow } from '../../db/find-session.ts'
import { findUserInTenant } from '../../db/find-user.ts'
import { rotateToken } from '../../db/save-session.ts'
import { guarded } from '../access/guard-attempts.ts'
import { signInRefused } from '../access/unauthorized.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { endSession } from './end-session.ts'
import { newToken, renderSession, type SignedIn } from './open-session.ts'
import { readRefreshToken } from './read-refresh-token.ts'

async function ownerOf({ tenantId, userId }: RefreshRow, ports: ActingPorts): Promise<SignedIn> {
  const found = await findUserInTenant(ports.db, { tenantId, userId })
  if (found?.member?.status !== 'active' || found.user.disabledMs !== null) throw signInRefused()
  return { user: found.user, member: found.member }
}

// Either of the two that bring a token has stolen it, and nobody knows which: both lose it (RFC 9700, section 4.14.2).
async function refuseReused(row: RefreshRow, ports: ActingPorts): Promise<never> {
  await endSession(row, 'session.revoke_reused', ports)
  throw signInRefused()
}

async function refresh(request: Request, ports: ActingPorts) {
  const row = await readRefreshToken(request, ports)
  if (row.revokedMs !== null || row.expiresMs <= ports.nowMs()) throw signInRefused()
  if (row.usedMs !== null) return refuseReused(row, ports)
  const owner = await ownerOf(row, ports)
  const token = newToken(owner, row.familyId, ports)
  if (!(await rotateToken(ports.db, row, token.row))) return refuseReused(row, ports)
  return renderSession(owner, token, ports)
}

/**
 * `POST /v1/auth/refresh-tokens`: the next refresh token and a new access token. One that was used before, even a moment ago and by
 * the same client, ends the sign-in. Throws `sign_in_refused`.
 */
export async function refreshSession(c: ControlContext, ports: ActingPorts): Promise<Response> {
  return c.json(await guarded(c.req.raw, ports, () => refresh(c.req.raw, ports)))
}

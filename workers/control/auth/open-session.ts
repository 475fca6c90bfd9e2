import type { z } from 'zod'
import { ACCESS_SECONDS } from '../../core/sign-in/access-token.ts'
import { mintRefreshText, REFRESH_MS } from '../../core/sign-in/refresh-text.ts'
import type { RefreshRow } from '../../db/find-session.ts'
import type { MemberRow, UserRow } from '../../db/find-user.ts'
import { insertSession } from '../../db/save-session.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { type SessionShape, shownUserId } from './auth-shape.ts'

/** A user who has proved to be one, as a member of the tenant that it signs in to. */
export type SignedIn = { user: UserRow; member: MemberRow }

/** A refresh token of a family, and its text, which is told once. */
export function newToken({ user, member }: SignedIn, familyId: string, ports: ControlPorts) {
  const { tenantId } = member
  const createdMs = ports.nowMs()
  const { text, tokenHash } = mintRefreshText(tenantId)
  const times = { createdMs, expiresMs: createdMs + REFRESH_MS, usedMs: null, revokedMs: null }
  const row: RefreshRow = { tenantId, tokenHash, familyId, userId: user.id, ...times }
  return { row, text }
}

/** What is answered to who has a new refresh token: that, and an access token of the same family. */
export async function renderSession(
  { user, member }: SignedIn,
  token: { row: RefreshRow; text: string },
  ports: ControlPorts,
): Promise<z.input<typeof SessionShape>> {
  const { tenantId, role } = member
  const { familyId, createdMs } = token.row
  const claims = { userId: user.id, tenantId, familyId, role }
  const accessToken = await ports.signIn.accessTokens.sign(claims, createdMs)
  const { email, name } = user
  const shown = { id: shownUserId(user.id), email, name, role, tenant_id: tenantId }
  return { data: { accessToken, expiresIn: ACCESS_SECONDS, refreshToken: token.text, user: shown } }
}

/** The ports to act in a user's own name, once it has proved to be that user. */
export function inNameOf({ id }: { id: string }, ports: ActingPorts): ActingPorts {
  return { ...ports, actor: { kind: 'user', id, requestId: ports.actor.requestId } }
}

/** Begins a family of tokens: what is answered to who signs in. `rehashed`: the password at today's cost, where it was not. */
export async function openSession(signedIn: SignedIn, rehashed: string | undefined, ports: ActingPorts) {
  const familyId = ports.newId()
  const token = newToken(signedIn, familyId, ports)
  const { tenantId, userId, expiresMs } = token.row
  const after = { tenantId, familyId, userId, expiresMs }
  const change = { action: 'session.create', resource: { type: 'session', id: familyId }, before: null, after } as const
  const audit = auditRow(tenantId, change, inNameOf(signedIn.user, ports))
  await insertSession(ports.db, { row: token.row, rehashed }, audit)
  return renderSession(signedIn, token, ports)
}

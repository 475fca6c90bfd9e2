import type { Role } from '../../core/access/role.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { InvitationRow } from '../../db/find-invitations.ts'
import type { ActingPorts } from '../ports.ts'

/** How long an invitation can be accepted, in milliseconds. */
const LIFE_MS = 7 * 86_400_000

/** Whom a tenant invites, and as what; the address is normalised. */
export type Invited = { tenantId: TenantId; email: string; role: Role }

/** An invitation, and the text of its token, which is stored nowhere. */
export async function newInvitation(
  invited: Invited,
  ports: ActingPorts,
): Promise<{ row: InvitationRow; text: string }> {
  const { tenantId } = invited
  const createdMs = ports.nowMs()
  const id = ports.newId()
  const { text, hash: tokenHash } = await ports.mintKey('invitation', { tenantId, id })
  const createdBy = `${ports.actor.kind}:${ports.actor.id}`
  const times = { createdMs, expiresMs: createdMs + LIFE_MS, acceptedMs: null, revokedMs: null }
  return { row: { ...invited, id, tokenHash, createdBy, ...times }, text }
}

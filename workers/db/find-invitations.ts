import { and, desc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { invitation } from './schema/tenancy.ts'
import { selectPage } from './select-page.ts'

/** A row of `invitation`. */
export type InvitationRow = typeof invitation.$inferSelect

/** An invitation of a tenant, whatever became of it, or `undefined`. */
export function findInvitation(
  db: ConfigDb,
  { tenantId, id }: { tenantId: TenantId; id: string },
): Promise<InvitationRow | undefined> {
  return db
    .select()
    .from(invitation)
    .where(and(eq(invitation.tenantId, tenantId), eq(invitation.id, id)))
    .get()
}

/** A page of the invitations that were neither accepted nor revoked, expired ones included, the newest first, and their number. */
export async function listInvitations(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ invitations: InvitationRow[]; total: number }> {
  const isOpen = and(isNull(invitation.acceptedMs), isNull(invitation.revokedMs))
  const where = and(eq(invitation.tenantId, tenantId), isOpen)
  const newest = [desc(invitation.createdMs), desc(invitation.id)]
  const { rows: invitations, total } = await selectPage(db, invitation, { where, orderBy: newest, limit, offset })
  return { invitations, total }
}

import { and, eq, isNull, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { InvitationRow } from './find-invitations.ts'
import type { Statement } from './in-one-batch.ts'
import { invitation, member, user } from './schema/tenancy.ts'
import { violates } from './violates.ts'

/** The statements that write an invitation; the one of the same address that is open is revoked, so that one is at a time. */
export function writeInvitation(db: ConfigDb, row: InvitationRow): Statement[] {
  const ofAddress = and(eq(invitation.tenantId, row.tenantId), eq(invitation.email, row.email))
  const isOpen = and(isNull(invitation.acceptedMs), isNull(invitation.revokedMs))
  const revoke = db
    .update(invitation)
    .set({ revokedMs: sql`max(${row.createdMs}, ${invitation.createdMs})` })
    .where(and(ofAddress, isOpen))
  return [revoke, db.insert(invitation).values(row)]
}

/** Adds an invitation. */
export async function insertInvitation(db: ConfigDb, row: InvitationRow, audit: AuditRow): Promise<void> {
  await auditedBatch(db, audit, writeInvitation(db, row))
}

// An invitation that is open no more gets a NULL for its address, which takes back the whole batch.
function endOnce(db: ConfigDb, row: InvitationRow, end: { acceptedMs: number } | { revokedMs: number }): Statement {
  const { acceptedMs, revokedMs, email } = invitation
  const isOpen = sql`${acceptedMs} IS NULL AND ${revokedMs} IS NULL`
  return db
    .update(invitation)
    .set({ ...end, email: sql`CASE WHEN ${isOpen} THEN ${email} END` })
    .where(and(eq(invitation.tenantId, row.tenantId), eq(invitation.id, row.id)))
}

/** Revokes an invitation; `false` where it is open no more, and nothing is written. */
export async function revokeInvitation(
  db: ConfigDb,
  { row, nowMs }: { row: InvitationRow; nowMs: number },
  audit: AuditRow,
): Promise<boolean> {
  try {
    await auditedBatch(db, audit, [endOnce(db, row, { revokedMs: Math.max(nowMs, row.createdMs) })])
    return true
  } catch (thrown) {
    if (violates(thrown, 'invitation.email')) return false
    throw thrown
  }
}

/** Who accepts an invitation: the member, and the user where there was none of that address. */
export type Acceptance = {
  row: InvitationRow
  member: typeof member.$inferInsert
  newUser: typeof user.$inferInsert | undefined
  nowMs: number
}

/** What came of it. `ended`: somebody else accepted or revoked it. `stale`: somebody of that address has come; read again. */
export type Accepted = 'accepted' | 'ended' | 'stale' | 'member'

/** Makes the member, and the user, and ends the invitation: all or nothing. */
export async function acceptInvitation(db: ConfigDb, made: Acceptance, audit: AuditRow): Promise<Accepted> {
  const users = made.newUser ? [db.insert(user).values(made.newUser)] : []
  const end = endOnce(db, made.row, { acceptedMs: Math.max(made.nowMs, made.row.createdMs) })
  try {
    await auditedBatch(db, audit, [end, ...users, db.insert(member).values(made.member)])
    return 'accepted'
  } catch (thrown) {
    if (violates(thrown, 'invitation.email')) return 'ended'
    if (violates(thrown, 'user.email')) return 'stale'
    if (violates(thrown, 'member.user_id, member.tenant_id')) return 'member'
    throw thrown
  }
}

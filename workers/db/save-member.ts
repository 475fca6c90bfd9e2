import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { Role } from '../core/access/role.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { ListedMember } from './find-members.ts'
import type { Statement } from './in-one-batch.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { refreshToken } from './schema/sign-in.ts'
import { invitation, member } from './schema/tenancy.ts'

// Owners are counted where the change is written: two of them cannot make each other less at once.
function hasOtherOwner({ tenantId, id }: ListedMember): SQL {
  return sql`EXISTS (SELECT 1 FROM member AS other JOIN user ON user.id = other.user_id AND user.disabled_ms IS NULL
    WHERE other.tenant_id = ${tenantId} AND other.id <> ${id} AND other.role = 'owner' AND other.status = 'active')`
}

function isAsRead(row: ListedMember, staysOwner: boolean): SQL {
  const { tenantId, id, version } = row
  const keepsOwner = staysOwner || row.role !== 'owner' ? sql`TRUE` : hasOtherOwner(row)
  return sql`EXISTS (SELECT 1 FROM member WHERE tenant_id = ${tenantId} AND id = ${id} AND version = ${version})
    AND ${keepsOwner}`
}

const whereIs = ({ tenantId, id }: ListedMember) => and(eq(member.tenantId, tenantId), eq(member.id, id))

// Whom a member has invited was invited by somebody who may no longer do so.
function revokeInvitations(db: ConfigDb, { tenantId, userId }: ListedMember, nowMs: number): Statement {
  const isOpen = and(isNull(invitation.acceptedMs), isNull(invitation.revokedMs))
  const isTheirs = and(eq(invitation.tenantId, tenantId), eq(invitation.createdBy, `user:${userId}`))
  return db
    .update(invitation)
    .set({ revokedMs: sql`max(${nowMs}, ${invitation.createdMs})` })
    .where(and(isTheirs, isOpen))
}

function endSessions(db: ConfigDb, { tenantId, userId }: ListedMember, nowMs: number): Statement {
  const isTheirs = and(eq(refreshToken.tenantId, tenantId), eq(refreshToken.userId, userId))
  return db
    .update(refreshToken)
    .set({ revokedMs: nowMs })
    .where(and(isTheirs, isNull(refreshToken.revokedMs)))
}

/** Gives a member another role, and takes back whom it invited. `false`: read it again, and the owners; nothing is written. */
export function saveMemberRole(
  db: ConfigDb,
  { row, role, nowMs }: { row: ListedMember; role: Role; nowMs: number },
  audit: AuditRow,
): Promise<boolean> {
  const check = onlyIf(row.tenantId, isAsRead(row, role === 'owner'))
  const change = { role, updatedMs: nowMs, version: row.version + 1 }
  const update = db.update(member).set(change).where(whereIs(row))
  return wasSo(() => auditedBatch(db, audit, [check, update, revokeInvitations(db, row, nowMs)]))
}

/** Removes a member, whom it invited, and what it is signed in with. `false` as in `saveMemberRole`. */
export function removeMember(
  db: ConfigDb,
  { row, nowMs }: { row: ListedMember; nowMs: number },
  audit: AuditRow,
): Promise<boolean> {
  const check = onlyIf(row.tenantId, isAsRead(row, false))
  const ended = [revokeInvitations(db, row, nowMs), endSessions(db, row, nowMs)]
  return wasSo(() => auditedBatch(db, audit, [check, db.delete(member).where(whereIs(row)), ...ended]))
}

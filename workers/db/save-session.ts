import { and, eq, isNull, lte, ne, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { FamilyPath, RefreshRow } from './find-session.ts'
import type { UserRow } from './find-user.ts'
import { inOneBatch } from './in-one-batch.ts'
import { refreshToken } from './schema/sign-in.ts'
import { user } from './schema/tenancy.ts'
import { violates } from './violates.ts'

/** Begins a family with its first token, keeps the user's newest hash, and takes away what of the user's has run out. */
export async function insertSession(
  db: ConfigDb,
  { row, rehashed }: { row: RefreshRow; rehashed: string | undefined },
  audit: AuditRow,
): Promise<void> {
  const hasRunOut = and(eq(refreshToken.userId, row.userId), lte(refreshToken.expiresMs, row.createdMs))
  const rehash = rehashed && db.update(user).set({ passwordHash: rehashed }).where(eq(user.id, row.userId))
  const insert = db.insert(refreshToken).values(row)
  await auditedBatch(db, audit, [db.delete(refreshToken).where(hasRunOut), insert, ...(rehash ? [rehash] : [])])
}

/**
 * Uses up a token and puts the next one of its family in its place; `false` where it was used or revoked since it was read, and
 * nothing is written.
 */
export async function rotateToken(db: ConfigDb, used: RefreshRow, next: RefreshRow): Promise<boolean> {
  const { usedMs, revokedMs, familyId, tenantId, tokenHash } = refreshToken
  const isGood = sql`${usedMs} IS NULL AND ${revokedMs} IS NULL`
  // A NULL family takes back the whole batch: of two who bring the same token, one gets the next.
  const change = { usedMs: next.createdMs, familyId: sql`CASE WHEN ${isGood} THEN ${familyId} END` }
  const isUsed = and(eq(tenantId, used.tenantId), eq(tokenHash, used.tokenHash))
  try {
    await inOneBatch(db, [db.update(refreshToken).set(change).where(isUsed), db.insert(refreshToken).values(next)])
    return true
  } catch (thrown) {
    if (violates(thrown, 'refresh_token.family_id')) return false
    throw thrown
  }
}

/** Ends a family: no token of it is good any more, nor an access token that came of one. */
export async function revokeFamily(db: ConfigDb, family: FamilyPath & { nowMs: number }, audit: AuditRow) {
  const { tenantId, familyId, nowMs: revokedMs } = family
  const isOfFamily = and(eq(refreshToken.tenantId, tenantId), eq(refreshToken.familyId, familyId))
  const isOpen = and(isOfFamily, isNull(refreshToken.revokedMs))
  await auditedBatch(db, audit, [db.update(refreshToken).set({ revokedMs }).where(isOpen)])
}

/**
 * Gives a user another password and ends all of its sign-ins but one, in every tenant; `false` where the password was changed
 * since it was read, and nothing is written.
 */
export async function savePassword(
  db: ConfigDb,
  { before, after, familyId }: { before: UserRow; after: UserRow; familyId: string },
  audit: AuditRow,
): Promise<boolean> {
  const { passwordHash, updatedMs } = after
  const isSame = sql`${user.passwordHash} IS ${before.passwordHash}`
  const change = { passwordHash, updatedMs, name: sql`CASE WHEN ${isSame} THEN ${user.name} END` }
  const isOther = and(eq(refreshToken.userId, after.id), ne(refreshToken.familyId, familyId))
  const end = db
    .update(refreshToken)
    .set({ revokedMs: updatedMs })
    .where(and(isOther, isNull(refreshToken.revokedMs)))
  try {
    await auditedBatch(db, audit, [db.update(user).set(change).where(eq(user.id, after.id)), end])
    return true
  } catch (thrown) {
    if (violates(thrown, 'user.name')) return false
    throw thrown
  }
}

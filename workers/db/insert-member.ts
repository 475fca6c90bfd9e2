import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { MemberRow, UserRow } from './find-user.ts'
import { member, user } from './schema/tenancy.ts'
import { violates } from './violates.ts'

/** A new member, and its user where that is new too. */
export type NewMember = { member: MemberRow; newUser: UserRow | undefined }

/** Adds a member, and its user where it is new. `false`: somebody else has added either; nothing is written. */
export async function insertMember(db: ConfigDb, added: NewMember, audit: AuditRow): Promise<boolean> {
  const users = added.newUser ? [db.insert(user).values(added.newUser)] : []
  try {
    await auditedBatch(db, audit, [...users, db.insert(member).values(added.member)])
    return true
  } catch (thrown) {
    if (violates(thrown, 'user.email') || violates(thrown, 'member.user_id')) return false
    throw thrown
  }
}

import { and, eq, getTableColumns, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { member, user } from './schema/tenancy.ts'

/** A row of `user`. */
export type UserRow = typeof user.$inferSelect

/** A row of `member`. */
export type MemberRow = typeof member.$inferSelect

/** A user, and what it is in one tenant: nothing, perhaps. */
export type UserInTenant = { user: UserRow; member: MemberRow | null }

/** A user by its normalised email, and all that it is a member of and let in, the first first, in one reading. */
export async function findUserByEmail(
  db: ConfigDb,
  email: string,
): Promise<{ user: UserRow; members: MemberRow[] } | undefined> {
  const isOfUser = eq(member.userId, sql`(SELECT id FROM user WHERE email = ${email})`)
  const [users, members] = await db.batch([
    db.select().from(user).where(eq(user.email, email)),
    db
      .select()
      .from(member)
      .where(and(isOfUser, eq(member.status, 'active')))
      .orderBy(member.createdMs, member.id),
  ])
  const [found] = users
  return found && { user: found, members }
}

function selectInTenant(db: ConfigDb, tenantId: TenantId) {
  const isHere = and(eq(member.userId, user.id), eq(member.tenantId, tenantId))
  return db
    .select({ user: getTableColumns(user), member: getTableColumns(member) })
    .from(user)
    .leftJoin(member, isHere)
}

/** A user by its id, and what it is in a tenant. */
export function findUserInTenant(
  db: ConfigDb,
  { tenantId, userId }: { tenantId: TenantId; userId: string },
): Promise<UserInTenant | undefined> {
  return selectInTenant(db, tenantId).where(eq(user.id, userId)).get()
}

/** A user by its normalised email, and what it is in a tenant. */
export function findEmailInTenant(
  db: ConfigDb,
  { tenantId, email }: { tenantId: TenantId; email: string },
): Promise<UserInTenant | undefined> {
  return selectInTenant(db, tenantId).where(eq(user.email, email)).get()
}

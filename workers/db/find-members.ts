import { and, asc, count, eq, isNull, ne, type SQL } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { member, user } from './schema/tenancy.ts'

/** A row of `member`, with who it is. */
export type ListedMember = typeof member.$inferSelect & { email: string; disabledMs: number | null }

/** Names a member of a tenant. */
export type MemberPath = { tenantId: TenantId; id: string }

function select(db: ConfigDb, where: SQL | undefined) {
  const { tenantId, id, userId, role, status, createdMs, updatedMs, version, name } = member
  const { email, disabledMs } = user
  const columns = { tenantId, id, userId, role, status, createdMs, updatedMs, version, name, email, disabledMs }
  return db.select(columns).from(member).innerJoin(user, eq(user.id, member.userId)).where(where)
}

/** A member of a tenant, or `undefined`. */
export function findMember(db: ConfigDb, { tenantId, id }: MemberPath): Promise<ListedMember | undefined> {
  return select(db, and(eq(member.tenantId, tenantId), eq(member.id, id))).get()
}

/** A page of a tenant's members, the oldest first, and how many there are in all, in one reading. */
export async function listMembers(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ members: ListedMember[]; total: number }> {
  const where = eq(member.tenantId, tenantId)
  const [members, totals] = await db.batch([
    select(db, where).orderBy(asc(member.createdMs), asc(member.id)).limit(limit).offset(offset),
    db.select({ total: count() }).from(member).where(where),
  ])
  return { members, total: totals[0]?.total ?? 0 }
}

/** Whether a tenant has an owner beside this member: one who may sign in. */
export async function hasOtherOwner(db: ConfigDb, { tenantId, id }: MemberPath): Promise<boolean> {
  const isOwner = and(eq(member.tenantId, tenantId), eq(member.role, 'owner'), eq(member.status, 'active'))
  const other = await select(db, and(isOwner, ne(member.id, id), isNull(user.disabledMs)))
    .limit(1)
    .get()
  return other !== undefined
}

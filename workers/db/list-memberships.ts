import { and, eq, sql } from 'drizzle-orm'
import type { Role } from '../core/access/role.ts'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { member, tenant } from './schema/tenancy.ts'

/** A tenant that somebody may act for, and as what. */
export type Membership = { tenantId: TenantId; name: string; role: Role }

/** The tenants that let a user in, the first first. */
export function listMemberships(db: ConfigDb, userId: string): Promise<Membership[]> {
  return db
    .select({
      tenantId: member.tenantId,
      name: sql<string>`coalesce(${tenant.displayName}, ${tenant.name})`,
      role: member.role,
    })
    .from(member)
    .innerJoin(tenant, eq(tenant.id, member.tenantId))
    .where(and(eq(member.userId, userId), eq(member.status, 'active')))
    .orderBy(member.createdMs, member.id)
}

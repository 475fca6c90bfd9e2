import { asc, count } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import type { TenantRow } from './find-tenant.ts'
import { tenant } from './schema/tenancy.ts'

/** A page of all tenants, the oldest first, and how many there are in all. For the operator alone. */
export async function listTenants(
  db: ConfigDb,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ tenants: TenantRow[]; total: number }> {
  const [tenants, totals] = await db.batch([
    db.select().from(tenant).orderBy(asc(tenant.createdMs), asc(tenant.id)).limit(limit).offset(offset),
    db.select({ total: count() }).from(tenant),
  ])
  return { tenants, total: totals[0]?.total ?? 0 }
}

import { asc } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import type { TenantRow } from './find-tenant.ts'
import { tenant } from './schema/tenancy.ts'
import { selectPage } from './select-page.ts'

/** A page of all tenants, the oldest first, and how many there are in all. For the operator alone. */
export async function listTenants(
  db: ConfigDb,
  { limit, offset }: { limit: number; offset: number },
): Promise<{ tenants: TenantRow[]; total: number }> {
  const { rows: tenants, total } = await selectPage(db, tenant, {
    orderBy: [asc(tenant.createdMs), asc(tenant.id)],
    limit,
    offset,
  })
  return { tenants, total }
}

import { eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { tenant } from './schema/tenancy.ts'

/** Where browsers may call from in the tenant's name. */
export async function findAllowedOrigins(db: ConfigDb, tenantId: TenantId): Promise<string[]> {
  const { allowedOrigins } = tenant
  const row = await db.select({ allowedOrigins }).from(tenant).where(eq(tenant.id, tenantId)).get()
  return row?.allowedOrigins ?? []
}

import { and, eq, isNotNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { virtualKey } from './schema/keys.ts'

/** The ids of a tenant's keys whose meters were ever set: budget objects own their limits. */
export async function findMeteredKeys(db: ConfigDb, tenantId: TenantId): Promise<Set<string>> {
  const rows = await db
    .select({ id: virtualKey.id })
    .from(virtualKey)
    .where(and(eq(virtualKey.tenantId, tenantId), isNotNull(virtualKey.meterRegions)))
  return new Set(rows.map(row => row.id))
}

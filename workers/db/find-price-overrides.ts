import { and, asc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { PriceOverride } from '../core/pricing/index.ts'
import type { ConfigDb } from './database.ts'
import { pricingOverride as of } from './schema/routing.ts'

/** The price overrides of a tenant that are of no key, neither its own nor a provider's, the oldest first. */
export async function findPriceOverrides(db: ConfigDb, tenantId: TenantId): Promise<PriceOverride[]> {
  const isOfAll = and(eq(of.tenantId, tenantId), isNull(of.virtualKeyId), isNull(of.providerKeyId))
  const rows = await db.select().from(of).where(isOfAll).orderBy(asc(of.createdMs), asc(of.id))
  return rows.map(({ updatedMs: sinceMs, ...row }) => ({ ...row, sinceMs }))
}

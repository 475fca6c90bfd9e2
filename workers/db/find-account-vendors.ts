import { eq } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import { providerAccount } from './schema/providers.ts'

/** The vendor of each account that a tenant has or had, by the account's name: events are told apart by these names. */
export async function findAccountVendors(db: ConfigDb, tenantId: TenantId): Promise<Map<string, string>> {
  const { name, vendor } = providerAccount
  const rows = await db.select({ name, vendor }).from(providerAccount).where(eq(providerAccount.tenantId, tenantId))
  return new Map(rows.map(row => [row.name, row.vendor]))
}

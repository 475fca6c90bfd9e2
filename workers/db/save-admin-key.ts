import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { Database } from './database.ts'
import type { TenantRow } from './find-tenant.ts'
import { adminKey, tenant } from './schema.ts'
import { violates } from './violates.ts'

/** A new key of the management API, and its tenant where that is new too. */
export type NewAdminKey = { row: typeof adminKey.$inferSelect; newTenant: TenantRow | undefined }

/** Adds an admin key, and its tenant where it is new. `false`: somebody has made a tenant of that name; nothing is written. */
export async function saveAdminKey(db: Database, { row, newTenant }: NewAdminKey, audit: AuditRow): Promise<boolean> {
  const tenants = newTenant ? [db.insert(tenant).values(newTenant)] : []
  try {
    await auditedBatch(db, audit, [...tenants, db.insert(adminKey).values(row)])
    return true
  } catch (thrown) {
    if (violates(thrown, 'tenant.name')) return false
    throw thrown
  }
}

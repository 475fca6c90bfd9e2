import { eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { branding } from './schema/tenancy.ts'

/** A row of `branding`. */
export type BrandingRow = typeof branding.$inferSelect

/** How a tenant's pages look, or `undefined`: it has said nothing. */
export function findBranding(db: ConfigDb, tenantId: TenantId): Promise<BrandingRow | undefined> {
  return db.select().from(branding).where(eq(branding.tenantId, tenantId)).get()
}

/** Writes it, in a version one above the one it was read in; `false` where somebody was faster, and nothing is written. */
export function saveBranding(db: ConfigDb, row: BrandingRow, audit: AuditRow): Promise<boolean> {
  const { tenantId, version } = row
  const before = sql`(SELECT version FROM branding WHERE tenant_id = ${tenantId})`
  const check = onlyIf(tenantId, sql`coalesce(${before}, 0) = ${version - 1}`)
  const put = db.insert(branding).values(row).onConflictDoUpdate({ target: branding.tenantId, set: row })
  return wasSo(() => auditedBatch(db, audit, [check, put]))
}

import { and, asc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { featureFlag } from './schema/tenancy.ts'

/** A row of `feature_flag`. */
export type FlagRow = typeof featureFlag.$inferSelect

/** All flags of a tenant, by name. */
export function listFlags(db: ConfigDb, tenantId: TenantId): Promise<FlagRow[]> {
  return db.select().from(featureFlag).where(eq(featureFlag.tenantId, tenantId)).orderBy(asc(featureFlag.name))
}

const isFlag = ({ tenantId, name }: { tenantId: TenantId; name: string }) =>
  and(eq(featureFlag.tenantId, tenantId), eq(featureFlag.name, name))

/** A flag of a tenant, or `undefined`. */
export function findFlag(db: ConfigDb, path: { tenantId: TenantId; name: string }): Promise<FlagRow | undefined> {
  return db.select().from(featureFlag).where(isFlag(path)).get()
}

/** Writes a flag, in a version one above the one it was read in; `false` where somebody was faster, and nothing is written. */
export function saveFlag(db: ConfigDb, row: FlagRow, audit: AuditRow): Promise<boolean> {
  const target = [featureFlag.tenantId, featureFlag.name]
  const put = db.insert(featureFlag).values(row).onConflictDoUpdate({ target, set: row })
  const { tenantId, name, version } = row
  const before = sql`(SELECT version FROM feature_flag WHERE tenant_id = ${tenantId} AND name = ${name})`
  const check = onlyIf(tenantId, sql`coalesce(${before}, 0) = ${version - 1}`)
  return wasSo(() => auditedBatch(db, audit, [check, put]))
}

/** Deletes a flag as it was read; `false` where somebody has changed or deleted it, and nothing is written. */
export function deleteFlag(db: ConfigDb, row: FlagRow, audit: AuditRow): Promise<boolean> {
  const { tenantId, name, version } = row
  const isAsRead = sql`EXISTS (SELECT 1 FROM feature_flag
    WHERE tenant_id = ${tenantId} AND name = ${name} AND version = ${version})`
  const statements = [onlyIf(tenantId, isAsRead), db.delete(featureFlag).where(isFlag(row))]
  return wasSo(() => auditedBatch(db, audit, statements))
}

import { eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { onlyIf } from './only-if.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { complexityConfig } from './schema/complexity.ts'
import { violates } from './violates.ts'

/** A row of `complexity_config`. */
export type ComplexityRow = typeof complexityConfig.$inferSelect

/** What a tenant says of it, or `undefined`: it never said anything. */
export function findComplexity(db: ConfigDb, tenantId: TenantId): Promise<ComplexityRow | undefined> {
  return db.select().from(complexityConfig).where(eq(complexityConfig.tenantId, tenantId)).get()
}

// Others have no rule that asks.
function touchKeys(tenantId: TenantId): SQL {
  return sql`UPDATE virtual_key SET version = version + 1 WHERE tenant_id = ${tenantId} AND deleted_ms IS NULL
    AND id IN (SELECT key_id FROM key_snapshot WHERE tenant_id = ${tenantId}
      AND instr(body -> '$.routing.rules', 'complexity_tier') > 0)`
}

/**
 * Writes it, in a version one above the one it was read in, with the snapshots of all keys whose rules ask for it; answers those
 * keys, or `undefined` where somebody was faster, and nothing is written.
 */
export async function saveComplexity(
  db: ConfigDb,
  row: ComplexityRow,
  audit: AuditRow,
): Promise<KeyVersion[] | undefined> {
  const { tenantId, version } = row
  const before = sql`(SELECT version FROM complexity_config WHERE tenant_id = ${tenantId})`
  const check = onlyIf(tenantId, sql`coalesce(${before}, 0) = ${version - 1}`)
  const put = db
    .insert(complexityConfig)
    .values(row)
    .onConflictDoUpdate({ target: complexityConfig.tenantId, set: row })
  try {
    const results = await auditedBatch(db, audit, [check, put, touchKeys(tenantId), rebuildOutdated(tenantId)])
    return (results.at(-1) ?? []) as KeyVersion[]
  } catch (thrown) {
    if (violates(thrown, 'tenant.version')) return undefined
    throw thrown
  }
}

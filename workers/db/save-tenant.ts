import { eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { TenantRow } from './find-tenant.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { tenant } from './schema/tenancy.ts'
import { violates } from './violates.ts'

/** A tenant as it is to be, its version one above that in which it was read, and whether all its keys have to hear of it. */
export type TenantChange = { row: TenantRow; touchesKeys: boolean; audit: AuditRow }

function touchKeys(tenantId: TenantId): SQL {
  return sql`UPDATE virtual_key SET version = version + 1 WHERE tenant_id = ${tenantId} AND deleted_ms IS NULL`
}

/**
 * Writes a tenant and the snapshots of its keys where they change, in one transaction; answers which those are, or `undefined`
 * where somebody changed the tenant since it was read, and nothing is written.
 */
export async function saveTenant(db: ConfigDb, change: TenantChange): Promise<KeyVersion[] | undefined> {
  const { row, touchesKeys, audit } = change
  // As in save-key.ts, a stale writer's NULL takes back the whole batch.
  const version = sql`CASE WHEN ${tenant.version} = ${row.version - 1} THEN ${row.version} END`
  const { id, name: _, createdMs: __, shard: ___, ...columns } = row
  const update = db
    .update(tenant)
    .set({ ...columns, version })
    .where(eq(tenant.id, id))
  const ofKeys = touchesKeys ? [touchKeys(id)] : []
  try {
    const results = await auditedBatch(db, audit, [update, ...ofKeys, rebuildOutdated(id)])
    return results.at(-1) as KeyVersion[]
  } catch (thrown) {
    if (violates(thrown, 'tenant.version')) return undefined
    throw thrown
  }
}

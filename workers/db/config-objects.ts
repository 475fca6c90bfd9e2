import { and, asc, eq, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type ConfigKind, isConfigKind } from '../core/config/config-kind.ts'
import type { AuditRow } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import { isLive } from './live-objects.ts'
import { configObject } from './schema/config.ts'
import { selectPage } from './select-page.ts'

/** What a file last made of an object. */
export type ConfigObjectRow = typeof configObject.$inferSelect

/** Writes down what a file makes of an object. */
export function markObject(db: ConfigDb, row: ConfigObjectRow): Statement {
  const { configHash, appliedMs } = row
  const target = [configObject.tenantId, configObject.kind, configObject.objectId]
  return db.insert(configObject).values(row).onConflictDoUpdate({ target, set: { configHash, appliedMs } })
}

// Keys of an account go with it. Read while they are there: this is written before the change itself.
function forgetKeysOf(account: string, tenantId: TenantId): Statement {
  return sql`DELETE FROM config_object WHERE tenant_id = ${tenantId} AND kind = 'provider_key'
    AND object_id IN (SELECT id FROM provider_key WHERE tenant_id = ${tenantId} AND account = ${account})`
}

function forget(db: ConfigDb, kind: ConfigKind, { tenantId, resourceId }: AuditRow): Statement[] {
  const isIt = and(
    eq(configObject.tenantId, tenantId),
    eq(configObject.kind, kind),
    eq(configObject.objectId, resourceId),
  )
  const row = db.delete(configObject).where(isIt)
  return kind === 'provider' ? [row, forgetKeysOf(resourceId, tenantId)] : [row]
}

/** What a change says of the file that made it: its hash where it names one, and nothing is kept of what is deleted. */
export function markChange(db: ConfigDb, audit: AuditRow): Statement[] {
  const [kind = '', verb] = audit.action.split('.')
  if (!isConfigKind(kind)) return []
  if (verb === 'delete') return forget(db, kind, audit)
  const { tenantId, resourceId: objectId, atMs: appliedMs, configHash } = audit
  return configHash ? [markObject(db, { tenantId, kind, objectId, configHash, appliedMs })] : []
}

/** Which of a tenant's objects that a file has made. */
export type ConfigObjectQuery = { tenantId: TenantId; kind?: ConfigKind | undefined; limit: number; offset: number }

/** A page of the objects that files have made, and how many there are in all. */
export async function listConfigObjects(
  db: ConfigDb,
  { tenantId, kind, limit, offset }: ConfigObjectQuery,
): Promise<{ rows: ConfigObjectRow[]; total: number }> {
  // What went with another object, as a team's rules do with it, may have left its row behind.
  const live = isLive(tenantId, { kind: sql`config_object.kind`, id: sql`config_object.object_id` })
  const where = and(eq(configObject.tenantId, tenantId), kind && eq(configObject.kind, kind), live)
  const order = [asc(configObject.kind), asc(configObject.objectId)]
  return selectPage(db, configObject, { where, orderBy: order, limit, offset })
}

import { sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import type { VersionRow } from './pricebook-versions.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { pricebookVersion } from './schema/pricebook.ts'
import { violates } from './violates.ts'

/** A new version. `retiredMs`: what was followed by another one before this instant is not needed any more. */
export type NewVersion = { row: VersionRow; retiredMs: number; audit: AuditRow }

/** What was written: the keys whose snapshots it is in, to be pushed. `stale`: its number is taken; nothing was written. */
export type VersionSaved = { kind: 'saved'; keys: KeyVersion[] } | { kind: 'stale' }

// The one that was in force at that instant stays, and all that begin later.
function retire({ row: { tenantId }, retiredMs }: NewVersion): Statement {
  return sql`UPDATE pricebook_version AS old SET is_retired = 1 WHERE tenant_id = ${tenantId} AND NOT is_retired
    AND EXISTS (SELECT 1 FROM pricebook_version AS next WHERE next.tenant_id = ${tenantId} AND next.effective_ms <= ${retiredMs}
      AND (next.effective_ms, next.number) > (old.effective_ms, old.number))`
}

/** Writes a version of a tenant's pricebook and the snapshots of all its keys, in one transaction or not at all. */
export async function savePricebook(db: ConfigDb, version: NewVersion): Promise<VersionSaved> {
  const { row, audit } = version
  const touch = sql`UPDATE virtual_key SET version = version + 1 WHERE tenant_id = ${row.tenantId} AND deleted_ms IS NULL`
  const statements = [db.insert(pricebookVersion).values(row), retire(version), touch, rebuildOutdated(row.tenantId)]
  try {
    const results = await auditedBatch(db, audit, statements)
    return { kind: 'saved', keys: (results.at(-1) ?? []) as KeyVersion[] }
  } catch (thrown) {
    if (violates(thrown, 'pricebook_version.tenant_id, pricebook_version.number')) return { kind: 'stale' }
    throw thrown
  }
}

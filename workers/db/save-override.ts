import { and, eq, type SQL, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import type { OverrideRow } from './override-record.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { pricingOverride } from './schema/routing.ts'
import { violates } from './violates.ts'

/** An override before and after a change; `null` where there was none, or is none any more. `after` has a version one above. */
export type OverrideChange = { audit: AuditRow } & (
  | { before: OverrideRow; after: OverrideRow | null }
  | { before: null; after: OverrideRow }
)

/** What was written: the keys whose snapshots the change is in, to be pushed. `stale`: read again; nothing was written. */
export type OverrideSaved = { kind: 'saved'; keys: KeyVersion[] } | { kind: 'stale' }

function of({ tenantId, id }: OverrideRow): SQL | undefined {
  return and(eq(pricingOverride.tenantId, tenantId), eq(pricingOverride.id, id))
}

// As in save-key.ts, a stale writer's NULL takes back the whole batch.
function update(db: ConfigDb, row: OverrideRow, known: number): Statement {
  const version = sql`CASE WHEN ${pricingOverride.version} = ${known} THEN ${row.version} END`
  return db
    .update(pricingOverride)
    .set({ ...row, version })
    .where(of(row))
}

function writeRow(db: ConfigDb, { before, after }: OverrideChange): Statement[] {
  if (!before) return [db.insert(pricingOverride).values(after)]
  if (after) return [update(db, after, before.version)]
  return [
    update(db, { ...before, version: before.version + 1 }, before.version),
    db.delete(pricingOverride).where(of(before)),
  ]
}

function touchKeys({ before, after }: OverrideChange): SQL {
  const rows = [before, after].filter(row => row !== null)
  const ofKeys = rows.map(({ virtualKeyId }) => (virtualKeyId === null ? sql`TRUE` : sql`id = ${virtualKeyId}`))
  const tenantId = (before ?? after)?.tenantId
  return sql`UPDATE virtual_key SET version = version + 1
    WHERE tenant_id = ${tenantId} AND deleted_ms IS NULL AND (${sql.join(ofKeys, sql` OR `)})`
}

/** Writes, changes or deletes an override, and the snapshots of all virtual keys that it can be of, in one transaction or not at all. */
export async function saveOverride(db: ConfigDb, change: OverrideChange): Promise<OverrideSaved> {
  const { tenantId } = change.before ?? change.after
  try {
    const statements = [...writeRow(db, change), touchKeys(change), rebuildOutdated(tenantId)]
    const results = await auditedBatch(db, change.audit, statements)
    return { kind: 'saved', keys: (results.at(-1) ?? []) as KeyVersion[] }
  } catch (thrown) {
    if (violates(thrown, 'pricing_override.version')) return { kind: 'stale' }
    throw thrown
  }
}

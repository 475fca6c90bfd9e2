import { sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { ExportJob } from './export-job.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { exportJob } from './schema/exports.ts'

/** Adds an export; `false` where the tenant has so many unfinished ones already, and nothing is written. */
export function insertExport(
  db: ConfigDb,
  { row, maxUnfinished }: { row: ExportJob; maxUnfinished: number },
  audit: AuditRow,
): Promise<boolean> {
  const unfinished = sql`SELECT count(*) FROM export_job WHERE tenant_id = ${row.tenantId}
    AND status IN ('queued', 'processing') AND deleted_ms IS NULL`
  const hasRoom = onlyIf(row.tenantId, sql`(${unfinished}) < ${maxUnfinished}`)
  return wasSo(() => auditedBatch(db, audit, [hasRoom, db.insert(exportJob).values(row)]))
}

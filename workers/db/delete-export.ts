import { sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { type ExportRef, isExport } from './export-job.ts'
import { onlyIf, wasSo } from './only-if.ts'
import { exportJob } from './schema/exports.ts'

/** Makes an export unknown; its file goes with the next sweep. `false` where somebody was faster, and nothing is written. */
export function deleteExport(
  db: ConfigDb,
  { tenantId, id, nowMs }: ExportRef & { nowMs: number },
  audit: AuditRow,
): Promise<boolean> {
  const is = isExport({ tenantId, id })
  const isThere = sql`EXISTS (SELECT 1 FROM ${exportJob} WHERE ${is})`
  const mark = db.update(exportJob).set({ deletedMs: nowMs }).where(is)
  return wasSo(() => auditedBatch(db, audit, [onlyIf(tenantId, isThere), mark]))
}

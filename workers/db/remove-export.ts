import { and, eq, isNotNull, isNull, lte, sql } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { type ExportJob, isScratchOf } from './export-job.ts'
import { inOneBatch } from './in-one-batch.ts'
import { exportGroup, exportJob, exportPart } from './schema/exports.ts'

/** Exports of any tenant whose file has to go: they were deleted, or have expired. */
export function findExportsToRemove(db: ConfigDb, nowMs: number, limit: number): Promise<ExportJob[]> {
  const sinceMs = sql`coalesce(${exportJob.deletedMs}, ${exportJob.expiresMs})`
  return db
    .select()
    .from(exportJob)
    .where(and(isNull(exportJob.removedMs), lte(sinceMs, nowMs)))
    .orderBy(sinceMs)
    .limit(limit)
}

/** Says that an export's file is gone; of a deleted one takes the row away as well. */
export async function forgetExport(db: ConfigDb, job: ExportJob, nowMs: number): Promise<void> {
  const { tenantId, id } = job
  const isIt = and(eq(exportJob.tenantId, tenantId), eq(exportJob.id, id))
  const scratch = isScratchOf(job)
  await inOneBatch(db, [
    db.delete(exportPart).where(scratch.parts),
    db.delete(exportGroup).where(scratch.groups),
    db.update(exportJob).set({ removedMs: nowMs }).where(isIt),
    db.delete(exportJob).where(and(isIt, isNotNull(exportJob.deletedMs))),
  ])
}

import { and, asc, eq, inArray, isNull, lt, lte, sql } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { type ExportJob, type ExportRef, isExport } from './export-job.ts'
import { isInOnePlace } from './move/tenant-move.ts'
import { exportJob } from './schema/exports.ts'

const isUnfinished = inArray(exportJob.status, ['queued', 'processing'])

/**
 * Takes an export to work on it until `untilMs`; `undefined` where somebody has it, there is nothing to do, or its tenant's events are
 * on their way to another database.
 */
export async function claimExport(
  db: ConfigDb,
  { ref, owner, nowMs, untilMs }: { ref: ExportRef; owner: string; nowMs: number; untilMs: number },
): Promise<ExportJob | undefined> {
  const claimed = { status: 'processing', leaseOwner: owner, leaseUntilMs: untilMs } as const
  const [job] = await db
    .update(exportJob)
    .set({ ...claimed, attempts: sql`${exportJob.attempts} + 1`, updatedMs: nowMs })
    .where(and(isExport(ref), isUnfinished, lte(exportJob.leaseUntilMs, nowMs), isInOnePlace(ref.tenantId)))
    .returning()
  return job
}

/** Gives an export back, to be taken up again from `fromMs` on. */
export async function releaseExport(
  db: ConfigDb,
  { tenantId, id, leaseOwner }: ExportJob,
  { fromMs, error = null }: { fromMs: number; error?: string | null },
): Promise<void> {
  const isMine = and(isExport({ tenantId, id }), isUnfinished, eq(exportJob.leaseOwner, leaseOwner))
  await db.update(exportJob).set({ leaseUntilMs: fromMs, error }).where(isMine)
}

/** Exports of any tenant that nobody works on and that were last touched before this, the oldest first. */
export function findIdleExports(
  db: ConfigDb,
  { nowMs, touchedBeforeMs, limit }: { nowMs: number; touchedBeforeMs: number; limit: number },
): Promise<ExportRef[]> {
  const isIdle = and(lte(exportJob.leaseUntilMs, nowMs), lt(exportJob.updatedMs, touchedBeforeMs))
  return db
    .select({ tenantId: exportJob.tenantId, id: exportJob.id })
    .from(exportJob)
    .where(and(isUnfinished, isNull(exportJob.deletedMs), isIdle))
    .orderBy(asc(exportJob.leaseUntilMs))
    .limit(limit)
}

import { and, desc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ExportStatus } from '../core/export/export-kind.ts'
import type { ConfigDb } from './database.ts'
import type { ExportJob } from './export-job.ts'
import { exportJob } from './schema/exports.ts'
import { selectPage } from './select-page.ts'

/** Which of a tenant's exports. */
export type ExportsQuery = { tenantId: TenantId; status?: ExportStatus; limit: number; offset: number }

/** A page of a tenant's exports that were not deleted, the newest first, and how many there are in all, in one reading. */
export async function listExports(
  db: ConfigDb,
  { tenantId, status, limit, offset }: ExportsQuery,
): Promise<{ jobs: ExportJob[]; total: number }> {
  const hasStatus = status && eq(exportJob.status, status)
  const where = and(eq(exportJob.tenantId, tenantId), isNull(exportJob.deletedMs), hasStatus)
  const newest = [desc(exportJob.createdMs), desc(exportJob.id)]
  const { rows: jobs, total } = await selectPage(db, exportJob, { where, orderBy: newest, limit, offset })
  return { jobs, total }
}

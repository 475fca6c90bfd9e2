import { and, eq, isNull, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { exportGroup, exportJob, exportPart } from './schema/exports.ts'

/** An export as it is stored. */
export type ExportJob = typeof exportJob.$inferSelect

/** Which export. */
export type ExportRef = { tenantId: TenantId; id: string }

/** The condition that names an export which was not deleted. */
export function isExport({ tenantId, id }: ExportRef): SQL | undefined {
  return and(eq(exportJob.tenantId, tenantId), eq(exportJob.id, id), isNull(exportJob.deletedMs))
}

/** The conditions on the rows that an export has while it is written. */
export function isScratchOf({ tenantId, id }: ExportRef) {
  return {
    parts: and(eq(exportPart.tenantId, tenantId), eq(exportPart.exportId, id)),
    groups: and(eq(exportGroup.tenantId, tenantId), eq(exportGroup.exportId, id)),
  }
}

/** Whether an export is still where this runner read it, and its own: the guard of everything that a step writes. */
export function isHeld({ tenantId, id, leaseOwner, phase, cursor, parts }: ExportJob): SQL {
  return sql`EXISTS (SELECT 1 FROM export_job WHERE tenant_id = ${tenantId} AND id = ${id} AND deleted_ms IS NULL
    AND status = 'processing' AND lease_owner = ${leaseOwner} AND phase = ${phase} AND cursor = ${cursor}
    AND parts = ${parts})`
}

import { and, asc, eq, sql } from 'drizzle-orm'
import type { GroupAmount } from './advance-export.ts'
import type { ConfigDb } from './database.ts'
import type { ExportRef } from './export-job.ts'
import { exportGroup } from './schema/exports.ts'

/** Groups after this one, in their order. Their amounts are texts. */
export async function listExportGroups(
  db: ConfigDb,
  { tenantId, id }: ExportRef,
  { afterDayMs, afterKey, limit }: { afterDayMs: number; afterKey: string; limit: number },
): Promise<GroupAmount[]> {
  const isAfter = sql`(${exportGroup.dayMs}, ${exportGroup.groupKey}) > (${afterDayMs}, ${afterKey})`
  return db
    .select({
      dayMs: exportGroup.dayMs,
      groupKey: exportGroup.groupKey,
      quantity: exportGroup.quantity,
      amountPico: sql<string>`CAST(${exportGroup.amountPico} AS TEXT)`,
    })
    .from(exportGroup)
    .where(and(eq(exportGroup.tenantId, tenantId), eq(exportGroup.exportId, id), isAfter))
    .orderBy(asc(exportGroup.dayMs), asc(exportGroup.groupKey))
    .limit(limit)
}

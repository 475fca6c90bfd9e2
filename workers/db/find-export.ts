import type { ConfigDb } from './database.ts'
import { type ExportJob, type ExportRef, isExport } from './export-job.ts'
import { exportJob } from './schema/exports.ts'

/** An export that was not deleted, or `undefined`. */
export function findExport(db: ConfigDb, ref: ExportRef): Promise<ExportJob | undefined> {
  return db.select().from(exportJob).where(isExport(ref)).get()
}

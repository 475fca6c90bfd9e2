import type { ExportJob } from '../../db/export-job.ts'
import { findExportsToRemove, forgetExport } from '../../db/remove-export.ts'
import { type Counts, countAtOnce } from '../count-done.ts'
import type { AccountingPorts } from '../ports.ts'
import { removeFile } from './finish-export.ts'

/** The most files that one run removes; the rest waits for the next minute. */
const MAX_FILES = 50

async function isRemoved(job: ExportJob, ports: AccountingPorts): Promise<boolean> {
  try {
    await removeFile(job, ports.exports)
    await forgetExport(ports.db, job, ports.nowMs())
    return true
  } catch (error) {
    ports.log({ event: 'export_sweep_failed', tenant_id: job.tenantId, export_id: job.id, error: String(error) })
    return false
  }
}

/** Removes the files of exports that were deleted or have expired. Repeating it changes nothing; counts are exports. */
export async function sweepExports(ports: AccountingPorts): Promise<Counts> {
  const jobs = await findExportsToRemove(ports.db, ports.nowMs(), MAX_FILES)
  return countAtOnce(jobs, job => isRemoved(job, ports))
}

import { advanceExport, endExport, listExportParts } from '../../db/advance-export.ts'
import type { ExportJob } from '../../db/export-job.ts'
import { findExport } from '../../db/find-export.ts'
import type { AccountingPorts } from '../ports.ts'
import { wakeTold } from '../webhooks/wake-told.ts'
import type { ExportPorts } from './export-ports.ts'
import type { Progress, Stepped } from './write-step.ts'

/** How long a finished file can be downloaded, and a failure is remembered, in milliseconds. */
const KEEP_MS = 86_400_000
/** How often a file is begun anew before it is given up. */
const MAX_RESTARTS = 3

// R2's errors for parts, or an upload, that are not what was written down. Source: R2, error codes.
const IS_STALE = /\((10024|10025)\)|specified (multipart )?upload does not exist|parts could not be found/i

async function abortUpload({ objectKey, uploadId }: ExportJob, { store }: ExportPorts): Promise<void> {
  if (uploadId !== null)
    await store
      .resumeMultipartUpload(objectKey, uploadId)
      .abort()
      .catch(() => undefined)
}

/** Takes an export's file away, whole or in parts. Doing it again does nothing. */
export async function removeFile(job: ExportJob, ports: ExportPorts): Promise<void> {
  await abortUpload(job, ports)
  await ports.store.delete(job.objectKey)
}

async function closeFile(job: ExportJob, ports: AccountingPorts): Promise<void> {
  const { store } = ports.exports
  const parts = await listExportParts(ports.db, job)
  // A file without a byte has no part.
  if (parts.length === 0 || job.uploadId === null) await store.put(job.objectKey, '')
  else await store.resumeMultipartUpload(job.objectKey, job.uploadId).complete(parts)
}

/** Writes down that an export will come to nothing, and why. */
export async function giveUp(job: ExportJob, error: string, ports: AccountingPorts): Promise<void> {
  const nowMs = ports.nowMs()
  const changes = { status: 'failed', error, updatedMs: nowMs, expiresMs: nowMs + KEEP_MS } as const
  if (await endExport(ports.db, job, { changes })) await abortUpload(job, ports.exports)
}

// Two who worked on it at once, one of them for longer than it had it, can leave a part that is not the one written down.
async function startAnew(job: ExportJob, progress: Progress, ports: AccountingPorts): Stepped {
  if (job.restarts >= MAX_RESTARTS) {
    await giveUp(job, 'Its parts could not be put together.', ports)
    return undefined
  }
  const restarts = job.restarts + 1
  const objectKey = `${job.objectKey.replace(/\.\d+$/, '')}.${restarts}`
  const nothing = { cursor: '', carry: '', parts: 0, rowCount: 0, bytes: 0, uploadId: null, restarts, objectKey }
  const counted = job.dataset === 'focus' ? {} : { events: 0, costNano: 0 }
  const changes = { ...progress, ...nothing, ...counted, phase: 'write' as const }
  if (!(await advanceExport(ports.db, job, { changes, forgetParts: true }))) return undefined
  await abortUpload(job, ports.exports)
  return { ...job, ...changes }
}

async function complete(job: ExportJob, ports: AccountingPorts): Promise<void> {
  const completedMs = ports.nowMs()
  const lasting = { completedMs, updatedMs: completedMs, expiresMs: completedMs + KEEP_MS }
  const changes = { ...lasting, status: 'completed', carry: '', cursor: '', error: null } as const
  const more = ports.exports.whenCompleted({ ...job, ...changes })
  const told = await endExport(ports.db, job, { changes, more })
  if (told) await wakeTold(job.tenantId, told, ports)
  // Deleted meanwhile, or somebody else's: then nobody will ask for the file.
  else await removeIfUnknown(job, ports)
}

async function removeIfUnknown(job: ExportJob, { db, exports }: AccountingPorts): Promise<void> {
  if (!(await findExport(db, job))) await removeFile(job, exports)
}

/** Puts the parts of a file together and says that it is there. Answers the export where it has to be begun anew. */
export async function finishExport(job: ExportJob, progress: Progress, ports: AccountingPorts): Stepped {
  // Who was killed in between has put them together already.
  if (!(await ports.exports.store.head(job.objectKey))) {
    try {
      await closeFile(job, ports)
    } catch (error) {
      if (IS_STALE.test(String(error))) return startAnew(job, progress, ports)
      throw error
    }
  }
  await complete(job, ports)
  return undefined
}

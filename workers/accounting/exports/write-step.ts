import { rowLayout } from '../../core/export/row-layout.ts'
import { advanceExport } from '../../db/advance-export.ts'
import type { ExportJob } from '../../db/export-job.ts'
import type { AccountingPorts } from '../ports.ts'
import type { ExportPorts } from './export-ports.ts'
import { PartBuffer } from './part-buffer.ts'
import { rowSource } from './row-source.ts'

/** What a step changes of an export beside where it is. */
export type Progress = Pick<ExportJob, 'attempts' | 'error' | 'updatedMs' | 'leaseUntilMs'>

/** An export after a step, or `undefined` where it is somebody else's by now. */
export type Stepped = Promise<ExportJob | undefined>

async function uploadPart(job: ExportJob, content: Uint8Array, { store }: ExportPorts) {
  if (content.length === 0 || job.uploadId === null) return undefined
  const number = job.parts + 1
  const { etag } = await store.resumeMultipartUpload(job.objectKey, job.uploadId).uploadPart(number, content)
  return { number, etag }
}

// The part first: what is written down is there. A part that is not written down is written again, under the same number.
async function savePart(
  job: ExportJob,
  { buffer, changes }: { buffer: PartBuffer; changes: Partial<ExportJob> },
  ports: AccountingPorts,
): Stepped {
  const part = await uploadPart(job, buffer.content, ports.exports)
  const bytes = job.bytes + buffer.content.length
  const all = { ...changes, bytes, carry: buffer.carry, parts: part?.number ?? job.parts }
  return (await advanceExport(ports.db, job, { changes: all, ...(part && { part }) })) ? { ...job, ...all } : undefined
}

/** Begins the upload that an export's parts are of. */
export async function beginUpload(job: ExportJob, progress: Progress, ports: AccountingPorts): Stepped {
  const { uploadId } = await ports.exports.store.createMultipartUpload(job.objectKey)
  const changes = { ...progress, uploadId }
  return (await advanceExport(ports.db, job, { changes })) ? { ...job, ...changes } : undefined
}

/** Writes the next part of a file, filled with as many rows as it takes. */
export async function writeStep(job: ExportJob, progress: Progress, ports: AccountingPorts): Stepped {
  const source = await rowSource(job, ports)
  const layout = rowLayout(job.format, source.columns)
  const buffer = new PartBuffer(ports.exports.partBytes)
  if (job.parts === 0) buffer.addText(layout.head)
  else buffer.addCarry(job.carry)
  let { cursor, rowCount, events, costNano } = job
  if (!buffer.isFull) {
    for await (const one of source.rows(cursor)) {
      buffer.addText(layout.row(one.row, rowCount))
      rowCount += 1
      events += one.events
      costNano += one.costNano
      cursor = one.cursor
      if (buffer.isFull) break
    }
  }
  const isMore = buffer.isFull
  if (!isMore) buffer.addText(layout.foot)
  const changes = { ...progress, cursor, rowCount, events, costNano, ...(!isMore && { phase: 'finish' as const }) }
  return savePart(job, { buffer, changes }, ports)
}

/** Writes what did not fit into the last part as one of its own. */
export async function carryStep(job: ExportJob, progress: Progress, ports: AccountingPorts): Stepped {
  const buffer = new PartBuffer(ports.exports.partBytes)
  buffer.addCarry(job.carry)
  return savePart(job, { buffer, changes: progress }, ports)
}

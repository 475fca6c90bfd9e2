import type { ExportJob, ExportRef } from '../../db/export-job.ts'
import type { Statement } from '../../db/in-one-batch.ts'

/** Where files are kept: as much of R2 as is needed of it. */
export type ObjectStore = Pick<
  R2Bucket,
  'get' | 'head' | 'put' | 'delete' | 'createMultipartUpload' | 'resumeMultipartUpload'
>

/** What writing exports needs of the outside. */
export type ExportPorts = {
  store: ObjectStore
  /** Has somebody work on an export soon. That it is not lost, nobody relies on: the cron finds it too. */
  wake(ref: ExportRef): Promise<void>
  /** Statements for the transaction that completes an export, by which whoever wants to know of it is told. */
  whenCompleted(job: ExportJob): Statement[]
  /** A UUID: who works on an export. */
  newId(): string
  /** How many bytes a part has: R2 wants five mebibytes or more, and all but the last alike. */
  partBytes: number
  /** Lets others in. Where database and store are in one process with the Worker, waiting for them lets nobody in. */
  breathe(): Promise<void>
}

import type { DownloadTokens } from '../../core/export/download-token.ts'
import type { ExportRef } from '../../db/export-job.ts'

/** What exports need of the outside. */
export type ExportFilePorts = {
  /** Has somebody work on an export soon. */
  wake(ref: ExportRef): Promise<void>
  /** Opens a file, or so much of it; `null` where it is gone. */
  open(key: string, range?: { offset: number; length: number }): Promise<R2ObjectBody | null>
  tokens: DownloadTokens
}

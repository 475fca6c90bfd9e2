/** What an export can be written as. */
export const EXPORT_FORMATS = ['csv', 'json', 'ndjson'] as const

/** One of `EXPORT_FORMATS`. */
export type ExportFormat = (typeof EXPORT_FORMATS)[number]

/** What can be exported: each event, or what they cost in the columns of FOCUS. */
export const EXPORT_DATASETS = ['events', 'focus'] as const

/** One of `EXPORT_DATASETS`. */
export type ExportDataset = (typeof EXPORT_DATASETS)[number]

/** The versions of FOCUS that can be asked for. */
export const FOCUS_VERSIONS = ['1.2', '1.4'] as const

/** One of `FOCUS_VERSIONS`. */
export type FocusVersion = (typeof FOCUS_VERSIONS)[number]

/** Where an export is: `queued` until somebody has begun it. */
export const EXPORT_STATUSES = ['queued', 'processing', 'completed', 'failed'] as const

/** One of `EXPORT_STATUSES`. */
export type ExportStatus = (typeof EXPORT_STATUSES)[number]

/** How a file of this format is named and served. */
export const EXPORT_FILES: Record<ExportFormat, { extension: string; contentType: string }> = {
  csv: { extension: 'csv', contentType: 'text/csv; charset=utf-8; header=present' },
  json: { extension: 'json', contentType: 'application/json' },
  ndjson: { extension: 'ndjson', contentType: 'application/x-ndjson' },
}

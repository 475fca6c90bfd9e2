import { z } from 'zod'
import { EXPORT_DATASETS, EXPORT_FORMATS, EXPORT_STATUSES, FOCUS_VERSIONS } from '../../core/export/export-kind.ts'
import { PageQuery } from '../http/page.ts'

const time = z.iso.datetime()
const count = z.int().min(0)

/** The query of `GET /v1/exports`. */
export const ExportsListQuery = z.object({ ...PageQuery.shape, status: z.enum(EXPORT_STATUSES).optional() })

/** The query of a download. */
export const DownloadQuery = z.object({
  token: z.string().meta({ description: 'As `download_url` has it. It opens this one file until `expires_at`.' }),
})

/** An export as the API shows it. */
export const ExportShape = z.object({
  id: z.string().regex(/^exp_/),
  status: z.enum(EXPORT_STATUSES),
  dataset: z.enum(EXPORT_DATASETS),
  format: z.enum(EXPORT_FORMATS),
  focus_version: z.enum(FOCUS_VERSIONS).nullable(),
  ...{ start_date: time, end_date: time },
  filters: z.record(z.string(), z.unknown()),
  rows: count.meta({ description: 'Rows that are written.' }),
  events: count.meta({ description: 'Events that are read.' }),
  bytes: count,
  cost_usd: z.number().meta({ description: 'What the events that are read cost.' }),
  download_url: z.string().nullable(),
  error: z.string().nullable(),
  created_at: time,
  ...{ completed_at: time.nullable(), expires_at: time.nullable() },
})

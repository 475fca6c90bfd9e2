import { z } from 'zod'
import { EXPORT_DATASETS, EXPORT_FORMATS, FOCUS_VERSIONS } from '../core/export/export-kind.ts'
import { EVENT_SOURCES, RECORDED_OUTCOMES } from '../core/usage.ts'

const date = z.string().min(1).max(64)
const value = z.string().min(1).max(256).nullish()

/** The fields of events that an export can be narrowed to one value of. */
export const EXPORT_FILTERS = [
  ...(['entity_type', 'entity_id', 'provider', 'model', 'virtual_key_id', 'team', 'feature'] as const),
  ...(['agent_name', 'user_id', 'request_id', 'success', 'outcome', 'source'] as const),
]

/** The body of `POST /v1/exports`. A field that it does not know is refused: a filter that is misspelt would export everything. */
export const ExportInput = z.strictObject({
  /** ISO 8601; an end without a time includes its day. */
  ...{ start_date: date, end_date: date },
  format: z
    .enum(EXPORT_FORMATS, {
      error: ({ input }) => (input === 'parquet' ? 'Parquet is not written: use csv, json or ndjson' : undefined),
    })
    .default('csv'),
  dataset: z.enum(EXPORT_DATASETS).default('events'),
  focus_version: z.enum(FOCUS_VERSIONS).nullish(),
  ...{ entity_type: value, entity_id: value, provider: value, model: value, virtual_key_id: value },
  ...{ team: value, feature: value, agent_name: value, user_id: value, request_id: value },
  success: z.boolean().nullish(),
  outcome: z.enum(RECORDED_OUTCOMES).nullish(),
  source: z.enum(EVENT_SOURCES).nullish(),
  /** All of which an event must have. */
  tags: z
    .record(z.string().max(256), z.string().max(1024))
    .refine(tags => Object.keys(tags).length <= 20, 'at most 20 tags')
    .nullish(),
})
export type ExportInput = z.infer<typeof ExportInput>

import { z } from 'zod'
import { PageQuery } from '../http/page.ts'

const time = z.iso.datetime()
const text = z.string().optional()
const count = z.int().min(0).optional()
const usd = z.number().min(0).optional()

/** The query of `GET /v1/alerts/reached`. */
export const AlertsQuery = z.object({
  ...PageQuery.shape,
  ...{ limit_id: text, scope: text, start_date: text, end_date: text },
})

/** A threshold that was reached, as the API shows it: dollars for money, whole units for the rest. */
export const AlertShape = z.object({
  id: z.string().regex(/^alr_/),
  limit_id: z.string(),
  scope: z.string(),
  unit: z.enum(['nano_usd', 'tokens', 'requests', 'in_flight']),
  threshold: z.int().min(1),
  ...{ max: count, used: count, max_usd: usd, used_usd: usd },
  window: z.object({ starts_at: time, resets_at: time }),
  noticed_at: time,
})

import { z } from 'zod'
import { BehaviourShape } from '../governance/limits-shape.ts'
import { PageQuery } from '../http/page.ts'

const time = z.iso.datetime()
const count = z.int().min(0).optional()
const usd = z.number().min(0).optional()

/** The query of `GET /v1/limits`. */
export const LimitsQuery = z.object({ ...PageQuery.shape, scope: z.string().optional() })

/** A limit as the API shows it: dollars for money, whole units for the rest. Requests in flight know no window. */
export const LimitShape = z.object({
  id: z.string(),
  scope: z.string(),
  unit: z.enum(['nano_usd', 'tokens', 'requests', 'in_flight']),
  ...{ max: count, used: count, max_usd: usd, used_usd: usd },
  duration: z.string().nullable(),
  calendar_aligned: z.boolean(),
  window: z.object({ starts_at: time, resets_at: time }).nullable(),
  ...BehaviourShape.shape,
  created_at: time,
  updated_at: time,
})

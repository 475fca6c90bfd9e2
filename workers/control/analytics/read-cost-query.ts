import type { TenantId } from '../../core/access/tenant-id.ts'
import { DAY_MS } from '../../db/hours.ts'
import type { SumQuery, UsageGroup } from '../../db/sum-usage.ts'
import { badParam, oneOf, type Query, timeRange } from '../http/query.ts'

const GROUPS = ['day', 'hour', 'provider', 'model'] as const satisfies UsageGroup[]
/** The longest range, in days: what one answer may hold, and what D1 may read for it. */
const MAX_DAYS: Record<UsageGroup, number> = { hour: 400, day: 3660, provider: 3660, model: 3660 }

/** Reads the query of `GET /v1/analytics/costs`. Throws `request_invalid`, which names the parameter. */
export function readCostQuery(query: Query, tenantId: TenantId): SumQuery {
  const { startMs, endMs } = timeRange(query)
  if (startMs === undefined) throw badParam('start_date', 'given')
  if (endMs === undefined) throw badParam('end_date', 'given')
  const groupBy = oneOf(query, 'group_by', GROUPS) ?? 'day'
  const maxDays = MAX_DAYS[groupBy]
  if (endMs - startMs > maxDays * DAY_MS) {
    throw badParam('end_date', `at most ${maxDays} days after start_date with group_by=${groupBy}`)
  }
  return {
    tenantId,
    range: { startMs, endMs },
    groupBy,
    ...(query.provider && { provider: query.provider }),
    ...(query.model && { model: query.model }),
    ...(query.virtual_key_id && { virtualKeyId: query.virtual_key_id }),
  }
}

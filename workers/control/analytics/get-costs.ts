import type { TenantId } from '../../core/access/tenant-id.ts'
import type { SumQuery } from '../../db/rollup/sum-query.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam, type Query } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { USED } from './add-up.ts'
import { askAllUsage } from './ask-usage.ts'
import { checkRange } from './check-range.ts'
import { readGroups } from './read-groups.ts'
import { requirePeriod } from './read-period.ts'
import { readUsageFilter } from './read-usage-filter.ts'
import { renderCosts } from './render-costs.ts'

/** The most rows of one answer. */
const MAX_ROWS = 20_000

type CostQuery = SumQuery<(typeof USED)[number]>

/** Reads the query of `GET /v1/analytics/costs`. Throws `request_invalid`, which names the parameter. */
export function readCostQuery(query: Query, tenantId: TenantId): CostQuery {
  const range = requirePeriod(query)
  const groupBy = readGroups(query, ['day'])
  const page = { by: null, isDescending: false, limit: MAX_ROWS, offset: 0 }
  const sums = { tenantId, range, groupBy, sums: USED, ...readUsageFilter(query), page }
  checkRange(sums)
  return sums
}

/** The costs that a query asks for, as the API shows them. Throws `request_invalid` where they are too many rows. */
export async function showCosts(query: CostQuery, ports: ControlPorts) {
  const [answer] = await askAllUsage([query], ports)
  if (answer && answer.total > MAX_ROWS) {
    throw badParam(
      'group_by',
      `fewer groups or a shorter range: these are ${answer.total} rows, and ${MAX_ROWS} is the most`,
    )
  }
  return renderCosts(answer?.sums ?? [])
}

/** `GET /v1/analytics/costs`: what was spent in a range, by time, names and tags. Exact at every instant. */
export async function getCosts(c: ControlContext, ports: ControlPorts): Promise<Response> {
  return c.json(await showCosts(readCostQuery(c.req.query(), c.get('principal').tenantId), ports))
}

import { sumUsage } from '../../db/sum-usage.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { readCostQuery } from './read-cost-query.ts'
import { renderCosts } from './render-costs.ts'

/** `GET /v1/analytics/costs`: what was spent in a range, by day, hour, provider or model. Exact at every instant. */
export async function getCosts(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readCostQuery(c.req.query(), c.get('principal').tenantId)
  return c.json(renderCosts(await sumUsage(ports.db, query), query.groupBy))
}

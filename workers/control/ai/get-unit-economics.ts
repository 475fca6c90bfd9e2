import { askUsage } from '../analytics/ask-usage.ts'
import { checkRange } from '../analytics/check-range.ts'
import { readPeriod, renderPeriod } from '../analytics/read-period.ts'
import { readUsageFilter } from '../analytics/read-usage-filter.ts'
import { byCost } from '../cost/render-share.ts'
import type { ControlContext } from '../http/env.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'
import { renderUnits, UNIT_SUMS, unitTotal } from './unit-costs.ts'

/** `GET /v1/ai/unit-economics`: what a request and a thousand tokens cost in a period, and how much of the input came from caches. */
export async function getUnitEconomics(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const range = readPeriod(query, ports.nowMs())
  const base = { tenantId: c.get('principal').tenantId, range, sums: UNIT_SUMS, ...readUsageFilter(query) }
  const question = { ...base, groupBy: ['provider' as const, 'model' as const] }
  checkRange(question)
  const sums = await askUsage(question, ports)
  const by_model = byCost(sums.map(({ group, ...sum }) => ({ ...group, ...renderUnits(sum) })))
  return c.json(successBody({ period: renderPeriod(range), ...renderUnits(unitTotal(sums)), by_model }))
}

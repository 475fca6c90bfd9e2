import type { RouteSpec } from '../http/route-spec.ts'
import { CostsQuery, CostsShape } from './costs-shape.ts'
import { getCosts } from './get-costs.ts'

/** What was spent. */
export const ANALYTICS_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/analytics/costs',
    operationId: 'getCosts',
    summary: 'Sum what was spent in a range of time',
    tag: 'Analytics',
    access: { scope: 'analytics:read' },
    query: CostsQuery,
    responses: { 200: CostsShape },
    handler: getCosts,
  },
]

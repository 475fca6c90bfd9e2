import type { RouteSpec } from '../http/route-spec.ts'
import { CostsQuery, CostsShape } from './costs-shape.ts'
import { getCosts } from './get-costs.ts'
import { getUsage } from './get-usage.ts'
import { UsageQuery, UsageShape } from './usage-shape.ts'

/** What was spent. */
export const ANALYTICS_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/analytics/costs',
    operationId: 'getCosts',
    summary: 'Sum what was spent in a range of time, by time, names and tags',
    tag: 'Analytics',
    access: { scope: 'analytics:read' },
    query: CostsQuery,
    responses: { 200: CostsShape },
    handler: getCosts,
  },
  {
    method: 'GET',
    path: '/v1/analytics/usage',
    operationId: 'getUsage',
    summary: 'What was used in a period and in that before it, and by whom the most',
    tag: 'Analytics',
    access: { scope: 'analytics:read' },
    query: UsageQuery,
    responses: { 200: UsageShape },
    handler: getUsage,
  },
]

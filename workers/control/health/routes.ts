import type { RouteSpec } from '../http/route-spec.ts'
import { getReconcile } from './get-reconcile.ts'
import { ReconcileShape } from './reconcile-shape.ts'

/** Whether all agrees. */
export const HEALTH_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/health/reconcile',
    operationId: 'getReconcile',
    summary: 'Whether meters, events and rollups agree',
    tag: 'Health',
    access: { scope: 'health:read' },
    responses: { 200: ReconcileShape },
    handler: getReconcile,
  },
]

import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { AlertShape, AlertsQuery } from './alert-shape.ts'
import { listAlerts } from './list-alerts.ts'

/** The thresholds that limits have reached. */
export const ALERT_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/alerts',
    operationId: 'listAlerts',
    summary: 'List thresholds that were reached, the newest first',
    tag: 'Alerts',
    access: { scope: 'alerts:read' },
    query: AlertsQuery,
    responses: { 200: listOf(AlertShape) },
    handler: listAlerts,
  },
]

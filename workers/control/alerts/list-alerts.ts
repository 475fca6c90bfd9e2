import { type AlertQuery, listAlerts as listRows } from '../../db/list-alerts.ts'
import type { ControlContext } from '../http/env.ts'
import { type Query, timeRange, wholeNumber } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { renderAlert } from './render-alert.ts'

const MAX_OFFSET = 1_000_000

function readAlertQuery(query: Query, tenantId: string): AlertQuery {
  return {
    tenantId,
    ...timeRange(query),
    limitId: query.limit_id || undefined,
    scope: query.scope || undefined,
    limit: wholeNumber(query, 'limit', { min: 1, max: 1000, otherwise: 100 }),
    offset: wholeNumber(query, 'offset', { min: 0, max: MAX_OFFSET, otherwise: 0 }),
  }
}

/** `GET /v1/alerts`: a page of the thresholds that the tenant's limits have reached, the newest first. */
export async function listAlerts(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readAlertQuery(c.req.query(), c.get('tenantId'))
  const { alerts, total } = await listRows(ports.db, query)
  const { limit, offset } = query
  const pagination = { total, limit, offset, has_more: offset + alerts.length < total }
  return c.json({ data: alerts.map(renderAlert), pagination })
}

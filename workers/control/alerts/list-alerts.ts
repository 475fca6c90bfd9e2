import type { TenantId } from '../../core/access/tenant-id.ts'
import { type AlertQuery, listAlerts as listRows } from '../../db/list-alerts.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import { type Query, timeRange } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { renderAlert } from './render-alert.ts'

function readAlertQuery(query: Query, tenantId: TenantId): AlertQuery {
  return {
    tenantId,
    ...timeRange(query),
    limitId: query.limit_id || undefined,
    scope: query.scope || undefined,
    ...readPage(query),
  }
}

/** `GET /v1/alerts/reached`: a page of the thresholds that the tenant's limits have reached, the newest first. */
export async function listAlerts(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readAlertQuery(c.req.query(), c.get('principal').tenantId)
  const { alerts, total } = await listRows(await ports.eventsDb(query.tenantId), query)
  return c.json(listBody(alerts.map(renderAlert), total, query))
}

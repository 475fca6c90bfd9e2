import { z } from 'zod'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { AuditRow } from '../../db/audited-batch.ts'
import { type AuditQuery, listAudit as listRows } from '../../db/list-audit.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, PageQuery, readPage } from '../http/page.ts'
import { type Query, timeRange } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import type { AuditEventShape } from './audit-event-shape.ts'

const text = z.string().optional()

/** The query of `GET /v1/identity/audit`. */
export const AuditListQuery = z.object({
  ...PageQuery.shape,
  ...{ actor_id: text, actor_kind: text, action: text, resource_type: text, resource_id: text },
  ...{ start_date: text, end_date: text },
})

function readQuery(query: Query, tenantId: TenantId): AuditQuery {
  return {
    tenantId,
    ...timeRange(query),
    actorId: query.actor_id || undefined,
    actorKind: query.actor_kind || undefined,
    action: query.action || undefined,
    resourceType: query.resource_type || undefined,
    resourceId: query.resource_id || undefined,
    ...readPage(query),
  }
}

function renderAudit(row: AuditRow): z.input<typeof AuditEventShape> {
  return {
    id: row.id,
    at: new Date(row.atMs).toISOString(),
    actor: { kind: row.actorKind, id: row.actorId },
    action: row.action,
    resource: { type: row.resourceType, id: row.resourceId },
    before: row.before,
    after: row.after,
    request_id: row.requestId,
  }
}

/** `GET /v1/identity/audit`: a page of what was changed in the tenant and by whom, the newest first. */
export async function listAudit(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readQuery(c.req.query(), c.get('principal').tenantId)
  const { events, total } = await listRows(ports.db, query)
  return c.json(listBody(events.map(renderAudit), total, query))
}

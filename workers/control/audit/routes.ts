import { listOf } from '../http/page.ts'
import type { RouteSpec } from '../http/route-spec.ts'
import { AuditEventShape } from './audit-event-shape.ts'
import { AuditListQuery, listAudit } from './list-audit.ts'

/** The routes of the audit trail. */
export const AUDIT_ROUTES: readonly RouteSpec[] = [
  {
    method: 'GET',
    path: '/v1/identity/audit',
    operationId: 'listAuditEvents',
    summary: 'Who changed what, the newest first',
    tag: 'Identity',
    access: { scope: 'audit:read' },
    query: AuditListQuery,
    responses: { 200: listOf(AuditEventShape) },
    handler: listAudit,
  },
]

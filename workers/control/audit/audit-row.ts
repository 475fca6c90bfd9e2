import { type AuditChange, auditForm } from '../../core/access/audit-action.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { AuditRow } from '../../db/audited-batch.ts'
import type { ActingPorts } from '../ports.ts'

const formOf = (value: unknown) => (value === null || value === undefined ? null : auditForm(value))

/** The row of the audit trail that tells of a change, to be written in the change's own transaction. */
export function auditRow(tenantId: TenantId, change: AuditChange, ports: ActingPorts): AuditRow {
  const { kind: actorKind, id: actorId, requestId } = ports.actor
  const atMs = ports.nowMs()
  const { action, resource, before, after } = change
  const { configHash, isTrial } = ports
  return {
    ...{ tenantId, id: `aud_${ports.newTimedId(atMs)}`, atMs, actorKind, actorId, action, requestId },
    ...{ resourceType: resource.type, resourceId: resource.id },
    before: formOf(before),
    after: formOf(after),
    ...(configHash !== undefined && { configHash }),
    ...(isTrial && { isTrial }),
  }
}

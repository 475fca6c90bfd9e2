import { and, desc, eq, gte, lt, type SQL } from 'drizzle-orm'
import type { AuditAction } from '../core/access/audit-action.ts'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { AuditRow } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { auditEvent } from './schema/audit.ts'
import { selectPage } from './select-page.ts'

/** Which of a tenant's changes: made in `[startMs, endMs)`, by this actor, of this action and resource where given. */
export type AuditQuery = {
  tenantId: TenantId
  startMs?: number
  endMs?: number
  actorId?: string | undefined
  actorKind?: string | undefined
  action?: string | undefined
  resourceType?: string | undefined
  resourceId?: string | undefined
  limit: number
  offset: number
}

/** The least id of the changes made at `ms` or later. */
export function auditIdFloor(ms: number): string {
  const hex = ms.toString(16).padStart(12, '0')
  return `aud_${hex.slice(0, 8)}-${hex.slice(8)}`
}

function matching(query: AuditQuery): SQL | undefined {
  const { startMs, endMs, actorId, actorKind, action, resourceType, resourceId } = query
  return and(
    eq(auditEvent.tenantId, query.tenantId),
    startMs === undefined ? undefined : gte(auditEvent.id, auditIdFloor(startMs)),
    endMs === undefined ? undefined : lt(auditEvent.id, auditIdFloor(endMs)),
    actorId === undefined ? undefined : eq(auditEvent.actorId, actorId),
    actorKind === undefined ? undefined : eq(auditEvent.actorKind, actorKind),
    action === undefined ? undefined : eq(auditEvent.action, action as AuditAction),
    resourceType === undefined ? undefined : eq(auditEvent.resourceType, resourceType),
    resourceId === undefined ? undefined : eq(auditEvent.resourceId, resourceId),
  )
}

/** A page of a tenant's changes, the newest first, and how many match in all, in one reading. */
export async function listAudit(db: ConfigDb, query: AuditQuery): Promise<{ events: AuditRow[]; total: number }> {
  const where = matching(query)
  const { rows: events, total } = await selectPage(db, auditEvent, {
    where,
    orderBy: [desc(auditEvent.id)],
    limit: query.limit,
    offset: query.offset,
  })
  return { events, total }
}

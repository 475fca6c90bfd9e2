import { and, desc, eq, gte, lt, type SQL } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { EventsDb } from './database.ts'
import { limitAlert } from './schema/limits.ts'
import { selectPage } from './select-page.ts'

/** A threshold that was reached, as stored. */
export type AlertRow = typeof limitAlert.$inferSelect

/** Which of a tenant's alerts: noticed in `[startMs, endMs)`, of this limit and this scope where they are given. */
export type AlertQuery = {
  tenantId: TenantId
  startMs?: number
  endMs?: number
  limitId?: string | undefined
  scope?: string | undefined
  limit: number
  offset: number
}

function alertsMatching({ tenantId, startMs, endMs, limitId, scope }: AlertQuery): SQL | undefined {
  return and(
    eq(limitAlert.tenant_id, tenantId),
    startMs === undefined ? undefined : gte(limitAlert.noticed_ms, startMs),
    endMs === undefined ? undefined : lt(limitAlert.noticed_ms, endMs),
    limitId === undefined ? undefined : eq(limitAlert.limit_id, limitId),
    scope === undefined ? undefined : eq(limitAlert.scope, scope),
  )
}

/** A page of a tenant's alerts, the newest first, and how many match in all, in one reading. */
export async function listAlerts(db: EventsDb, query: AlertQuery): Promise<{ alerts: AlertRow[]; total: number }> {
  const where = alertsMatching(query)
  const { noticed_ms, limit_id, start_ms, threshold } = limitAlert
  // The columns of the index, in its order, so that nothing is sorted.
  const newest = [noticed_ms, limit_id, start_ms, threshold].map(column => desc(column))
  const { rows: alerts, total } = await selectPage(db, limitAlert, {
    where,
    orderBy: newest,
    limit: query.limit,
    offset: query.offset,
  })
  return { alerts, total }
}

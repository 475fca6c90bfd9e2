import { and, asc, eq, gt, lt } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { eventIdFloor, type RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { DAY_MS } from './hours.ts'
import type { Retention } from './list-retentions.ts'
import { isAtRest } from './move/moving-tenant.ts'
import { usageEvent } from './schema/usage.ts'

/** A tenant's UTC day; `dayMs` is its first instant. */
export type TenantDay = { tenantId: TenantId; dayMs: number }

/** That nothing of a day waits to be summed up or compared. `day` is an SQL expression of its first instant. */
export const isClean = (tenant: string, day: string) => `
  NOT EXISTS (SELECT 1 FROM dirty_hour AS d WHERE d.tenant_id = ${tenant}
    AND d.hour_ms >= ${day} AND d.hour_ms < ${day} + ${DAY_MS})
  AND NOT EXISTS (SELECT 1 FROM meter_hour AS m WHERE m.tenant_id = ${tenant}
    AND m.hour_ms >= ${day} AND m.hour_ms < ${day} + ${DAY_MS} AND m.reconciled_seq < m.change_seq)`

// The oldest event of each tenant is one seek. A day that is being emptied, or brought back, has to be done with first.
const FIND = `
  SELECT e.tenant_id AS tenantId, e.timestamp_ms - e.timestamp_ms % ${DAY_MS} AS dayMs
  FROM json_each(?1) AS tenant CROSS JOIN usage_event AS e ON e.tenant_id = tenant.value ->> 'id'
    AND e.id = (SELECT min(id) FROM usage_event WHERE tenant_id = tenant.value ->> 'id')
  WHERE e.timestamp_ms - e.timestamp_ms % ${DAY_MS} + ${DAY_MS}
    <= ?2 - coalesce(tenant.value ->> 'days', ?3) * ${DAY_MS}
  AND ${isAtRest('e.tenant_id')} AND ${isClean('e.tenant_id', `(e.timestamp_ms - e.timestamp_ms % ${DAY_MS})`)}
  AND NOT EXISTS (SELECT 1 FROM event_archive AS f WHERE f.tenant_id = e.tenant_id
    AND f.day_ms = e.timestamp_ms - e.timestamp_ms % ${DAY_MS}
    AND (f.state = 'restoring' OR (f.state = 'archived' AND f.emptied_ms IS NULL)))
  LIMIT ?4`

/** The oldest days of these tenants that are older than they keep events in D1, and of which nothing waits. */
export async function findDaysToArchive(
  db: EventsDb,
  {
    tenants,
    nowMs,
    retentionDays,
    limit,
  }: { tenants: Retention[]; nowMs: number; retentionDays: number; limit: number },
): Promise<TenantDay[]> {
  const found = await db.$client
    .prepare(FIND)
    .bind(JSON.stringify(tenants), nowMs, retentionDays, limit)
    .all<TenantDay>()
  return found.results
}

/** The range of ids that a day's events have. */
export function idsOfDay(dayMs: number): { after: string; before: string } {
  return { after: eventIdFloor(dayMs), before: eventIdFloor(dayMs + DAY_MS) }
}

/** Events of a tenant in a range of ids that are in D1, whatever the archive has. */
export function listHotEvents(
  db: EventsDb,
  { tenantId, after, before, limit }: { tenantId: TenantId; after: string; before: string; limit: number },
): Promise<RecordedEvent[]> {
  return db
    .select()
    .from(usageEvent)
    .where(and(eq(usageEvent.tenant_id, tenantId), gt(usageEvent.id, after), lt(usageEvent.id, before)))
    .orderBy(asc(usageEvent.id))
    .limit(limit)
}

import type { TenantDay } from './archive-day.ts'
import type { EventsDb } from './database.ts'
import { DAY_MS } from './hours.ts'
import { isAtRest } from './move/moving-tenant.ts'

const FIND = `
  SELECT tenant_id AS tenantId, day_ms AS dayMs FROM rolled_day AS day INDEXED BY rolled_day_due
  WHERE due <> 0 AND day_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM dirty_hour AS hour
    WHERE hour.tenant_id = day.tenant_id AND hour_ms >= day_ms AND hour_ms < day_ms + ${DAY_MS})
  AND ${isAtRest('day.tenant_id')}
  ORDER BY day_ms, tenant_id LIMIT ?2`

/** Days of any tenant that began by then, whose hours are all rolled up and whose own sums are to be made, the oldest first. */
export async function findDueDays(db: EventsDb, at: { startedByMs: number; limit: number }): Promise<TenantDay[]> {
  return (await db.$client.prepare(FIND).bind(at.startedByMs, at.limit).all<TenantDay>()).results
}

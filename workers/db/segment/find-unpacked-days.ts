import type { TenantDay } from '../archive-day.ts'
import { IS_ARCHIVED } from '../archive-restore.ts'
import type { EventsDb } from '../database.ts'
import { DAY_MS } from '../hours.ts'
import { isAtRest } from '../move/moving-tenant.ts'

const FIND = `
  SELECT tenant_id AS tenantId, day_ms AS dayMs FROM day_segment AS day INDEXED BY day_segment_due
  WHERE due <> 0 AND day_ms <= ?1 AND NOT EXISTS (SELECT 1 FROM dirty_hour AS hour
    WHERE hour.tenant_id = day.tenant_id AND hour_ms >= day_ms AND hour_ms < day_ms + ${DAY_MS})
  AND NOT ${IS_ARCHIVED('day.tenant_id', 'day.day_ms')} AND ${isAtRest('day.tenant_id')}
  ORDER BY day_ms DESC, tenant_id LIMIT ?2`

/** Days of any tenant that began by then, whose hours are all rolled up and whose segment is to be written, the newest first: they are asked for most. */
export async function findUnpackedDays(db: EventsDb, at: { startedByMs: number; limit: number }): Promise<TenantDay[]> {
  return (await db.$client.prepare(FIND).bind(at.startedByMs, at.limit).all<TenantDay>()).results
}

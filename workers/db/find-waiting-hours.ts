import { IS_ARCHIVED } from './archive-restore.ts'
import type { EventsDb } from './database.ts'
import type { TenantHour } from './find-dirty-hours.ts'
import { isAtRest } from './move/moving-tenant.ts'

// Left to itself SQLite reads the whole table in the order of the groups, instead of the few rows that wait.
const FIND = `
  SELECT tenant_id AS tenantId, hour_ms AS hourMs FROM meter_hour INDEXED BY meter_hour_waiting
  WHERE reconciled_seq < change_seq AND due_ms <= ?1 AND NOT ${IS_ARCHIVED('meter_hour.tenant_id', 'hour_ms')}
  AND ${isAtRest('meter_hour.tenant_id')}
  GROUP BY tenant_id, hour_ms ORDER BY min(due_ms), tenant_id LIMIT ?2`

/** Hours of any tenant that may be compared now and were not since something about them changed, the oldest first. */
export async function findWaitingHours(db: EventsDb, at: { nowMs: number; limit: number }): Promise<TenantHour[]> {
  return (await db.$client.prepare(FIND).bind(at.nowMs, at.limit).all<TenantHour>()).results
}

import { and, asc, lte, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { IS_ARCHIVED } from './archive-restore.ts'
import type { EventsDb } from './database.ts'
import { isAtRest } from './move/moving-tenant.ts'
import { dirtyHour } from './schema/usage.ts'

/** A tenant's hour; `hourMs` is its first instant in UTC epoch milliseconds. */
export type TenantHour = { tenantId: TenantId; hourMs: number }

/**
 * Hours of any tenant that began by then and wait to be rolled up, the oldest first. Hours of days that are archived wait until
 * their events are back.
 */
export function findDirtyHours(db: EventsDb, at: { startedByMs: number; limit: number }): Promise<TenantHour[]> {
  const isHere = sql.raw(
    `NOT ${IS_ARCHIVED('dirty_hour.tenant_id', 'dirty_hour.hour_ms')} AND ${isAtRest('dirty_hour.tenant_id')}`,
  )
  return db
    .select({ tenantId: dirtyHour.tenant_id, hourMs: dirtyHour.hour_ms })
    .from(dirtyHour)
    .where(and(lte(dirtyHour.hour_ms, at.startedByMs), isHere))
    .orderBy(asc(dirtyHour.hour_ms), asc(dirtyHour.tenant_id))
    .limit(at.limit)
}

import { asc, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { IS_ARCHIVED } from './archive-restore.ts'
import type { Database } from './database.ts'
import { dirtyHour } from './schema/usage.ts'

/** A tenant's hour; `hourMs` is its first instant in UTC epoch milliseconds. */
export type TenantHour = { tenantId: TenantId; hourMs: number }

/**
 * Hours of any tenant that wait to be rolled up, the oldest first: those are closed, and stay clean once done. Hours of days that
 * are archived wait until their events are back.
 */
export function findDirtyHours(db: Database, limit: number): Promise<TenantHour[]> {
  return db
    .select({ tenantId: dirtyHour.tenant_id, hourMs: dirtyHour.hour_ms })
    .from(dirtyHour)
    .where(sql.raw(`NOT ${IS_ARCHIVED('dirty_hour.tenant_id', 'dirty_hour.hour_ms')}`))
    .orderBy(asc(dirtyHour.hour_ms), asc(dirtyHour.tenant_id))
    .limit(limit)
}

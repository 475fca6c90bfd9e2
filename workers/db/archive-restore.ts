import { and, asc, eq, isNull, sql } from 'drizzle-orm'
import type { TenantDay } from './archive-day.ts'
import type { EventsDb } from './database.ts'
import { DAY_MS } from './hours.ts'
import { inOneBatch } from './in-one-batch.ts'
import { isAtRest } from './move/moving-tenant.ts'
import type { ArchiveFile } from './read-event-page.ts'
import { archiveGarbage, eventArchive } from './schema/exports.ts'

// A late event marks its hour, a late statement of a meter waits to be compared: both need all of the hour's events. CROSS JOIN
// fixes the order, without which SQLite reads the whole archive.
const FIND_CHANGED = `
  SELECT DISTINCT f.tenant_id AS tenantId, f.day_ms AS dayMs FROM (
    SELECT tenant_id, hour_ms - hour_ms % ${DAY_MS} AS day_ms FROM dirty_hour
    UNION SELECT tenant_id, hour_ms - hour_ms % ${DAY_MS} FROM meter_hour INDEXED BY meter_hour_waiting
      WHERE reconciled_seq < change_seq) AS changed
  CROSS JOIN event_archive AS f ON f.tenant_id = changed.tenant_id AND f.day_ms = changed.day_ms
  WHERE f.state = 'archived' AND ${isAtRest('f.tenant_id')} LIMIT 100`

const IS_AT_REST = sql.raw(isAtRest('event_archive.tenant_id'))

/** Begins to bring back days of the archive of which something has changed. */
export async function beginRestoring(db: EventsDb): Promise<void> {
  const days = (await db.$client.prepare(FIND_CHANGED).all<TenantDay>()).results
  for (const { tenantId, dayMs } of days) {
    const isOfDay = and(eq(eventArchive.tenantId, tenantId), eq(eventArchive.dayMs, dayMs))
    const back = { state: 'restoring', emptiedMs: null } as const
    await db
      .update(eventArchive)
      .set(back)
      .where(and(isOfDay, eq(eventArchive.state, 'archived')))
  }
}

/** Files whose events have to come back into D1, the oldest first. */
export function findFilesToRestore(db: EventsDb, limit: number): Promise<ArchiveFile[]> {
  return db
    .select()
    .from(eventArchive)
    .where(and(eq(eventArchive.state, 'restoring'), isNull(eventArchive.emptiedMs), IS_AT_REST))
    .orderBy(asc(eventArchive.tenantId), asc(eventArchive.dayMs))
    .limit(limit)
}

/** Forgets a file whose events are all in D1 again. */
export async function forgetArchiveFile(db: EventsDb, { tenantId, dayMs, objectKey }: ArchiveFile): Promise<void> {
  const isIt = and(
    eq(eventArchive.tenantId, tenantId),
    eq(eventArchive.dayMs, dayMs),
    eq(eventArchive.objectKey, objectKey),
  )
  await inOneBatch(db, [
    db.insert(archiveGarbage).values({ tenantId, objectKey }).onConflictDoNothing(),
    db.delete(eventArchive).where(and(isIt, eq(eventArchive.state, 'restoring'))),
  ])
}

/** Objects that no row of the archive refers to. */
export function listArchiveGarbage(db: EventsDb, limit: number): Promise<(typeof archiveGarbage.$inferSelect)[]> {
  return db.select().from(archiveGarbage).limit(limit)
}

/** Says that an object is gone. */
export async function forgetGarbage(
  db: EventsDb,
  { tenantId, objectKey }: Pick<ArchiveFile, 'tenantId' | 'objectKey'>,
) {
  const isIt = and(eq(archiveGarbage.tenantId, tenantId), eq(archiveGarbage.objectKey, objectKey))
  await db.delete(archiveGarbage).where(isIt)
}

/** Whether a part of a day's events is in the archive alone, or on its way there or back. */
export const IS_ARCHIVED = (tenant: string, at: string) => `EXISTS (SELECT 1 FROM event_archive AS f
  WHERE f.tenant_id = ${tenant} AND f.day_ms = ${at} - ${at} % ${DAY_MS} AND f.state <> 'writing')`

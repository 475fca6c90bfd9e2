import type { TenantId } from '../core/access/tenant-id.ts'
import { eventIdFloor } from '../core/usage.ts'
import { HOUR_MS } from '../core/window/hour.ts'
import { IS_ARCHIVED } from './archive-restore.ts'
import { type AuditRow, writeAudit } from './audited-batch.ts'
import { type ConfigDb, type EventsDb, isSameDatabase } from './database.ts'
import { DAY_MS, floorTo } from './hours.ts'
import { prepared } from './in-one-batch.ts'

/** Hours of a tenant, from the one that `startMs` is in to the one before `endMs`. */
export type HourRange = { tenantId: TenantId; startMs: number; endMs: number }

/** How many hours, and days, of a range wait for their sums to be made, and how many days of it are in the archive. */
export type Waiting = { hours: number; days: number; archivedDays: number }

const firstFrom = (id: string) => `(SELECT timestamp_ms - timestamp_ms % ${HOUR_MS} FROM usage_event
  WHERE tenant_id = ?1 AND usage_event.id >= ${id} AND usage_event.id < ?5 ORDER BY usage_event.id LIMIT 1)`

// From the first event of an hour to the first of the next that has one: a seek for each hour, however many events it has. Hours that
// have sums and no events are among them, and hours of the archive are not: their events would all have to come back.
const MARK = `
  INSERT OR IGNORE INTO dirty_hour (tenant_id, hour_ms)
  WITH RECURSIVE walk (hour_ms) AS (
    SELECT ${firstFrom('?4')}
    UNION ALL SELECT ${firstFrom(`'evt_' || printf('%012x', walk.hour_ms + ${HOUR_MS})`)} FROM walk WHERE hour_ms IS NOT NULL)
  SELECT ?1, hour_ms FROM (
    SELECT hour_ms FROM walk WHERE hour_ms IS NOT NULL
    UNION SELECT hour_ms FROM rolled_hour WHERE tenant_id = ?1 AND hour_ms >= ?2 AND hour_ms < ?3) AS found
  WHERE NOT ${IS_ARCHIVED('?1', 'found.hour_ms')}`

const OF_DAYS = `tenant_id = ?1 AND day_ms > ?2 - ${DAY_MS} AND day_ms < ?3`
const COUNT = `SELECT
  (SELECT count(*) FROM dirty_hour WHERE tenant_id = ?1 AND hour_ms >= ?2 AND hour_ms < ?3) AS hours,
  (SELECT count(*) FROM rolled_day WHERE ${OF_DAYS} AND due <> 0) AS days,
  (SELECT count(DISTINCT day_ms) FROM event_archive WHERE ${OF_DAYS} AND state <> 'writing') AS archivedDays`

function bounds({ tenantId, startMs, endMs }: HourRange): [TenantId, number, number] {
  return [tenantId, floorTo(HOUR_MS, startMs), endMs]
}

/** What of a range waits to be rolled up. */
export async function countWaiting(db: EventsDb, range: HourRange): Promise<Waiting> {
  const found = await db.$client
    .prepare(COUNT)
    .bind(...bounds(range))
    .first<Waiting>()
  return found ?? { hours: 0, days: 0, archivedDays: 0 }
}

/**
 * Has the sums of a range made anew from its events, by the cron; those of archived days stay as they are. Repeating it changes
 * nothing. Where events are in another database, who asked for it is written first.
 */
export async function recomputeRollups(
  { db, events }: { db: ConfigDb; events: EventsDb },
  range: HourRange,
  audit: AuditRow,
): Promise<void> {
  const [tenantId, startMs, endMs] = bounds(range)
  const ids = [eventIdFloor(startMs), eventIdFloor(endMs)]
  const mark = events.$client.prepare(MARK).bind(tenantId, startMs, endMs, ...ids)
  const said = prepared(db, writeAudit(db, audit))
  if (isSameDatabase(db, events)) return void (await db.$client.batch([said, mark]))
  await said.run()
  await mark.run()
}

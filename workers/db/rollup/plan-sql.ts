import { HOUR_MS } from '../../core/window/hour.ts'
import { IS_ARCHIVED } from '../archive-restore.ts'
import { DAY_MS } from '../hours.ts'

const idFloor = (ms: string) => `'evt_' || printf('%012x', ${ms})`
const isInSegment = (ms: string) => `${ms} - ${ms} % ${DAY_MS} IN (SELECT day_ms FROM segment_day)`
const isMissing =
  "missing <> '[]' AND EXISTS (SELECT 1 FROM json_each(missing) WHERE value IN (SELECT value FROM json_each(?3)))"

// Days whose own sums are true come from these, hours from theirs; of all others the events themselves are read. One statement
// sees one state of the database, so that no event is in two places or in none. An archived hour is told by its rollup until all
// of its events are back, whole where the range has its beginning, so that ranges side by side count it once. CROSS JOIN fixes the order of
// the joins, without which SQLite might read a table for each row rather than a range of its key.
/** Where each part of a range is read from: `?1` the tenant, `?2` the range as `planText` covers it, `?3` the facets needed. */
export const PLAN = `plan AS (SELECT ?2 ->> '$.startMs' AS start_ms, ?2 ->> '$.endMs' AS end_ms,
    ?2 ->> '$.days.startMs' AS day_start_ms, ?2 ->> '$.days.endMs' AS day_end_ms),
  segment_day AS (SELECT value AS day_ms FROM json_each(?2, '$.segmentDays')),
  open_day AS (
    SELECT day_ms FROM plan CROSS JOIN rolled_day
    WHERE tenant_id = ?1 AND day_ms >= day_start_ms AND day_ms < day_end_ms AND (due <> 0 OR ${isMissing})
    UNION SELECT hour_ms - hour_ms % ${DAY_MS} FROM plan CROSS JOIN dirty_hour
    WHERE tenant_id = ?1 AND hour_ms >= day_start_ms AND hour_ms < day_end_ms AND NOT ${IS_ARCHIVED('?1', 'hour_ms')}),
  span AS (
    SELECT value ->> 'startMs' AS from_ms, value ->> 'endMs' AS to_ms FROM json_each(?2, '$.hours')
    UNION ALL SELECT day_ms, day_ms + ${DAY_MS} FROM open_day
    UNION ALL SELECT value, value + ${HOUR_MS} FROM plan CROSS JOIN json_each(?2, '$.partialHours')
    WHERE value >= start_ms AND ${IS_ARCHIVED('?1', 'value')}),
  raw_hour AS (
    SELECT hour_ms FROM span CROSS JOIN dirty_hour
    WHERE tenant_id = ?1 AND hour_ms >= from_ms AND hour_ms < to_ms AND NOT ${IS_ARCHIVED('?1', 'hour_ms')}
      AND NOT ${isInSegment('hour_ms')}
    UNION SELECT hour_ms FROM span CROSS JOIN rolled_hour
    WHERE tenant_id = ?1 AND hour_ms >= from_ms AND hour_ms < to_ms AND ${isMissing} AND NOT ${IS_ARCHIVED('?1', 'hour_ms')}
      AND NOT ${isInSegment('hour_ms')}
    UNION SELECT value FROM json_each(?2, '$.partialHours') WHERE NOT ${IS_ARCHIVED('?1', 'value')})`

/** Whether an hour is asked for of which rollups do not tell what is needed, and the events are in the archive. */
export const IS_LOST = `SELECT 1 FROM span CROSS JOIN rolled_hour
    WHERE tenant_id = ?1 AND hour_ms >= from_ms AND hour_ms < to_ms AND ${isMissing} AND ${IS_ARCHIVED('?1', 'hour_ms')}
      AND NOT ${isInSegment('hour_ms')} LIMIT 1`
/** The same where every event of the range is to be read. */
export const IS_ANY_LOST = `SELECT 1 FROM event_archive WHERE tenant_id = ?1 AND day_ms > (?2 ->> '$.startMs') - ${DAY_MS}
    AND day_ms < (?2 ->> '$.endMs') AND state <> 'writing' AND ?3 = ?3
    AND day_ms NOT IN (SELECT value FROM json_each(?2, '$.segmentDays')) LIMIT 1`

/** Rollups of days that are true. `more` is joined to each row. */
export const fromDays = (more: string) =>
  `FROM plan CROSS JOIN rolled_day AS period CROSS JOIN rollup_day AS sums ${more}
    WHERE period.tenant_id = ?1 AND period.day_ms >= day_start_ms AND period.day_ms < day_end_ms
      AND period.day_ms NOT IN (SELECT day_ms FROM open_day UNION ALL SELECT day_ms FROM segment_day) AND sums.day_ms = period.day_ms`
/** Rollups of hours that are true, of what days do not tell. `more` is joined to each row. */
export const fromHours = (more: string) =>
  `FROM span CROSS JOIN rolled_hour AS period CROSS JOIN rollup_hour AS sums ${more}
    WHERE period.tenant_id = ?1 AND period.hour_ms >= from_ms AND period.hour_ms < to_ms
      AND period.hour_ms NOT IN (SELECT hour_ms FROM raw_hour) AND NOT ${isInSegment('period.hour_ms')} AND sums.hour_ms = period.hour_ms`
/** Events of all that rollups do not tell. */
export const RAW = `FROM plan CROSS JOIN raw_hour CROSS JOIN usage_event AS event
    WHERE event.tenant_id = ?1 AND event.id >= ${idFloor('max(hour_ms, start_ms)')}
      AND event.id < ${idFloor(`min(hour_ms + ${HOUR_MS}, end_ms)`)}`
/** Every event of the range that is not of a day that segments tell; of no plan. */
export const ALL_EVENTS = `FROM json_each(?2, '$.gaps') AS gap CROSS JOIN usage_event AS event WHERE event.tenant_id = ?1
      AND event.id >= ${idFloor("(gap.value ->> 'startMs')")} AND event.id < ${idFloor("(gap.value ->> 'endMs')")}`

import type { TenantId } from '../core/access/tenant-id.ts'
import { HOUR_MS } from '../core/window/hour.ts'
import type { Interval } from '../core/window/window.ts'
import { IS_ARCHIVED } from './archive-restore.ts'
import type { Database } from './database.ts'
import { DAY_MS } from './hours.ts'
import { planRange } from './plan-range.ts'

/** What sums are told apart by. */
export type UsageGroup = 'day' | 'hour' | 'provider' | 'model'

/** Which of a tenant's events to sum: calls begun in the range, of this provider, model and key where given. */
export type SumQuery = {
  tenantId: TenantId
  range: Interval
  groupBy: UsageGroup
  provider?: string
  model?: string
  virtualKeyId?: string
}

/** Sums of a group. `bucket` is a UTC epoch time in milliseconds or a name. Nano-dollars are exact below 2^53 ($9 million). */
export type UsageSum = { bucket: string | number; events: number; tokens: number; cost_nano: number }

const BUCKET: Record<UsageGroup, string> = {
  day: `at_ms - at_ms % ${DAY_MS}`,
  hour: 'at_ms',
  provider: 'provider',
  model: 'model',
}

const WANTED = '(?3 IS NULL OR provider = ?3) AND (?4 IS NULL OR model = ?4) AND (?5 IS NULL OR virtual_key_id = ?5)'
const SUMS = 'provider, model, events, input_tokens + output_tokens AS tokens, cost_nano'
const idFloor = (ms: string) => `'evt_' || printf('%012x', ${ms})`

// Days and hours that are clean come from their rollups; of dirty or partial hours the events themselves are read. One
// statement sees one state of the database, so that no event is in two places or in none. An archived hour is told by its rollup
// until all of its events are back, whole where the range has its beginning, so that ranges side by side count it once. CROSS JOIN fixes the order of
// the joins, without which SQLite might read a table for each row rather than a range of its key.
function sumStatement(groupBy: UsageGroup): string {
  return `
  WITH plan AS (SELECT ?2 ->> '$.startMs' AS start_ms, ?2 ->> '$.endMs' AS end_ms,
    ?2 ->> '$.days.startMs' AS day_start_ms, ?2 ->> '$.days.endMs' AS day_end_ms),
  raw_hour AS (
    SELECT hour_ms FROM plan CROSS JOIN dirty_hour
    WHERE tenant_id = ?1 AND hour_ms >= start_ms AND hour_ms < end_ms AND NOT ${IS_ARCHIVED('?1', 'hour_ms')}
    UNION SELECT value FROM json_each(?2, '$.partialHours') WHERE NOT ${IS_ARCHIVED('?1', 'value')}),
  raw_day AS (
    SELECT DISTINCT hour_ms - hour_ms % ${DAY_MS} AS day_ms FROM plan CROSS JOIN raw_hour
    WHERE hour_ms >= day_start_ms AND hour_ms < day_end_ms),
  span AS (
    SELECT value ->> 'startMs' AS from_ms, value ->> 'endMs' AS to_ms FROM json_each(?2, '$.hours')
    UNION ALL SELECT day_ms, day_ms + ${DAY_MS} FROM raw_day
    UNION ALL SELECT value, value + ${HOUR_MS} FROM plan CROSS JOIN json_each(?2, '$.partialHours')
    WHERE value >= start_ms AND ${IS_ARCHIVED('?1', 'value')}),
  part AS (
    SELECT day_ms AS at_ms, ${SUMS} FROM plan CROSS JOIN rollup_day
    WHERE tenant_id = ?1 AND day_ms >= day_start_ms AND day_ms < day_end_ms
      AND day_ms NOT IN (SELECT day_ms FROM raw_day) AND ${WANTED}
    UNION ALL
    SELECT hour_ms, ${SUMS} FROM span CROSS JOIN rollup_hour
    WHERE tenant_id = ?1 AND hour_ms >= from_ms AND hour_ms < to_ms
      AND hour_ms NOT IN (SELECT hour_ms FROM raw_hour) AND ${WANTED}
    UNION ALL
    SELECT hour_ms, provider, model, 1, input_tokens + output_tokens, cost_nano
    FROM plan CROSS JOIN raw_hour CROSS JOIN usage_event
    WHERE tenant_id = ?1 AND id >= ${idFloor('max(hour_ms, start_ms)')}
      AND id < ${idFloor(`min(hour_ms + ${HOUR_MS}, end_ms)`)} AND ${WANTED})
  SELECT ${BUCKET[groupBy]} AS bucket, sum(events) AS events, sum(tokens) AS tokens, sum(cost_nano) AS cost_nano
  FROM part GROUP BY bucket ORDER BY bucket`
}

/** Sums of a tenant's events by group, in the order of the groups: equal to the sum over the events at any instant. */
export async function sumUsage(db: Database, query: SumQuery): Promise<UsageSum[]> {
  const { tenantId, range, groupBy, provider = null, model = null, virtualKeyId = null } = query
  const plan = { ...range, ...planRange(range, groupBy !== 'hour') }
  const statement = db.$client.prepare(sumStatement(groupBy))
  const bound = statement.bind(tenantId, JSON.stringify(plan), provider, model, virtualKeyId)
  return (await bound.all<UsageSum>()).results
}

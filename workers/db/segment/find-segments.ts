import { IS_ARCHIVED } from '../archive-restore.ts'
import type { EventsDb } from '../database.ts'
import { ceilTo, DAY_MS, floorTo } from '../hours.ts'
import { chooseSource } from '../rollup/choose-source.ts'
import { PLAN } from '../rollup/plan-sql.ts'
import type { SumQuery } from '../rollup/sum-query.ts'
import { planText } from '../rollup/sum-statement.ts'
import type { SegmentObject } from '../schema/segments.ts'
import { chooseObjects } from './choose-objects.ts'
import { isTrue } from './is-true.ts'
import { wantsSegments } from './wants-segments.ts'

/** A day of a question that segments tell. */
export type SegmentDay = { dayMs: number; objects: SegmentObject[] }

/** The most objects that one question reads, the newest: each is a request or two, and a Worker may make a thousand. */
const MAX_OBJECTS = 400

/**
 * Fewer events of a day than this are read from D1 sooner than an object from R2. So what D1 reads of a day has a bound, whatever number of events
 * there are.
 */
const MIN_EVENTS = 500

const FIND = (open: string) => `WITH ${PLAN} SELECT day_ms AS dayMs, objects FROM day_segment AS segment
  WHERE tenant_id = ?1 AND day_ms >= ?4 AND day_ms < ?5 AND ${isTrue('segment')} ${open}
  AND (events >= ?6 OR ${IS_ARCHIVED('?1', 'segment.day_ms')})
  ORDER BY day_ms DESC LIMIT ${MAX_OBJECTS}`
const ALL = FIND('AND ?3 = ?3')
const OPEN = FIND('AND day_ms IN (SELECT day_ms FROM open_day)')
const NONE = 'SELECT 1 AS dayMs WHERE ?1 = 0'

function findStatement(db: EventsDb, query: SumQuery, minEvents: number): D1PreparedStatement {
  const wanted = wantsSegments(query)
  if (wanted === 'none') return db.$client.prepare(NONE).bind(1)
  const { tenantId, range } = query
  const needed = JSON.stringify(chooseSource(query)?.needed ?? [])
  const bounds = [ceilTo(DAY_MS, range.startMs), floorTo(DAY_MS, range.endMs)]
  return db.$client
    .prepare(wanted === 'all' ? ALL : OPEN)
    .bind(tenantId, planText(query, []), needed, ...bounds, minEvents)
}

type Row = { dayMs: number; objects: string }

function readDays(rows: Row[], query: SumQuery): SegmentDay[] {
  const days: SegmentDay[] = []
  let left = MAX_OBJECTS
  for (const { dayMs, objects } of rows) {
    const day: SegmentDay = { dayMs, objects: JSON.parse(objects) }
    left -= chooseObjects(day.objects, query).length
    if (left < 0) break
    days.unshift(day)
  }
  return days
}

/** Of each question the days that segments tell, in their order; of those that D1 can tell only the larger ones. Asks nothing where none of them wants any. */
export async function findSegments(
  db: EventsDb,
  queries: readonly SumQuery[],
  minEvents = MIN_EVENTS,
): Promise<SegmentDay[][]> {
  if (queries.every(query => wantsSegments(query) === 'none')) return queries.map(() => [])
  const results = await db.$client.batch<Row>(queries.map(query => findStatement(db, query, minEvents)))
  return queries.map((query, index) => readDays(results[index]?.results ?? [], query))
}

const COUNT_TRUE = `SELECT count(*) AS days FROM json_each(?2) AS wanted CROSS JOIN day_segment AS segment
  WHERE segment.tenant_id = ?1 AND segment.day_ms = wanted.value ->> 0 AND ${isTrue('segment')}
  AND segment.objects ->> '$[0].key' = wanted.value ->> 1`

/** How many of these days are told by the objects that were found; to be asked in the transaction that reads all else. */
export function countTrueSegments(db: EventsDb, { tenantId }: SumQuery, days: readonly SegmentDay[]) {
  const wanted = JSON.stringify(days.map(({ dayMs, objects }) => [dayMs, objects[0]?.key]))
  return db.$client.prepare(COUNT_TRUE).bind(tenantId, wanted)
}

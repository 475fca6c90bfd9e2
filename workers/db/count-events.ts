import { count, desc, getTableColumns, sql } from 'drizzle-orm'
import type { EventsDb } from './database.ts'
import { type EventQuery, eventsHaving, eventsInRange } from './event-query.ts'
import { rowsToRead } from './rollup/choose-source.ts'
import { DIMENSIONS, type EventDimension } from './rollup/dimensions.ts'
import type { SumQuery } from './rollup/sum-query.ts'
import { usageEvent } from './schema/usage.ts'
import { sumUsage } from './sum-usage.ts'

/** How many events match; where `isExact` is false there are at least so many. */
export type EventCount = { total: number; isExact: boolean }

/** How many events one count reads one by one. */
const MAX_READ = 50_000
/** The end of the year 9999, in UTC epoch milliseconds: no event is later. */
const END_MS = 253_402_300_800_000

const isDimension = (name: string): name is EventDimension => (DIMENSIONS as readonly string[]).includes(name)

// Sums are exact at any instant, and are read from rollups where these tell apart what is asked for.
function asSums({
  tenantId,
  startMs = 0,
  endMs = END_MS,
  filter,
  cost,
  tags,
}: EventQuery): SumQuery<'events'> | undefined {
  if (cost || !Object.keys(filter).every(isDimension)) return undefined
  const range = { startMs, endMs }
  const query: SumQuery<'events'> = { tenantId, range, groupBy: [], sums: ['events'], filter, ...(tags && { tags }) }
  // An empty value is that of events without the tag, too.
  const hasEmpty = Object.values({ ...filter, ...tags }).some(value => value === '')
  return rowsToRead(query) === 'days' && !hasEmpty ? query : undefined
}

async function countSums(db: EventsDb, query: SumQuery<'events'>): Promise<EventCount> {
  const [sum] = await sumUsage(db, query)
  return { total: sum?.events ?? 0, isExact: true }
}

// The subquery has the table's name, and so the conditions on it read from there. It is not flattened, since it has a limit.
async function countOneByOne(db: EventsDb, query: EventQuery): Promise<EventCount> {
  const part = db
    .select(getTableColumns(usageEvent))
    .from(usageEvent)
    .where(eventsInRange(query))
    .orderBy(desc(usageEvent.id))
    .limit(MAX_READ + 1)
    .as('usage_event')
  const [row] = await db
    .select({ read: count(), total: sql<number>`count(*) FILTER (WHERE ${eventsHaving(query) ?? sql`true`})` })
    .from(part)
  return { total: row?.total ?? 0, isExact: (row?.read ?? 0) <= MAX_READ }
}

/**
 * How many of a tenant's events match. From rollups where they tell them apart; else events are read one by one, the newest
 * first, up to a number that one answer may cost.
 */
export function countEvents(db: EventsDb, query: EventQuery): Promise<EventCount> {
  const sums = asSums(query)
  return sums ? countSums(db, sums) : countOneByOne(db, query)
}

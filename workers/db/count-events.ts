import { count, desc, getTableColumns, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import { type EventQuery, eventsHaving, eventsInRange } from './event-query.ts'
import { usageEvent } from './schema/usage.ts'
import { type SumQuery, sumUsage } from './sum-usage.ts'

/** How many events match; where `isExact` is false there are at least so many. */
export type EventCount = { total: number; isExact: boolean }

/** How many events one count reads one by one. */
const MAX_READ = 50_000
/** The end of the year 9999, in UTC epoch milliseconds: no event is later. */
const END_MS = 253_402_300_800_000
/** What rollups tell apart. */
const SUMMED = ['provider', 'model', 'virtual_key_id']

// Sums are exact at any instant, and are read from rollups.
function asSums({ tenantId, startMs = 0, endMs = END_MS, filter, cost, tags }: EventQuery): SumQuery | undefined {
  const names = Object.keys(filter)
  if (cost || tags || names.some(name => !SUMMED.includes(name))) return undefined
  const { provider, model, virtual_key_id: virtualKeyId } = filter
  return {
    ...{ tenantId, range: { startMs, endMs }, groupBy: 'provider' },
    ...(provider && { provider }),
    ...(model && { model }),
    ...(virtualKeyId && { virtualKeyId }),
  }
}

async function countSums(db: Database, query: SumQuery): Promise<EventCount> {
  const sums = await sumUsage(db, query)
  return { total: sums.reduce((total, { events }) => total + events, 0), isExact: true }
}

// The subquery has the table's name, and so the conditions on it read from there. It is not flattened, since it has a limit.
async function countOneByOne(db: Database, query: EventQuery): Promise<EventCount> {
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
export function countEvents(db: Database, query: EventQuery): Promise<EventCount> {
  const sums = asSums(query)
  return sums ? countSums(db, sums) : countOneByOne(db, query)
}

import { count, desc } from 'drizzle-orm'
import type { RecordedEvent } from '../core/usage.ts'
import type { Database } from './database.ts'
import { type EventQuery, eventsMatching } from './event-query.ts'
import { usageEvent } from './schema/usage.ts'

/** A page of a tenant's events, the newest first, and how many match in all, in one reading. */
export async function listEvents(
  db: Database,
  query: EventQuery & { limit: number; offset: number },
): Promise<{ events: RecordedEvent[]; total: number }> {
  const where = eventsMatching(query)
  const [events, totals] = await db.batch([
    db.select().from(usageEvent).where(where).orderBy(desc(usageEvent.id)).limit(query.limit).offset(query.offset),
    db.select({ total: count() }).from(usageEvent).where(where),
  ])
  return { events, total: totals[0]?.total ?? 0 }
}

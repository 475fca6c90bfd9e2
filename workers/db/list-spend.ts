import { and, desc, sql } from 'drizzle-orm'
import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { type EventQuery, eventsMatching } from './event-query.ts'
import { usageEvent } from './schema/usage.ts'

/** A page of events, of these providers where some are given. */
export type SpendPage = EventQuery & { providers?: string[] | undefined; limit: number; offset: number }

/** The newest events first. */
export function listSpend(db: EventsDb, page: SpendPage): Promise<RecordedEvent[]> {
  const { providers, limit, offset } = page
  // One parameter for all of them: D1 takes a hundred.
  const list = providers && JSON.stringify(providers)
  const isOfThese = list && sql`${usageEvent.provider} IN (SELECT value FROM json_each(${list}))`
  return db
    .select()
    .from(usageEvent)
    .where(and(eventsMatching(page), isOfThese || undefined))
    .orderBy(desc(usageEvent.id))
    .limit(limit)
    .offset(offset)
}

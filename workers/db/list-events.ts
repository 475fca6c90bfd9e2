import { asc, desc } from 'drizzle-orm'
import type { RecordedEvent } from '../core/usage.ts'
import type { EventsDb } from './database.ts'
import { type EventPlace, type EventQuery, eventsMatching } from './event-query.ts'
import { usageEvent } from './schema/usage.ts'

/** Which part of a tenant's events, in the order of their ids, which is that of the calls' beginnings. */
export type EventPart = EventQuery & EventPlace & { limit: number; offset?: number; order?: 'newest' | 'oldest' }

/**
 * A part of a tenant's events, the newest first unless `order` says otherwise. From a place on (`beforeId` with the newest first,
 * `afterId` with the oldest first) each event that was there is given once, whatever is booked in the meantime.
 */
export function listEvents(db: EventsDb, part: EventPart): Promise<RecordedEvent[]> {
  const { limit, offset = 0, order = 'newest' } = part
  return db
    .select()
    .from(usageEvent)
    .where(eventsMatching(part))
    .orderBy(order === 'newest' ? desc(usageEvent.id) : asc(usageEvent.id))
    .limit(limit)
    .offset(offset)
}

import type { RecordedEvent } from '../core/usage.ts'
import type { EventFilter, EventQuery } from './event-query.ts'

/** Whether an event that is not in D1 is one that `eventsMatching` would find there. */
export function eventMatches(event: RecordedEvent, { filter, tags = {}, asOfMs }: EventQuery): boolean {
  const names = Object.keys(filter) as (keyof EventFilter)[]
  const hasFields = names.every(name => filter[name] === undefined || event[name] === filter[name])
  const hasTags = Object.entries(tags).every(([name, value]) => event.tags[name] === value)
  const wasThere = asOfMs === undefined || event.settled_ms <= asOfMs || event.revision > 1
  return hasFields && hasTags && wasThere
}

import { eventIdFloor, type RecordedEvent } from '../../core/usage.ts'
import type { EventsDb } from '../../db/database.ts'
import { eventMatches } from '../../db/event-matches.ts'
import type { EventQuery } from '../../db/event-query.ts'
import { DAY_MS, floorTo, hourOfEvent } from '../../db/hours.ts'
import { type EventPage, findNextEventId, type IdRange, readEventPage } from '../../db/read-event-page.ts'
import { readArchiveFile } from '../archive/archive-file.ts'
import type { ExportPorts } from './export-ports.ts'
import { mergeEvents } from './merge-events.ts'

/** So many are read at once: a page of them is in memory, and no more. */
const LIMITS = { files: 8, events: 1000 }

type Source = { db: EventsDb } & Pick<ExportPorts, 'store' | 'breathe'>

/** The range of ids that a query is of. */
export function idsOf({ startMs = 0, endMs = 0 }: EventQuery): IdRange {
  return { after: eventIdFloor(startMs), upTo: eventIdFloor(endMs) }
}

function firstOf(ids: string[]): string {
  return ids.toSorted()[0] ?? ''
}

// A day at a time: what a query does not match is passed over by D1, which has half a minute for it.
async function nextWindow(source: Source, query: EventQuery, range: IdRange): Promise<IdRange> {
  const id = await findNextEventId(source.db, query.tenantId, range)
  if (id === undefined) return range
  const dayEnd = eventIdFloor(floorTo(DAY_MS, hourOfEvent(id)) + DAY_MS)
  return { ...range, upTo: firstOf([dayEnd, range.upTo]) }
}

// What a page that is full has more of begins after its last; the other source is read no further than that.
function reached({ files, events }: EventPage, { upTo }: IdRange): string {
  const ends = [upTo]
  if (files.length === LIMITS.files) ends.push(files.at(-1)?.lastId ?? upTo)
  if (events.length === LIMITS.events) ends.push(events.at(-1)?.id ?? upTo)
  return firstOf(ends)
}

async function* archivedEvents(page: EventPage, range: IdRange, { store }: Source): AsyncGenerator<RecordedEvent> {
  for (const file of page.files) {
    if (file.firstId > range.upTo) return
    for await (const event of readArchiveFile(store, file)) {
      if (event.id > range.after && event.id <= range.upTo) yield event
    }
  }
}

/**
 * A tenant's events of a query in the order of their ids, each once, wherever they are: in D1, in the archive, or on the way.
 * `after`: those that were read before.
 */
export async function* readEvents(query: EventQuery, after: string, source: Source): AsyncGenerator<RecordedEvent> {
  const { after: start, upTo } = idsOf(query)
  for (let at = after < start ? start : after; at < upTo; ) {
    const range = await nextWindow(source, query, { after: at, upTo })
    const page = await readEventPage(source.db, { query, range, limits: LIMITS })
    const read = { after: at, upTo: reached(page, range) }
    const hot = page.events.filter(({ id }) => id <= read.upTo)
    for await (const event of mergeEvents(hot, archivedEvents(page, read, source))) {
      if (eventMatches(event, query)) yield event
    }
    at = read.upTo
    await source.breathe()
  }
}

import { EXPORT_FILES } from '../../core/export/export-kind.ts'
import { rowLayout } from '../../core/export/row-layout.ts'
import type { RecordedEvent } from '../../core/usage.ts'
import type { EventsDb } from '../../db/database.ts'
import { listEvents } from '../../db/list-events.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { cursorAfter } from './event-cursor.ts'
import { EVENT_COLUMNS, eventRow } from './event-rows.ts'
import type { EventPageQuery } from './read-event-query.ts'

/** A list of events that is written as it is read. */
export type StreamFormat = 'csv' | 'ndjson'

/** Events that are read at once. */
const PAGE = 500

// The last event of what is asked for, where there are more after it: where it ends is known before it begins.
async function lastOf(db: EventsDb, query: EventPageQuery): Promise<string | undefined> {
  const { limit, offset } = query
  const [last, next] = await listEvents(db, { ...query, offset: offset + limit - 1, limit: 2 })
  return next && last?.id
}

/** Parts of a list, the newest first, until the event `lastId` or the end. What is booked meanwhile moves none of them. */
async function* partsOf(db: EventsDb, query: EventPageQuery, lastId: string | undefined) {
  let place: Pick<EventPageQuery, 'beforeId' | 'offset'> = query
  for (;;) {
    const rows: RecordedEvent[] = await listEvents(db, { ...query, ...place, limit: PAGE })
    yield lastId === undefined ? rows : rows.filter(({ id }) => id >= lastId)
    const last = rows.at(-1)
    if (!last || rows.length < PAGE || (lastId !== undefined && last.id <= lastId)) return
    place = { beforeId: last.id, offset: 0 }
  }
}

async function* textsOf(parts: AsyncGenerator<RecordedEvent[]>, format: StreamFormat) {
  const layout = rowLayout(format, EVENT_COLUMNS)
  let index = 0
  yield layout.head
  for await (const events of parts) yield events.map(event => layout.row(eventRow(event), index++)).join('')
  yield layout.foot
}

// Read as it is taken: a client that goes away leaves the rest unread. What fails on the way breaks the answer off.
function streamOf(texts: AsyncGenerator<string>): ReadableStream<Uint8Array> {
  const utf8 = new TextEncoder()
  return new ReadableStream({
    async pull(controller) {
      // A pull that gives nothing is not called again.
      for (;;) {
        const { done, value = '' } = await texts.next()
        if (done) return controller.close()
        if (value !== '') return controller.enqueue(utf8.encode(value))
      }
    },
    async cancel() {
      await texts.return(undefined)
    },
  })
}

function nextLink(c: ControlContext, lastId: string): string {
  const url = new URL(c.req.url)
  url.searchParams.delete('offset')
  url.searchParams.set('cursor', cursorAfter(lastId))
  return `<${url.pathname}${url.search}>; rel="next"`
}

/** Events as lines of text, the newest first. Where there are more, `Link` says where they go on. */
export async function streamEvents(
  c: ControlContext,
  { query, format }: { query: EventPageQuery; format: StreamFormat },
  ports: ControlPorts,
): Promise<Response> {
  const db = await ports.eventsDb(query.tenantId)
  const lastId = await lastOf(db, query)
  const { contentType, extension } = EXPORT_FILES[format]
  const headers = {
    ...{ 'content-type': contentType, 'content-disposition': `attachment; filename="events.${extension}"` },
    ...(lastId !== undefined && { link: nextLink(c, lastId) }),
  }
  return c.body(streamOf(textsOf(partsOf(db, query, lastId), format)), 200, headers)
}

import { renderEvent } from '../../core/events/render-event.ts'
import { countEvents, type EventCount } from '../../db/count-events.ts'
import { listEvents as listRows } from '../../db/list-events.ts'
import { acceptedType } from '../http/accepted-type.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { cursorAfter } from './event-cursor.ts'
import { type EventPageQuery, MAX_STREAMED, readEventQuery } from './read-event-query.ts'
import { streamEvents } from './stream-events.ts'

// What was seen is there, also where counting ended before it.
function totalOf({ total, isExact }: EventCount, seen: number) {
  return isExact ? { total, total_is_exact: true } : { total: Math.max(total, seen), total_is_exact: false }
}

const FORMATS = {
  json: ['application/json', '*/*', 'application/*'],
  csv: ['text/csv', 'text/*'],
  ndjson: ['application/x-ndjson', 'application/ndjson', 'application/jsonl'],
} as const

async function answerPage(c: ControlContext, query: EventPageQuery, ports: ControlPorts): Promise<Response> {
  const { limit, offset, beforeId: _, ...all } = query
  const db = await ports.eventsDb(query.tenantId)
  const [rows, count] = await Promise.all([
    // One more than is shown tells whether there are more.
    listRows(db, { ...query, limit: limit + 1 }),
    countEvents(db, all),
  ])
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  const data = shown.map(renderEvent)
  const page = { limit, offset, has_more: last !== undefined, next_cursor: last ? cursorAfter(last.id) : null }
  return c.json({ data, events: data, pagination: { ...totalOf(count, offset + rows.length), ...page } })
}

/** `GET /v1/events`: a page of the tenant's events, the newest first; or all that match, as CSV or NDJSON. */
export async function listEvents(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const format = acceptedType(c.req.header('accept') ?? null, FORMATS)
  const { tenantId } = c.get('principal')
  c.header('vary', 'Accept', { append: true })
  if (format === 'json') return answerPage(c, readEventQuery(c.req.query(), tenantId), ports)
  return streamEvents(c, { query: readEventQuery(c.req.query(), tenantId, MAX_STREAMED), format }, ports)
}

import { countEvents, type EventCount } from '../../db/count-events.ts'
import { listEvents as listRows } from '../../db/list-events.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { cursorAfter } from './event-cursor.ts'
import { readEventQuery } from './read-event-query.ts'
import { renderEvent } from './render-event.ts'

// What was seen is there, also where counting ended before it.
function totalOf({ total, isExact }: EventCount, seen: number) {
  return isExact ? { total, total_is_exact: true } : { total: Math.max(total, seen), total_is_exact: false }
}

/** `GET /v1/events`: a page of the tenant's events, the newest first. */
export async function listEvents(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readEventQuery(c.req.query(), c.get('principal').tenantId)
  const { limit, offset, beforeId: _, ...all } = query
  const [rows, count] = await Promise.all([
    // One more than is shown tells whether there are more.
    listRows(ports.db, { ...query, limit: limit + 1 }),
    countEvents(ports.db, all),
  ])
  const shown = rows.slice(0, limit)
  const last = rows.length > limit ? shown.at(-1) : undefined
  const data = shown.map(renderEvent)
  const page = { limit, offset, has_more: last !== undefined, next_cursor: last ? cursorAfter(last.id) : null }
  return c.json({ data, events: data, pagination: { ...totalOf(count, offset + rows.length), ...page } })
}

import { listEvents as listRows } from '../../db/list-events.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { readEventQuery } from './read-event-query.ts'
import { renderEvent } from './render-event.ts'

/** `GET /v1/events`: a page of the tenant's events, the newest first. */
export async function listEvents(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readEventQuery(c.req.query(), c.get('tenantId'))
  const { events, total } = await listRows(ports.db, query)
  const { limit, offset } = query
  const pagination = { total, limit, offset, has_more: offset + events.length < total }
  return c.json({ data: events.map(renderEvent), pagination })
}

import { renderEvent } from '../../core/events/render-event.ts'
import { listEvents as listRows } from '../../db/list-events.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'
import { readEventQuery } from './read-event-query.ts'

/** `GET /v1/events`: a page of the tenant's events, the newest first. */
export async function listEvents(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = readEventQuery(c.req.query(), c.get('principal').tenantId)
  const { events, total } = await listRows(ports.db, query)
  return c.json(listBody(events.map(renderEvent), total, query))
}

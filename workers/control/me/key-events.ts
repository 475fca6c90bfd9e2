import { renderEvent } from '../../core/events/render-event.ts'
import { countEvents } from '../../db/count-events.ts'
import { findEvent } from '../../db/find-event.ts'
import { listEvents } from '../../db/list-events.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { admitKey } from '../access/admit-key.ts'
import { EventsQuery } from '../events/event-shape.ts'
import { explainEvent } from '../events/get-event.ts'
import { readEventQuery } from '../events/read-event-query.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody } from '../http/page.ts'
import type { ControlPorts } from '../ports.ts'

/** The query of `GET /v1/me/events`: that of a tenant's events, whose key is the one that asks. */
export const KeyEventsQuery = EventsQuery.omit({ virtual_key_id: true })

/** `GET /v1/me/events`: a page of the events of the virtual key that asks, the newest first. */
export async function listKeyEvents(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { key } = await admitKey(c, ports)
  const query = readEventQuery(c.req.query(), key.tenantId)
  const own = { ...query, filter: { ...query.filter, virtual_key_id: key.id } }
  const { limit: _, offset: __, beforeId: ___, ...all } = own
  const db = await ports.eventsDb(query.tenantId)
  const [events, { total }] = await Promise.all([listEvents(db, own), countEvents(db, all)])
  return c.json(listBody(events.map(renderEvent), total, own))
}

/** `GET /v1/me/events/:id`, with how its charge came about. Another key's event is as unknown as one that never was. */
export async function getKeyEvent(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { key } = await admitKey(c, ports)
  const db = await ports.eventsDb(key.tenantId)
  const event = await findEvent(db, { tenantId: key.tenantId, id: c.req.param('id') ?? '' })
  if (event?.virtual_key_id !== key.id) throw new GatewayError('not_found', 'There is no such event.')
  return c.json(await explainEvent(event, key.tenantId, ports))
}

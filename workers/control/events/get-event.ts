import { renderEvent } from '../../core/events/render-event.ts'
import { findEvent } from '../../db/find-event.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { renderExplanation } from './render-explanation.ts'

/** `GET /v1/events/:id`, with how its charge came about. Another tenant's event is as unknown as one that never was. */
export async function getEvent(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const event = await findEvent(ports.db, { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' })
  if (!event) throw new GatewayError('not_found', 'There is no such event.')
  return c.json({ ...renderEvent(event), cost_explanation: renderExplanation(event) })
}

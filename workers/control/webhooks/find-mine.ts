import { findWebhook, type WebhookRow } from '../../db/find-webhooks.ts'
import { type Outbox, outboxesOf } from '../../db/shards.ts'
import { type DeliveryRow, findDelivery } from '../../db/webhook-deliveries.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'

/** The caller's webhook that the path names. Throws `not_found`, of another tenant's in the same words. */
export async function findMine(c: ControlContext, ports: ControlPorts): Promise<WebhookRow> {
  const row = await findWebhook(ports.db, { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' })
  if (!row) throw new GatewayError('not_found', 'There is no such webhook.')
  return row
}

/** The delivery of the caller's webhook that the path names, and the database that it is in. Throws `not_found`. */
export async function findMyDelivery(
  c: ControlContext,
  ports: ControlPorts,
): Promise<{ row: DeliveryRow; outbox: Outbox }> {
  const { tenantId, id: webhookId } = await findMine(c, ports)
  const path = { tenantId, webhookId, eventId: c.req.param('delivery') ?? '' }
  const found = await findDelivery(await outboxesOf(ports, tenantId), path)
  if (!found) throw new GatewayError('not_found', 'This webhook has no such delivery.')
  return found
}

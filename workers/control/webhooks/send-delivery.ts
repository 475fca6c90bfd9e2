import { webhookEvent } from '../../core/webhooks/webhook-event.ts'
import { addDelivery, sendAgain } from '../../db/note-delivery.ts'
import type { DeliveryRow } from '../../db/webhook-deliveries.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { auditRow } from '../audit/audit-row.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { findMine, findMyDelivery } from './find-mine.ts'
import { renderDelivery } from './render-webhook.ts'
import { wake } from './wake.ts'

// The trail says that it was sent, and to whom; what was told is in the log.
function auditOf(row: DeliveryRow, verb: 'test' | 'redeliver', ports: ActingPorts) {
  const { tenantId, webhookId, eventId, eventType } = row
  const resource = { type: 'webhook', id: webhookId }
  const after = { webhookId, eventId, eventType }
  return auditRow(tenantId, { action: `webhook.${verb}`, resource, before: null, after }, ports)
}

async function newTest(c: ControlContext, ports: ActingPorts): Promise<DeliveryRow> {
  const { tenantId, id: webhookId, active } = await findMine(c, ports)
  if (!active) throw new GatewayError('request_invalid', 'This webhook is inactive: set `active` first.')
  const nowMs = ports.nowMs()
  const data = { webhook_id: webhookId, message: 'This is a test of your webhook.' }
  const happening = { tenantId, type: 'webhook.test', subject: ports.newId(), atMs: nowMs, data } as const
  const { id: eventId, type: eventType, payload } = webhookEvent(happening)
  const state = { status: 'pending', tries: 0, nextMs: nowMs, log: [], createdMs: nowMs, endedMs: null } as const
  return { tenantId, webhookId, eventId, eventType, payload, ...state, log: [] }
}

/** `POST /v1/webhooks/:id/test`: sends an event of its own kind, whatever the webhook asks for. A paused endpoint is tried again. */
export async function testWebhook(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const row = await newTest(c, ports)
  await addDelivery(ports.db, row, auditOf(row, 'test', ports))
  await wake({ tenantId: row.tenantId, id: row.webhookId }, ports)
  return c.json(renderDelivery(row), 202)
}

/** `POST /v1/webhooks/:id/deliveries/:delivery/redeliver`: the same payload again, whatever became of it. A paused endpoint is tried again. */
export async function redeliver(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const { row, outbox } = await findMyDelivery(c, ports)
  const nowMs = ports.nowMs()
  const audit = auditOf(row, 'redeliver', ports)
  const isThere = await sendAgain(ports.db, outbox, { ...row, nowMs, audit })
  if (!isThere) throw new GatewayError('not_found', 'This webhook has no such delivery.')
  await wake({ tenantId: row.tenantId, id: row.webhookId }, ports)
  return c.json(renderDelivery({ ...row, status: 'pending', nextMs: nowMs, endedMs: null }), 202)
}

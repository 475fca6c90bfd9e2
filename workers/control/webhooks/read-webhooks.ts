import { listWebhooks as listRows } from '../../db/find-webhooks.ts'
import { listDeliveries as listDeliveryRows } from '../../db/list-deliveries.ts'
import { outboxesOf } from '../../db/shards.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { listBody, readPage } from '../http/page.ts'
import { oneOf } from '../http/query.ts'
import type { ControlPorts } from '../ports.ts'
import { findMine } from './find-mine.ts'
import { renderDelivery, renderWebhook } from './render-webhook.ts'
import { DELIVERY_STATUSES, DELIVERY_TYPES } from './webhook-shape.ts'

/** `GET /v1/webhooks`: a page of the tenant's webhooks, the newest first. */
export async function listWebhooks(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const page = readPage(c.req.query())
  const { rows, total } = await listRows(ports.db, { tenantId: c.get('principal').tenantId, ...page })
  const nowMs = ports.nowMs()
  return c.json(
    listBody(
      rows.map(row => renderWebhook(row, nowMs)),
      total,
      page,
    ),
  )
}

/** `GET /v1/webhooks/:id`. */
export async function getWebhook(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const row = await findMine(c, ports)
  return c.json(renderWebhook(row, ports.nowMs()), 200, { etag: etagOf(row.version) })
}

/** `GET /v1/webhooks/:id/deliveries`: a page of its outbox and its log, what happened last first. */
export async function listDeliveries(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const query = c.req.query()
  const page = readPage(query, 50)
  const status = oneOf(query, 'status', DELIVERY_STATUSES)
  const eventType = oneOf(query, 'event_type', DELIVERY_TYPES)
  const { tenantId, id: webhookId } = await findMine(c, ports)
  const outboxes = await outboxesOf(ports, tenantId)
  const { rows, total } = await listDeliveryRows(outboxes, { tenantId, webhookId, status, eventType, ...page })
  return c.json(listBody(rows.map(renderDelivery), total, page))
}

import { delayAfter, PAUSE_AFTER } from '../../core/webhooks/retry.ts'
import type { WebhookRef } from '../../core/webhooks/webhook-ref.ts'
import { findWebhook, type WebhookRow } from '../../db/find-webhooks.ts'
import { noteTry } from '../../db/note-delivery.ts'
import { type DeliveryRow, dueDeliveries, nextDueMs } from '../../db/webhook-deliveries.ts'
import type { DeliveryPorts } from './ports.ts'
import { sendOnce } from './send-once.ts'

/** How many deliveries one endpoint is sent at once. */
const AT_ONCE = 8
/** How long one run goes on before it lets the next one begin, in milliseconds. */
const RUN_MS = 60_000

async function deliver(delivery: DeliveryRow, webhook: WebhookRow, ports: DeliveryPorts): Promise<void> {
  const { tenantId, webhookId, eventId } = delivery
  const sent = await sendOnce(delivery, webhook, ports)
  const delay = sent.isDelivered ? undefined : delayAfter(delivery.tries + 1, ports.random())
  const nextMs = delay === undefined ? null : sent.told.at_ms + sent.told.latency_ms + delay
  // Whoever is killed before this has sent what is not known to be sent: it is sent again, with the same id.
  await noteTry(ports.db, { at: { tenantId, webhookId, eventId }, ...sent, nextMs, pauseAfter: PAUSE_AFTER })
  const { status, error } = sent.told
  ports.log({ event: 'webhook_sent', tenant_id: tenantId, webhook_id: webhookId, event_id: eventId, status, error })
}

async function readOpen({ tenantId, webhookId }: WebhookRef, ports: DeliveryPorts): Promise<WebhookRow | undefined> {
  const row = await findWebhook(ports.db, { tenantId, id: webhookId })
  return row?.active && row.pausedMs === null ? row : undefined
}

/**
 * Sends what a webhook is to be told by now, some at once, and answers when there is more to do, in UTC epoch milliseconds;
 * `undefined`: not until it is woken. To be run by one at a time for each webhook. Throws where D1 does; then it is to be run again.
 */
export async function deliverDue(ref: WebhookRef, ports: DeliveryPorts): Promise<number | undefined> {
  const untilMs = ports.nowMs() + RUN_MS
  while (true) {
    const webhook = await readOpen(ref, ports)
    if (!webhook) return undefined
    const due = await dueDeliveries(ports.db, ref, { nowMs: ports.nowMs(), limit: AT_ONCE })
    if (due.length === 0) return nextDueMs(ports.db, ref)
    await Promise.all(due.map(delivery => deliver(delivery, webhook, ports)))
    if (ports.nowMs() >= untilMs) return ports.nowMs()
  }
}

import { delayAfter, PAUSE_AFTER } from '../../core/webhooks/retry.ts'
import type { WebhookRef } from '../../core/webhooks/webhook-ref.ts'
import { findWebhook, type WebhookRow } from '../../db/find-webhooks.ts'
import { noteTry } from '../../db/note-delivery.ts'
import { type Outbox, outboxesOf } from '../../db/shards.ts'
import { type DeliveryRow, dueDeliveries, nextDueMs } from '../../db/webhook-deliveries.ts'
import type { DeliveryPorts } from './ports.ts'
import { sendOnce } from './send-once.ts'

/** How many deliveries one endpoint is sent at once. */
const AT_ONCE = 8
/** How long one run goes on before it lets the next one begin, in milliseconds. */
const RUN_MS = 60_000

/** A delivery, and the database that it is in. */
type Due = { delivery: DeliveryRow; outbox: Outbox }

async function deliver({ delivery, outbox }: Due, webhook: WebhookRow, ports: DeliveryPorts): Promise<void> {
  const { tenantId, webhookId, eventId } = delivery
  const sent = await sendOnce(delivery, webhook, ports)
  const delay = sent.isDelivered ? undefined : delayAfter(delivery.tries + 1, ports.random())
  const nextMs = delay === undefined ? null : sent.told.at_ms + sent.told.latency_ms + delay
  // Whoever is killed before this has sent what is not known to be sent: it is sent again, with the same id.
  await noteTry(ports.db, outbox, { at: { tenantId, webhookId, eventId }, ...sent, nextMs, pauseAfter: PAUSE_AFTER })
  const { status, error } = sent.told
  ports.log({ event: 'webhook_sent', tenant_id: tenantId, webhook_id: webhookId, event_id: eventId, status, error })
}

async function readOpen({ tenantId, webhookId }: WebhookRef, ports: DeliveryPorts): Promise<WebhookRow | undefined> {
  const row = await findWebhook(ports.db, { tenantId, id: webhookId })
  return row?.active && row.pausedMs === null ? row : undefined
}

async function findDue(ref: WebhookRef, outboxes: readonly Outbox[], ports: DeliveryPorts): Promise<Due[]> {
  const query = { nowMs: ports.nowMs(), limit: AT_ONCE }
  const found = await Promise.all(
    outboxes.map(async outbox => (await dueDeliveries(outbox, ref, query)).map(delivery => ({ delivery, outbox }))),
  )
  const longestFirst = (a: Due, b: Due) => (a.delivery.nextMs ?? 0) - (b.delivery.nextMs ?? 0)
  return found.flat().sort(longestFirst).slice(0, AT_ONCE)
}

async function nextMsOf(ref: WebhookRef, outboxes: readonly Outbox[]): Promise<number | undefined> {
  const next = await Promise.all(outboxes.map(outbox => nextDueMs(outbox, ref)))
  const known = next.filter(ms => ms !== undefined)
  return known.length > 0 ? Math.min(...known) : undefined
}

/**
 * Sends what a webhook is to be told by now, some at once, and answers when there is more to do, in UTC epoch milliseconds;
 * `undefined`: not until it is woken. To be run by one at a time for each webhook. Throws where D1 does; then it is to be run again.
 */
export async function deliverDue(ref: WebhookRef, ports: DeliveryPorts): Promise<number | undefined> {
  const untilMs = ports.nowMs() + RUN_MS
  const outboxes = await outboxesOf(ports, ref.tenantId)
  while (true) {
    const webhook = await readOpen(ref, ports)
    if (!webhook) return undefined
    const due = await findDue(ref, outboxes, ports)
    if (due.length === 0) return nextMsOf(ref, outboxes)
    await Promise.all(due.map(one => deliver(one, webhook, ports)))
    if (ports.nowMs() >= untilMs) return ports.nowMs()
  }
}

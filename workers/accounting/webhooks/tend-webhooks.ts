import { KEEP_MS } from '../../core/webhooks/retry.ts'
import type { WebhookRef } from '../../core/webhooks/webhook-ref.ts'
import { isSameDatabase } from '../../db/database.ts'
import { findDueWebhooks, onlyOpen } from '../../db/find-webhooks.ts'
import { forgetDeliveries } from '../../db/note-delivery.ts'
import { findWaitingOutboxes } from '../../db/waiting-outbox.ts'
import type { ShardPorts } from '../ports.ts'

/** What is due for so long was not seen by its own object, in milliseconds. */
const OVERDUE_MS = 30_000
/** The most webhooks that one run wakes, and the most deliveries that it forgets; the rest waits for the next minute. */
const MAX = { webhooks: 250, deliveries: 1000 }

// Only where the webhooks are is known which of them may be called: those that may not must not keep others from being found.
async function dueOnShard({ db, events, nowMs }: ShardPorts): Promise<WebhookRef[]> {
  const dueMs = nowMs() - OVERDUE_MS
  if (isSameDatabase(db, events)) return findDueWebhooks(db, { dueMs, limit: MAX.webhooks })
  const open: WebhookRef[] = []
  for (let after: WebhookRef | undefined; open.length < MAX.webhooks; ) {
    const waiting = await findWaitingOutboxes(events, { dueMs, after, limit: MAX.webhooks })
    open.push(...(await onlyOpen(db, waiting)))
    after = waiting.at(-1)
    if (waiting.length < MAX.webhooks) break
  }
  return open
}

/** Wakes the webhooks that have something to send and were not woken; counts are webhooks. */
export async function wakeWebhooks(ports: ShardPorts): Promise<{ done: number; failed: number }> {
  const due = await dueOnShard(ports)
  const results = await Promise.allSettled(due.map(ref => ports.wakeWebhook(ref)))
  const failed = results.filter(one => one.status === 'rejected').length
  return { done: results.length - failed, failed }
}

/** Forgets deliveries that ended long ago, and gives up those that wait for an endpoint nobody resumes; counts are deliveries. */
export async function tidyWebhooks(ports: ShardPorts): Promise<{ done: number; failed: number }> {
  const { ended: endedMs, waiting: waitingMs } = KEEP_MS
  const done = await forgetDeliveries(ports.events, { nowMs: ports.nowMs(), endedMs, waitingMs, limit: MAX.deliveries })
  return { done, failed: 0 }
}

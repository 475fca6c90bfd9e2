import { KEEP_MS } from '../../core/webhooks/retry.ts'
import { findDueWebhooks } from '../../db/find-webhooks.ts'
import { forgetDeliveries } from '../../db/note-delivery.ts'
import type { AccountingPorts } from '../ports.ts'

/** What is due for so long was not seen by its own object, in milliseconds. */
const OVERDUE_MS = 30_000
/** The most webhooks that one run wakes, and the most deliveries that it forgets; the rest waits for the next minute. */
const MAX = { webhooks: 250, deliveries: 1000 }

/** Wakes the webhooks that have something to send and were not woken; counts are webhooks. */
export async function wakeWebhooks(ports: AccountingPorts): Promise<{ done: number; failed: number }> {
  const due = await findDueWebhooks(ports.db, { dueMs: ports.nowMs() - OVERDUE_MS, limit: MAX.webhooks })
  const results = await Promise.allSettled(due.map(ref => ports.wakeWebhook(ref)))
  const failed = results.filter(one => one.status === 'rejected').length
  return { done: results.length - failed, failed }
}

/** Forgets deliveries that ended long ago, and gives up those that wait for an endpoint nobody resumes; counts are deliveries. */
export async function tidyWebhooks(ports: AccountingPorts): Promise<{ done: number; failed: number }> {
  const { ended: endedMs, waiting: waitingMs } = KEEP_MS
  const done = await forgetDeliveries(ports.db, { nowMs: ports.nowMs(), endedMs, waitingMs, limit: MAX.deliveries })
  return { done, failed: 0 }
}

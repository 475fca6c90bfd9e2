import { z } from 'zod'
import { AlertMessage } from '../contracts/usage-message.ts'
import { asTenantId } from '../core/access/tenant-id.ts'
import { keepAlerts, type Noticed } from '../db/insert-alerts.ts'
import { findSubscribers } from '../db/tell-webhooks.ts'
import { buryMessage } from './bury-message.ts'
import type { AccountingPorts } from './ports.ts'
import { retryLater } from './retry-later.ts'
import { tellOfAlerts } from './webhooks/tell-of-alerts.ts'
import { wakeTold } from './webhooks/wake-told.ts'

/** Whether a message tells of thresholds rather than of events. */
export function isAlerts(body: unknown): boolean {
  return typeof body === 'object' && body !== null && 'alerts' in body
}

// Who was not told ships again, which changes nothing.
async function confirmAlerts({ from, alerts }: AlertMessage, ports: AccountingPorts): Promise<void> {
  const refs = alerts.map(({ limitId, startMs, threshold }) => ({ limitId, startMs, threshold }))
  try {
    await ports.confirmAlerts(from, refs)
  } catch (error) {
    ports.log({ event: 'alert_confirm_failed', ...from, error: String(error) })
  }
}

async function keepAndTell(noticed: Noticed, ports: AccountingPorts): Promise<void> {
  const subscribers = await findSubscribers(ports.db, noticed.tenantId)
  const tell = tellOfAlerts(noticed, subscribers, ports.nowMs())
  const [told = []] = await keepAlerts(await ports.eventsDb(noticed.tenantId), noticed, [tell])
  await wakeTold(noticed.tenantId, told, ports)
}

/** Keeps alerts, each once, and tells who noticed them. An unreadable message is buried; a failing D1 is tried again. */
export async function recordAlerts(message: Message<unknown>, queue: string, ports: AccountingPorts): Promise<void> {
  const parsed = AlertMessage.safeParse(message.body)
  if (!parsed.success) return buryMessage(message, { queue, reason: z.prettifyError(parsed.error) }, ports)
  const { from, alerts } = parsed.data
  try {
    await keepAndTell({ tenantId: asTenantId(from.tenantId), alerts }, ports)
  } catch (error) {
    return retryLater(message, error, ports)
  }
  await confirmAlerts(parsed.data, ports)
  message.ack()
}

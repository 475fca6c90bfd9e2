import type { WebhookRow } from '../../db/find-webhooks.ts'
import type { ControlPorts } from '../ports.ts'

/** Has what waits for a webhook sent. Where its object does not answer, the cron wakes it within a minute or two. */
export async function wake({ tenantId, id: webhookId }: Pick<WebhookRow, 'tenantId' | 'id'>, ports: ControlPorts) {
  await ports.wakeWebhook({ tenantId, webhookId }).catch(() => undefined)
}

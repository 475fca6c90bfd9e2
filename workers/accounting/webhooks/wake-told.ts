import type { TenantId } from '../../core/access/tenant-id.ts'
import { toldOf } from '../../db/tell-webhooks.ts'
import type { AccountingPorts } from '../ports.ts'

/** Wakes the webhooks that were told of something, by the rows of `tellWebhooks`. Never throws: the cron wakes who was not. */
export async function wakeTold(tenantId: TenantId, rows: unknown[], ports: AccountingPorts): Promise<void> {
  const wake = (ref: ReturnType<typeof toldOf>[number]) =>
    ports.wakeWebhook(ref).catch(error => {
      ports.log({ event: 'webhook_wake_failed', tenant_id: tenantId, webhook_id: ref.webhookId, error: String(error) })
    })
  await Promise.all(toldOf(tenantId, rows).map(wake))
}

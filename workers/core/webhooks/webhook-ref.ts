import { asTenantId, type TenantId } from '../access/tenant-id.ts'
import type { SealOwner } from '../key/seal.ts'

/** Names a webhook of a tenant. */
export type WebhookRef = { tenantId: TenantId; webhookId: string }

/** The name of the object that delivers to a webhook. */
export function webhookName({ tenantId, webhookId }: WebhookRef): string {
  return `${tenantId}/webhook:${webhookId}`
}

/** The webhook that an object of this name delivers to: names are made by `webhookName` alone. */
export function webhookOf(name: string): WebhookRef {
  const [tenantId = '', webhookId = ''] = name.split('/webhook:')
  return { tenantId: asTenantId(tenantId), webhookId }
}

/** What a webhook's secrets are sealed to. */
export function webhookSealOwner({ tenantId, webhookId }: WebhookRef): SealOwner {
  return { tenantId, keyId: `webhook:${webhookId}` }
}

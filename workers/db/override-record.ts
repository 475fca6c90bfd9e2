import type { TenantId } from '../core/access/tenant-id.ts'
import type { pricingOverride } from './schema/routing.ts'

/** A row of `pricing_override`. */
export type OverrideRow = typeof pricingOverride.$inferSelect

/** Names an override of a tenant. */
export type OverridePath = { tenantId: TenantId; id: string }

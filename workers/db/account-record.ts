import type { TenantId } from '../core/access/tenant-id.ts'
import type { providerAccount, providerKey } from './schema/providers.ts'

/** A row of `provider_account`. */
export type AccountRow = typeof providerAccount.$inferSelect

/** A row of `provider_key`. */
export type ProviderKeyRow = typeof providerKey.$inferSelect

/** Names an account of a tenant. */
export type AccountPath = { tenantId: TenantId; name: string }

/** An account with its keys, in the order of their making. */
export type AccountRecord = { account: AccountRow; keys: ProviderKeyRow[] }

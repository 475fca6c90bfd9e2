import type { TenantId } from '../core/access/tenant-id.ts'
import type { LimitRows } from './key-record.ts'

/** A scope of a tenant. */
export type ScopePath = { tenantId: TenantId; scope: string }

/** A scope above the virtual key with its limits. `version` is that of its snapshot, 0 where it never had a limit. */
export type ScopeRecord = LimitRows & ScopePath & { version: number }

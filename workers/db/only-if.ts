import { type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { Statement } from './in-one-batch.ts'
import { violates } from './violates.ts'

/**
 * A statement that takes back the whole transaction unless this is so, for changes whose own row may be gone: an `UPDATE` of no
 * row fails nothing, and its row of the audit trail would be of a change that was none.
 */
export function onlyIf(tenantId: TenantId, isSo: SQL): Statement {
  // NULL violates NOT NULL, as in save-key.ts. Else the tenant's version stays what it is.
  return sql`UPDATE tenant SET version = CASE WHEN ${isSo} THEN version END WHERE id = ${tenantId}`
}

/** Runs what has an `onlyIf` in it; `false` where that was not so, and nothing is written. */
export async function wasSo(write: () => Promise<unknown>): Promise<boolean> {
  try {
    await write()
    return true
  } catch (thrown) {
    if (violates(thrown, 'tenant.version')) return false
    throw thrown
  }
}

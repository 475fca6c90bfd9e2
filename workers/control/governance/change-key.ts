import type { AuditAction } from '../../core/access/audit-action.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import { findKey } from '../../db/find-key.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts } from '../ports.ts'
import { keyNotFound } from './key-not-found.ts'
import { putInForce } from './put-in-force.ts'
import { retryWhileStale } from './retry-while-stale.ts'
import { saveRecord } from './save-record.ts'

/** Names a virtual key of a tenant. */
export type KeyPath = { tenantId: TenantId; id: string }

/**
 * Changes a key as `change` says, in D1 and in force. Changes at the same time follow one another: who lost the race
 * reads again. `action`: what the audit trail calls it, where it is more than an update. Throws `not_found`, `change_pending`, and what `change` throws.
 */
export async function changeKey(
  { action, ...path }: KeyPath & { action?: AuditAction },
  change: (record: KeyRecord) => KeyRecord | Promise<KeyRecord>,
  ports: ActingPorts,
): Promise<KeyRecord> {
  return retryWhileStale(async () => {
    const current = await findKey(ports.db, path)
    if (!current) throw keyNotFound()
    checkIfMatch(current.key.version, ports)
    const { key, ...rest } = await change(current)
    const next = { ...rest, key: { ...key, version: current.key.version + 1 } }
    const saved = await saveRecord({ before: current, after: next, action }, ports)
    if (!saved) return undefined
    await putInForce(saved, ports)
    return next
  })
}

import { findKey } from '../../db/find-key.ts'
import type { KeyRecord } from '../../db/key-record.ts'
import type { ControlPorts } from '../ports.ts'
import { keyNotFound } from './key-not-found.ts'
import { putInForce } from './put-in-force.ts'
import { saveRecord } from './save-record.ts'

/** Each round one of those who change the same key gets through, so this many may do so at once. */
const MAX_ROUNDS = 25

/** Names a virtual key of a tenant. */
export type KeyPath = { tenantId: string; id: string }

/**
 * Changes a key as `change` says, in D1 and in force. Changes at the same time follow one another: who lost the race
 * reads again. Throws `not_found`, `change_pending`, and what `change` throws.
 */
export async function changeKey(
  path: KeyPath,
  change: (record: KeyRecord) => KeyRecord,
  ports: ControlPorts,
): Promise<KeyRecord> {
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const current = await findKey(ports.db, path)
    if (!current) throw keyNotFound()
    const { key, ...limits } = change(current)
    const next = { ...limits, key: { ...key, version: current.key.version + 1 } }
    const snapshot = await saveRecord(next, ports)
    if (!snapshot) continue
    await putInForce(snapshot, ports)
    return next
  }
  throw new Error(`virtual key ${path.id} was changed by others ${MAX_ROUNDS} times in a row`)
}

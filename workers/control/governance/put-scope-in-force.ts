import type { TenantId } from '../../core/access/tenant-id.ts'
import type { KeySnapshot, ScopeSnapshot } from '../../core/snapshot.ts'
import { findKeySnapshots } from '../../db/find-key-snapshots.ts'
import { markAllPushed } from '../../db/mark-pushed.ts'
import type { KeyVersion } from '../../db/rebuild-snapshots.ts'
import type { ControlPorts } from '../ports.ts'
import { changePending, pushScopes, pushWithRetries } from './put-in-force.ts'

/** So many meters are told at once, and so many in one request: the cron tells the others. */
const PAGE = 50
const MAX_KEYS = 1000

/** Snapshots of a tenant that were saved and must now be brought to who acts by them. */
export type Saved = { tenantId: TenantId; scopes: ScopeSnapshot[]; keys: KeyVersion[] }

async function isPushed(snapshot: KeySnapshot, ports: ControlPorts): Promise<boolean> {
  return pushWithRetries(() => ports.pushSnapshot(snapshot)).then(
    () => true,
    () => false,
  )
}

// One meter that does not answer keeps the change from no other.
async function pushPage(tenantId: TenantId, page: KeyVersion[], ports: ControlPorts): Promise<boolean> {
  const keyIds = page.map(key => key.keyId)
  const snapshots = await findKeySnapshots(ports.db, tenantId, keyIds)
  const results = await Promise.all(snapshots.map(snapshot => isPushed(snapshot, ports)))
  const pushed = snapshots.filter((_, index) => results[index])
  await markAllPushed(ports.db, tenantId, pushed)
  return pushed.length === snapshots.length
}

async function pushAll({ tenantId, scopes, keys }: Saved, ports: ControlPorts): Promise<boolean> {
  await pushScopes(scopes, ports)
  let isComplete = keys.length <= MAX_KEYS
  for (let from = 0; from < Math.min(keys.length, MAX_KEYS); from += PAGE) {
    if (!(await pushPage(tenantId, keys.slice(from, from + PAGE), ports))) isComplete = false
  }
  return isComplete
}

/**
 * Gives a saved change to the scope's budget object and then to the meters of the keys it touches: a meter must not ask a
 * budget of which the budget has not heard. Throws `change_pending` where one of them does not answer: the cron goes on.
 */
export async function putScopeInForce(saved: Saved, ports: ControlPorts): Promise<void> {
  const isComplete = await pushAll(saved, ports).catch(cause => {
    throw changePending(cause)
  })
  if (!isComplete) throw changePending()
}

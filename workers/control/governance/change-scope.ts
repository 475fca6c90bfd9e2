import { findScope } from '../../db/find-scope.ts'
import type { LimitRows } from '../../db/key-record.ts'
import type { ScopePath, ScopeRecord } from '../../db/scope-record.ts'
import type { ControlPorts } from '../ports.ts'
import { putScopeInForce } from './put-scope-in-force.ts'
import { retryWhileStale } from './retry-while-stale.ts'
import { saveScopeRecord } from './save-scope-record.ts'

/**
 * Changes the limits of a scope as `change` says, in D1 and in force. Changes at the same time follow one another: who
 * lost the race reads again. Throws `change_pending`, and what `change` throws.
 */
export async function changeScope(
  path: ScopePath,
  change: (current: ScopeRecord) => LimitRows,
  ports: ControlPorts,
): Promise<ScopeRecord> {
  return retryWhileStale(async () => {
    const before = await findScope(ports.db, path)
    const after = { ...before, ...change(before) }
    const saved = await saveScopeRecord({ before, after }, ports)
    if (!saved) return undefined
    await putScopeInForce(saved, ports)
    return after
  })
}

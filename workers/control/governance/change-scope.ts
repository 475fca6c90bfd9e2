import type { AuditAction, AuditResource } from '../../core/access/audit-action.ts'
import { findScope } from '../../db/find-scope.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import type { LimitRows } from '../../db/key-record.ts'
import type { ScopePath, ScopeRecord } from '../../db/scope-record.ts'
import { auditRow } from '../audit/audit-row.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts } from '../ports.ts'
import { putScopeInForce } from './put-scope-in-force.ts'
import { retryWhileStale } from './retry-while-stale.ts'
import { saveScopeRecord } from './save-scope-record.ts'

/** How a scope's limits change, and what the audit trail says of it: of all of the scope's rows, or of those that `told` picks. */
export type ScopeEdit = {
  change: (current: ScopeRecord) => LimitRows
  action: AuditAction
  resource: AuditResource
  told?: (rows: LimitRows, at: 'before' | 'after') => unknown
  /** What else is written with it. */
  rows?: Statement[]
}

function allOf({ budgets, rateLimits }: LimitRows): unknown {
  return budgets.length + rateLimits.length === 0 ? null : { budgets, rateLimits }
}

/**
 * Changes the limits of a scope as the edit says, in D1 and in force. Changes at the same time follow one another: who
 * lost the race reads again. Throws `change_pending`, and what its `change` throws.
 */
export async function changeScope(
  path: ScopePath,
  { change, action, resource, told = allOf, rows = [] }: ScopeEdit,
  ports: ActingPorts,
): Promise<ScopeRecord> {
  return retryWhileStale(async () => {
    const before = await findScope(ports.db, path)
    checkIfMatch(before.version, ports)
    const after = { ...before, ...change(before) }
    const audit = auditRow(
      path.tenantId,
      { action, resource, before: told(before, 'before'), after: told(after, 'after') },
      ports,
    )
    const saved = await saveScopeRecord({ before, after, audit, rows }, ports)
    if (!saved) return undefined
    await putScopeInForce(saved, ports)
    return after
  })
}

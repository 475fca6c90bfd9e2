import { findOverride } from '../../db/list-overrides.ts'
import type { OverridePath, OverrideRow } from '../../db/override-record.ts'
import { type OverrideChange, saveOverride } from '../../db/save-override.ts'
import { auditRow } from '../audit/audit-row.ts'
import { putScopeInForce } from '../governance/put-scope-in-force.ts'
import { retryWhileStale } from '../governance/retry-while-stale.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts } from '../ports.ts'
import { overrideNotFound } from './override-not-found.ts'

/** An override before and after a change, without what the audit trail says of it. */
export type OverrideEdit = { before: OverrideRow; after: OverrideRow | null } | { before: null; after: OverrideRow }

function auditOf({ before, after }: OverrideEdit, ports: ActingPorts): OverrideChange['audit'] {
  const verb = before ? (after ? 'update' : 'delete') : 'create'
  const { tenantId, id } = before ?? after
  const resource = { type: 'pricing_override', id }
  return auditRow(tenantId, { action: `pricing_override.${verb}`, resource, before, after }, ports)
}

/** Writes a changed override and puts it in force; `undefined` where it was changed meanwhile. Throws `change_pending`. */
export async function saveEdit(edit: OverrideEdit, ports: ActingPorts): Promise<OverrideEdit | undefined> {
  const saved = await saveOverride(ports.db, { ...edit, audit: auditOf(edit, ports) })
  if (saved.kind === 'stale') return undefined
  const { tenantId } = edit.before ?? edit.after
  await putScopeInForce({ tenantId, scopes: [], keys: saved.keys }, ports)
  return edit
}

/**
 * Changes an override as `change` says, or deletes it where that answers `null`, in D1 and in force; who lost a race reads
 * again. Throws `not_found`, `change_pending`, and what `change` throws.
 */
export async function changeOverride<T extends OverrideRow | null>(
  path: OverridePath,
  change: (current: OverrideRow) => T | Promise<T>,
  ports: ActingPorts,
): Promise<T> {
  return retryWhileStale(async () => {
    const before = await findOverride(ports.db, path)
    if (!before) throw overrideNotFound()
    checkIfMatch(before.version, ports)
    const changed = await change(before)
    const after = changed && { ...changed, version: before.version + 1 }
    return (await saveEdit({ before, after }, ports)) && { after }
  }).then(({ after }) => after)
}

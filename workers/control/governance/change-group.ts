import { findGroup } from '../../db/find-group.ts'
import { type GroupPath, type GroupRecord, groupScope } from '../../db/group-record.ts'
import type { Statement } from '../../db/in-one-batch.ts'
import { detachMembers, writeGroup } from '../../db/write-group.ts'
import { auditRow } from '../audit/audit-row.ts'
import { checkIfMatch } from '../http/etag.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { groupNotFound } from './group-not-found.ts'
import { putScopeInForce, type Saved } from './put-scope-in-force.ts'
import { retryWhileStale } from './retry-while-stale.ts'
import { saveScopeRecord } from './save-scope-record.ts'

/** A team or customer before and after a change; the same where it is new. */
type GroupEdit = { before: GroupRecord; after: GroupRecord }

function rowsOf({ after: { kind, group } }: GroupEdit, ports: ControlPorts): Statement[] {
  const row = writeGroup(ports.db, kind, group)
  return group.deletedMs === null ? [row] : [row, ...detachMembers(ports.db, { kind, ...group })]
}

function told({ group, budgets, rateLimits }: GroupRecord) {
  return { ...group, budgets, rateLimits }
}

function auditOf({ before, after }: GroupEdit, ports: ActingPorts) {
  const { kind, group } = after
  const [isNew, isDeleted] = [group.version === 1, group.deletedMs !== null]
  const verb = isNew ? 'create' : isDeleted ? 'delete' : 'update'
  const rows = { before: isNew ? null : told(before), after: isDeleted ? null : told(after) }
  const resource = { type: kind, id: group.id }
  return auditRow(group.tenantId, { action: `${kind}.${verb}`, resource, ...rows }, ports)
}

/** Writes a team or customer; `undefined` where it was changed meanwhile and must be read again. Throws `request_invalid`. */
export async function saveGroup(edit: GroupEdit, ports: ActingPorts): Promise<Saved | undefined> {
  const { before, after } = edit
  const { tenantId, id } = after.group
  const path = { tenantId, scope: groupScope({ kind: after.kind, id }) }
  const movesKeys = after.group.deletedMs !== null || before.group.customerId !== after.group.customerId
  const isRenamed = before.group.name !== after.group.name
  const { budgets, rateLimits, scopeVersion: version } = after
  const scope = { ...path, version, budgets, rateLimits }
  return saveScopeRecord(
    { before, after: scope, rows: rowsOf(edit, ports), movesKeys, isRenamed, audit: auditOf(edit, ports) },
    ports,
  )
}

/**
 * Changes a team or customer as `change` says, in D1 and in force. Changes at the same time follow one another: who lost
 * the race reads again. Throws `not_found`, `change_pending`, and what `change` throws.
 */
export async function changeGroup(
  path: GroupPath,
  change: (current: GroupRecord) => GroupRecord | Promise<GroupRecord>,
  ports: ActingPorts,
): Promise<void> {
  await retryWhileStale(async () => {
    const before = await findGroup(ports.db, path)
    if (!before) throw groupNotFound(path.kind)
    checkIfMatch(before.group.version, ports)
    const { group, ...rest } = await change(before)
    const after = { ...rest, group: { ...group, version: before.group.version + 1 } }
    const saved = await saveGroup({ before, after }, ports)
    if (!saved) return undefined
    await putScopeInForce(saved, ports)
    return after
  })
}

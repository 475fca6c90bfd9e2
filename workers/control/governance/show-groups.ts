import { findGroup } from '../../db/find-group.ts'
import { findGroupDetails, type GroupDetails } from '../../db/find-group-details.ts'
import { type GroupKind, type GroupPath, type GroupRow, groupScope } from '../../db/group-record.ts'
import { etagOf } from '../http/etag.ts'
import type { ControlPorts } from '../ports.ts'
import { groupNotFound } from './group-not-found.ts'
import { readScopeUsage } from './read-scope-usage.ts'
import { renderGroup } from './render-group.ts'

async function show(details: GroupDetails, ports: ControlPorts) {
  const { kind, group, budgets, rateLimits } = details
  const owner = { tenantId: group.tenantId, scope: groupScope({ kind, id: group.id }) }
  return renderGroup({ details, usage: await readScopeUsage({ ...owner, budgets, rateLimits }, ports) })
}

/** Teams or customers of one tenant as the API shows them, with their usage. */
export async function showGroups(kind: GroupKind, groups: GroupRow[], ports: ControlPorts) {
  const details = await findGroupDetails(ports.db, kind, groups)
  return Promise.all(details.map(one => show(one, ports)))
}

/** One of them by its path, with its `ETag`. Throws `not_found`. */
export async function showGroup(path: GroupPath, ports: ControlPorts) {
  const record = await findGroup(ports.db, path)
  const [shown] = record ? await showGroups(path.kind, [record.group], ports) : []
  if (!record || !shown) throw groupNotFound(path.kind)
  return { shown, etag: etagOf(record.group.version) }
}

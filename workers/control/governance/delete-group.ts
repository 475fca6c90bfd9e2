import type { GroupKind, GroupRecord } from '../../db/group-record.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { changeGroup } from './change-group.ts'
import { GROUP_TITLE } from './group-not-found.ts'
import { groupPath } from './read-group-change.ts'

function tombstone(record: GroupRecord, nowMs: number): GroupRecord {
  const group = { ...record.group, customerId: null, updatedMs: nowMs, deletedMs: nowMs }
  return { ...record, group, budgets: [], rateLimits: [] }
}

/** `DELETE /api/governance/teams/{id}` and `.../customers/{id}`: keys and teams that were in it stay, without it. */
export function deleteGroup(kind: GroupKind) {
  return async (c: ControlContext, ports: ActingPorts): Promise<Response> => {
    await changeGroup(groupPath(c, kind), record => tombstone(record, ports.nowMs()), ports)
    return c.json({ message: `${GROUP_TITLE[kind]} deleted successfully` })
  }
}

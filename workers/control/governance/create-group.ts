import type { GroupInput } from '../../contracts/group-input.ts'
import type { TenantId } from '../../core/access/tenant-id.ts'
import type { GroupKind, GroupRecord } from '../../db/group-record.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts, ControlPorts } from '../ports.ts'
import { applyGroup } from './apply-group.ts'
import { saveGroup } from './change-group.ts'
import { GROUP_TITLE } from './group-not-found.ts'
import { putScopeInForce } from './put-scope-in-force.ts'
import { readGroupInput, withCustomer } from './read-group-change.ts'
import { retryWhileStale } from './retry-while-stale.ts'
import { showGroup } from './show-groups.ts'

function newGroup(kind: GroupKind, tenantId: TenantId, ports: ControlPorts): GroupRecord {
  const nowMs = ports.nowMs()
  const times = { version: 1, createdMs: nowMs, updatedMs: nowMs, deletedMs: null }
  const group = { tenantId, id: ports.newId(), name: '', customerId: null, ...times }
  return { kind, group, scopeVersion: 0, budgets: [], rateLimits: [] }
}

async function create(blank: GroupRecord, input: GroupInput, ports: ActingPorts): Promise<void> {
  const { tenantId } = blank.group
  const saved = await retryWhileStale(async () => {
    const after = applyGroup(blank, await withCustomer(tenantId, input, ports), ports)
    return saveGroup({ before: { ...blank, group: after.group }, after }, ports)
  })
  await putScopeInForce(saved, ports)
}

/** `POST /api/governance/teams` and `.../customers`. */
export function createGroup(kind: GroupKind) {
  return async (c: ControlContext, ports: ActingPorts): Promise<Response> => {
    const input = await readGroupInput(c, ports)
    const blank = newGroup(kind, c.get('principal').tenantId, ports)
    await create(blank, input, ports)
    const { shown, etag } = await showGroup({ kind, ...blank.group }, ports)
    return c.json(
      await withConfigHashes({ message: `${GROUP_TITLE[kind]} created successfully`, [kind]: shown }, c, ports),
      200,
      { etag },
    )
  }
}

import type { GroupKind, GroupRecord } from '../../db/group-record.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ActingPorts } from '../ports.ts'
import { applyGroup } from './apply-group.ts'
import { changeGroup } from './change-group.ts'
import { GROUP_TITLE } from './group-not-found.ts'
import { groupPath, readGroupInput, withCustomer } from './read-group-change.ts'
import { showGroup } from './show-groups.ts'

/** `PUT /api/governance/teams/{id}` and `.../customers/{id}`: changes what the body names, and nothing else. */
export function updateGroup(kind: GroupKind) {
  return async (c: ControlContext, ports: ActingPorts): Promise<Response> => {
    const input = await readGroupInput(c, ports)
    const path = groupPath(c, kind)
    const change = async (current: GroupRecord) =>
      applyGroup(current, await withCustomer(path.tenantId, input, ports), ports)
    await changeGroup(path, change, ports)
    const { shown, etag } = await showGroup(path, ports)
    return c.json(
      await withConfigHashes({ message: `${GROUP_TITLE[kind]} updated successfully`, [kind]: shown }, c, ports),
      200,
      { etag },
    )
  }
}

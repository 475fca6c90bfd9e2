import type { GroupKind } from '../../db/group-record.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { groupPath } from './read-group-change.ts'
import { showGroup } from './show-groups.ts'

/** `GET /api/governance/teams/{id}` and `.../customers/{id}`. */
export function getGroup(kind: GroupKind) {
  return async (c: ControlContext, ports: ControlPorts): Promise<Response> => {
    const { shown, etag } = await showGroup(groupPath(c, kind), ports)
    return c.json(await withConfigHashes({ [kind]: shown }, c, ports), 200, { etag })
  }
}

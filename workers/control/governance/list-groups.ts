import type { GroupKind } from '../../db/group-record.ts'
import { listGroups as listRows } from '../../db/list-groups.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { listedBy } from './by-id.ts'
import { clampLimit, decimal } from './key-list-query.ts'
import { showGroups } from './show-groups.ts'

// Of teams and customers the contract takes a number that is none for 0, and says nothing (1.0).
function wholeNumber(text: string | undefined): number {
  const value = decimal(text ?? '')
  return Number.isSafeInteger(value) && value > 0 ? value : 0
}

/** `GET /api/governance/teams` and `.../customers`, in Bifrost's list envelope (contract 1.0). */
export function listGroups(kind: GroupKind) {
  return async (c: ControlContext, ports: ControlPorts): Promise<Response> => {
    const query = c.req.query()
    const { search = '', customer_id: customerId } = query
    const isPaged = ['limit', 'offset', 'search'].some(name => name in query)
    const limit = isPaged ? clampLimit(wholeNumber(query.limit)) : -1
    const offset = wholeNumber(query.offset)
    const asked = { kind, tenantId: c.get('principal').tenantId, search, customerId, limit, offset }
    const { groups, total } = await listRows(ports.db, asked)
    const shown = await showGroups(kind, groups, ports)
    const page = { count: shown.length, total_count: total, limit: limit < 0 ? total : limit, offset }
    return c.json(await withConfigHashes({ [`${kind}s`]: listedBy(query, shown), ...page }, c, ports))
  }
}

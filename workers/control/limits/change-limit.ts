import type { LimitRow } from '../../db/find-limits.ts'
import type { LimitRows } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { changeScope } from '../governance/change-scope.ts'
import { limitsOf } from '../governance/limits-of.ts'
import type { ControlContext } from '../http/env.ts'
import type { ActingPorts } from '../ports.ts'
import { partOf, rowOf } from './edit-limit.ts'
import { refuseElsewhere } from './read-scope.ts'
import type { LimitSize } from './read-size.ts'
import { type LimitPath, requireLimit } from './show-limits.ts'

/** The limit that a request's path names. */
export function limitPath(c: ControlContext): LimitPath {
  return { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
}

// Read anew in each round: another change may have resized or removed it.
function sizeOf(rows: LimitRows, { id }: LimitRow): LimitSize {
  const limit = limitsOf(rows).find(one => one.id === id)
  if (!limit) throw new GatewayError('not_found', 'There is no such limit.')
  return { max: limit.max, duration: limit.window.duration, isAligned: limit.window.isAligned }
}

/** How a limit's change makes its owner's rows anew. */
type Change = (rows: LimitRows, limit: LimitRow, size: LimitSize) => LimitRows

/** A change of one limit, and what it is called. */
export type LimitEdit = { verb: 'update' | 'delete'; change: Change }

/** Changes one limit, in D1 and in force. Throws `not_found`, `change_pending`, and `request_invalid` for keys and groups. */
export async function changeLimit(path: LimitPath, { verb, change }: LimitEdit, ports: ActingPorts): Promise<void> {
  const limit = await requireLimit(path, ports)
  refuseElsewhere(limit.scope)
  const scope = { tenantId: path.tenantId, scope: limit.scope }
  const edit = {
    change: (current: LimitRows) => change(current, limit, sizeOf(current, limit)),
    action: `limit.${verb}`,
    resource: { type: 'limit', id: limit.id },
    told: (rows: LimitRows) => rowOf(rows, partOf(limit).rowId),
  } as const
  await changeScope(scope, edit, ports)
}

import type { LimitBehaviourInput } from '../../contracts/limit-behaviour-input.ts'
import type { Unit } from '../../core/quota/limit.ts'
import type { LimitRows } from '../../db/key-record.ts'
import type { ScopePath, ScopeRecord } from '../../db/scope-record.ts'
import { changeScope } from '../governance/change-scope.ts'
import { rateLimitId } from '../governance/limits-of.ts'
import type { ActingPorts } from '../ports.ts'
import { checkDistinct } from './check-distinct.ts'
import { addLimit, rowOf } from './edit-limit.ts'
import type { LimitSize } from './read-size.ts'
import { setBehaviour } from './set-behaviour.ts'

/** A limit to be put on a scope, and what it does when it is reached. */
export type NewLimit = ScopePath & { unit: Unit; size: LimitSize; behaviour: LimitBehaviourInput }

/** Puts one more limit on a scope, in D1 and in force, and answers its id. Throws `already_exists`, `request_invalid`, `change_pending`. */
export async function addToScope({ tenantId, scope, unit, size, behaviour }: NewLimit, ports: ActingPorts) {
  const row = { tenantId, scope, id: ports.newId(), nowMs: ports.nowMs() }
  const id = unit === 'nano_usd' ? row.id : rateLimitId(row, unit)
  const change = (current: ScopeRecord) => {
    const next = setBehaviour(addLimit(current, unit, { row, size }), { rowId: row.id, unit }, behaviour)
    checkDistinct(next)
    return next
  }
  const told = (rows: LimitRows) => rowOf(rows, row.id)
  const edit = { change, action: 'limit.create', resource: { type: 'limit', id }, told } as const
  await changeScope({ tenantId, scope }, edit, ports)
  return id
}

import { z } from 'zod'
import { LimitInput } from '../../contracts/limit-input.ts'
import type { LimitRows } from '../../db/key-record.ts'
import type { ScopeRecord } from '../../db/scope-record.ts'
import { changeScope } from '../governance/change-scope.ts'
import { rateLimitId } from '../governance/limits-of.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { checkDistinct } from './check-distinct.ts'
import { addLimit, rowOf } from './edit-limit.ts'
import { readScope } from './read-scope.ts'
import { readSize } from './read-size.ts'
import { setBehaviour } from './set-behaviour.ts'
import { showLimit } from './show-limits.ts'

/** `POST /v1/limits`: one more limit on a scope. */
export async function createLimit(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: LimitInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const { tenantId } = c.get('principal')
  const { names: providers } = await readProviders(tenantId, ports)
  const scope = readScope(input.scope, { tenantId, providers })
  const size = readSize(input.unit, input)
  const row = { tenantId, scope, id: ports.newId(), nowMs: ports.nowMs() }
  const id = input.unit === 'nano_usd' ? row.id : rateLimitId(row, input.unit)
  const add = (current: ScopeRecord) => {
    const next = setBehaviour(addLimit(current, input.unit, { row, size }), { rowId: row.id, unit: input.unit }, input)
    checkDistinct(next)
    return next
  }
  const told = (rows: LimitRows) => rowOf(rows, row.id)
  const edit = { change: add, action: 'limit.create', resource: { type: 'limit', id }, told } as const
  await changeScope({ tenantId, scope }, edit, ports)
  const { data, etag } = await showLimit({ tenantId, id }, ports)
  return c.json({ data }, 201, { etag })
}

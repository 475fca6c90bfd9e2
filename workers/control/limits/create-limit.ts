import { z } from 'zod'
import { LimitInput } from '../../contracts/limit-input.ts'
import type { ScopeRecord } from '../../db/scope-record.ts'
import { changeScope } from '../governance/change-scope.ts'
import { limitsOf } from '../governance/limits-of.ts'
import type { ControlContext } from '../http/env.ts'
import { readJson } from '../http/read-json.ts'
import type { ControlPorts } from '../ports.ts'
import { readProviders } from '../provider-keys/known-providers.ts'
import { checkDistinct } from './check-distinct.ts'
import { addLimit } from './edit-limit.ts'
import { readScope } from './read-scope.ts'
import { readSize } from './read-size.ts'
import { setBehaviour } from './set-behaviour.ts'
import { showLimit } from './show-limits.ts'

/** `POST /v1/limits`: one more limit on a scope. */
export async function createLimit(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const body = { schema: LimitInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError }
  const input = await readJson(c.req.raw, body)
  const tenantId = c.get('tenantId')
  const { names: providers } = await readProviders(tenantId, ports)
  const scope = readScope(input.scope, { tenantId, providers })
  const size = readSize(input.unit, input)
  const row = { tenantId, scope, id: ports.newId(), nowMs: ports.nowMs() }
  const add = (current: ScopeRecord) => {
    const next = setBehaviour(addLimit(current, input.unit, { row, size }), { rowId: row.id, unit: input.unit }, input)
    checkDistinct(next)
    return next
  }
  const after = await changeScope({ tenantId, scope }, add, ports)
  const limit = limitsOf(after).find(({ id }) => id.startsWith(row.id))
  return c.json({ data: await showLimit({ tenantId, id: limit?.id ?? '' }, ports) }, 201)
}

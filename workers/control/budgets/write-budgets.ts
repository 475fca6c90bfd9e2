import { z } from 'zod'
import { BudgetInput, BudgetUpdate } from '../../contracts/budget-input.ts'
import type { LimitRow } from '../../db/find-limits.ts'
import type { ControlContext } from '../http/env.ts'
import { badParam } from '../http/query.ts'
import { readJson } from '../http/read-json.ts'
import { addToScope } from '../limits/add-to-scope.ts'
import { changeLimit, limitPath } from '../limits/change-limit.ts'
import { checkDistinct } from '../limits/check-distinct.ts'
import { partOf, removeLimit, resizeLimit } from '../limits/edit-limit.ts'
import { setBehaviour } from '../limits/set-behaviour.ts'
import type { ActingPorts } from '../ports.ts'
import { ownerOfScope, scopeOfBudget } from './budget-scope.ts'
import { DURATIONS, readBudgetBehaviour, readBudgetSize } from './read-budget.ts'
import { requireBudget, showBudget } from './show-budgets.ts'

/** `POST /v1/budgets`. */
export async function createBudget(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: BudgetInput, maxBytes: ports.maxBodyBytes, explain: z.prettifyError, opaque: ['tags'] }
  const input = await readJson(c.req.raw, body)
  const { tenantId } = c.get('principal')
  const scope = scopeOfBudget(input, tenantId)
  const size = readBudgetSize(input, { max: 0, duration: DURATIONS[input.period], isAligned: true })
  const behaviour = readBudgetBehaviour({ ...input, alert_threshold: input.alert_threshold ?? null })
  const id = await addToScope({ tenantId, scope, unit: 'nano_usd', size, behaviour }, ports)
  const { shown, etag } = await showBudget({ tenantId, id }, ports)
  return c.json(shown, 201, { etag })
}

// Who sends back all that was shown changes nothing by it; another owner would be another budget.
function checkSameOwner(input: BudgetUpdate, { scope }: LimitRow): void {
  const { tags, ...names } = ownerOfScope(scope) ?? { agent_name: null, user_id: null, tags: {} }
  const rule = 'left as it is: what a budget is of does not change. Make another one'
  for (const name of ['agent_name', 'user_id'] as const) {
    if (input[name] !== undefined && (input[name] || null) !== names[name]) throw badParam(name, rule)
  }
  const sorted = (of: Record<string, string>) => JSON.stringify(Object.entries(of).toSorted())
  if (input.tags && sorted(input.tags) !== sorted(tags)) throw badParam('tags', rule)
}

/** `PUT /v1/budgets/:id`: changes what the body names. What was spent stays spent, unless another `period` begins. */
export async function updateBudget(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const body = { schema: BudgetUpdate, maxBytes: ports.maxBodyBytes, explain: z.prettifyError, opaque: ['tags'] }
  const input = await readJson(c.req.raw, body)
  const path = limitPath(c)
  checkSameOwner(input, await requireBudget(path, ports))
  const change: Parameters<typeof changeLimit>[1]['change'] = (rows, limit, current) => {
    const size = readBudgetSize(input, current)
    const resized = resizeLimit(rows, partOf(limit), { ...size, nowMs: ports.nowMs() })
    const next = setBehaviour(resized, partOf(limit), readBudgetBehaviour(input))
    checkDistinct(next)
    return next
  }
  await changeLimit(path, { verb: 'update', change }, ports)
  const { shown, etag } = await showBudget(path, ports)
  return c.json(shown, 200, { etag })
}

/** `DELETE /v1/budgets/:id`. */
export async function deleteBudget(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const path = limitPath(c)
  await requireBudget(path, ports)
  await changeLimit(path, { verb: 'delete', change: (rows, limit) => removeLimit(rows, partOf(limit)) }, ports)
  return c.json({ deleted: true })
}

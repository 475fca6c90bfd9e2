import { findLimit, type LimitRow, listLimits } from '../../db/find-limits.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { listBody, readPage } from '../http/page.ts'
import { limitPath } from '../limits/change-limit.ts'
import { type LimitPath, readUsages } from '../limits/show-limits.ts'
import type { ControlPorts } from '../ports.ts'
import { ownerOfScope } from './budget-scope.ts'
import { renderBudget } from './render-budget.ts'

/** The tenant's budget of this id. Throws `not_found`, of a limit that is none in the same words. */
export async function requireBudget(path: LimitPath, ports: ControlPorts): Promise<LimitRow> {
  const limit = await findLimit(ports.db, path)
  if (limit?.unit === 'nano_usd' && ownerOfScope(limit.scope)) return limit
  throw new GatewayError('not_found', 'There is no such budget.')
}

/** A budget with what was spent of it, and its `ETag`. Throws `not_found` and `meter_unavailable`. */
export async function showBudget(path: LimitPath, ports: ControlPorts) {
  const limit = await requireBudget(path, ports)
  const readings = await readUsages(path.tenantId, [limit], ports)
  return { shown: renderBudget(limit, readings, ports.nowMs()), etag: etagOf(limit.scopeVersion) }
}

/** `GET /v1/budgets/:id`. */
export async function getBudget(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { shown, etag } = await showBudget(limitPath(c), ports)
  return c.json(shown, 200, { etag })
}

/** `GET /v1/budgets`: a page of the budgets of agents, users, tags and the tenant, in the order of their making. */
export async function listBudgets(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const page = readPage(c.req.query(), 50)
  const { limits, total } = await listLimits(ports.db, { tenantId, isBudget: true, ...page })
  const readings = await readUsages(tenantId, limits, ports)
  const nowMs = ports.nowMs()
  const shown = limits.map(limit => renderBudget(limit, readings, nowMs))
  return c.json(listBody(shown, total, page))
}

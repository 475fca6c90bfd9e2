import { usdFromNano } from '../../core/money/nano-usd.ts'
import { intervalAt } from '../../core/window/interval-at.ts'
import type { BudgetRow } from '../../db/key-record.ts'
import { findOwners, listBudgetPage, type Owners } from '../../db/list-budgets.ts'
import { percentageOf } from '../analytics/render-money.ts'
import type { KeyUsage } from '../governance/key-usage.ts'
import { windowOf } from '../governance/limits-of.ts'
import { usageOf } from '../governance/list-limit-rows.ts'
import type { ControlContext } from '../http/env.ts'
import { listBody, readPage } from '../http/page.ts'
import { successBody } from '../http/success-body.ts'
import type { ControlPorts } from '../ports.ts'
import { burnOf } from './burn.ts'

const iso = (ms: number) => new Date(ms).toISOString()

// Of a key's provider the key is the parent; of everything else that belongs to nobody, the tenant.
function ancestorsOf({ scope, tenantId }: BudgetRow, owners: Owners): string[] {
  const [owner = scope] = scope.startsWith('virtual_key:') ? scope.split('/') : [scope]
  const above: string[] = owner === scope ? [] : [owner]
  for (let at = owners.get(owner)?.parent; at; at = owners.get(at)?.parent) above.push(at)
  const root = `tenant:${tenantId}`
  return scope === root ? [] : [...above, root]
}

function placeOf(row: BudgetRow, owners: Owners) {
  const ancestors = ancestorsOf(row, owners)
  const level = row.scope.split(':')[0] ?? ''
  return { scope: row.scope, level, name: owners.get(row.scope)?.name ?? null, parent: ancestors[0] ?? null, ancestors }
}

function standingOf(row: BudgetRow, usage: KeyUsage, nowMs: number) {
  const { used } = usage.get(row.id) ?? { used: 0 }
  const window = intervalAt(windowOf(row, row.resetDuration), nowMs)
  const burn = burnOf({ maxNano: row.maxLimitNano, usedNano: used }, window, nowMs)
  return {
    amount_usd: usdFromNano(row.maxLimitNano),
    spent_usd: usdFromNano(used),
    remaining_usd: usdFromNano(Math.max(0, row.maxLimitNano - used)),
    used_percentage: percentageOf(used, row.maxLimitNano),
    elapsed_percentage: percentageOf(burn.elapsedShare, 1),
    duration: row.resetDuration,
    window: { starts_at: iso(window.startMs), resets_at: iso(window.endMs) },
    burn_rate_usd_per_day: usdFromNano(burn.nanoPerDay),
    projected_usd: usdFromNano(burn.projectedNano),
    exhausted_at: burn.exhaustedMs === undefined ? null : iso(burn.exhaustedMs),
    status: burn.status,
    on_exceed: row.onExceed,
  }
}

/** `GET /v1/cost/budgets`: a page of all budgets, the widest first, each with what it belongs to and how it burns. */
export async function listBudgets(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const page = readPage(c.req.query())
  const { budgets, total } = await listBudgetPage(ports.db, { tenantId, ...page })
  const scopes = budgets.map(row => row.scope)
  const [usage, owners] = await Promise.all([
    usageOf({ budgets, rateLimits: [] }, tenantId, ports),
    findOwners(ports.db, tenantId, scopes),
  ])
  const nowMs = ports.nowMs()
  const data = budgets.map(row => ({ id: row.id, ...placeOf(row, owners), ...standingOf(row, usage, nowMs) }))
  return c.json({ ...successBody(data, total), ...listBody(data, total, page) })
}

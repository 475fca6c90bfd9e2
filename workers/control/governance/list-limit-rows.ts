import type { BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'
import { listLimitRows } from '../../db/list-limit-rows.ts'
import type { ControlContext } from '../http/env.ts'
import type { ControlPorts } from '../ports.ts'
import { type KeyUsage, readOwnerUsage } from './read-key-usage.ts'
import { readScopeUsage } from './read-scope-usage.ts'
import { renderBudget, renderRateLimit } from './render-limits.ts'

function ownerOf(row: BudgetRow | RateLimitRow): string {
  return row.virtualKeyId ?? row.scope
}

// What was used of a key's limits its meter knows; of all others the scope's budget object.
async function usageOf({ budgets, rateLimits }: LimitRows, ports: ControlPorts): Promise<KeyUsage> {
  const owners = new Map([...budgets, ...rateLimits].map(row => [ownerOf(row), row]))
  const readings = [...owners].map(([owner, { tenantId, scope, virtualKeyId }]) => {
    const isOwned = (row: BudgetRow | RateLimitRow) => ownerOf(row) === owner
    const limits = { budgets: budgets.filter(isOwned), rateLimits: rateLimits.filter(isOwned) }
    if (virtualKeyId === null) return readScopeUsage({ ...limits, tenantId, scope }, ports)
    return readOwnerUsage(limits, { tenantId, keyId: virtualKeyId }, ports)
  })
  return new Map((await Promise.all(readings)).flatMap(usage => [...usage]))
}

/** `GET /api/governance/budgets`: all budgets of the tenant, of whatever owner. */
export async function listBudgets(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { budgets } = await listLimitRows(ports.db, { tenantId: c.get('tenantId') })
  const usage = await usageOf({ budgets, rateLimits: [] }, ports)
  return c.json({ budgets: budgets.map(row => renderBudget(row, usage)), count: budgets.length })
}

/** `GET /api/governance/rate-limits`: all rate limits of the tenant, of whatever owner. */
export async function listRateLimits(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { rateLimits } = await listLimitRows(ports.db, { tenantId: c.get('tenantId') })
  const usage = await usageOf({ budgets: [], rateLimits }, ports)
  return c.json({ rate_limits: rateLimits.map(row => renderRateLimit(row, usage)), count: rateLimits.length })
}

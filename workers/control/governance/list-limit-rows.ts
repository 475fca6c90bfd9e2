import type { TenantId } from '../../core/access/tenant-id.ts'
import { findMeteredKeys } from '../../db/find-metered-keys.ts'
import type { BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'
import { listLimitRows } from '../../db/list-limit-rows.ts'
import type { ControlContext } from '../http/env.ts'
import { withConfigHashes } from '../http/with-config-hashes.ts'
import type { ControlPorts } from '../ports.ts'
import { listedBy } from './by-id.ts'
import type { KeyUsage } from './key-usage.ts'
import { readOwnerUsage } from './read-key-usage.ts'
import { readScopeUsage } from './read-scope-usage.ts'
import { renderBudget, renderRateLimit } from './render-limits.ts'

/** What was used of limits of whatever owners: of a key's its one meter knows it, of all others the scope's budget object. */
export async function usageOf(
  { budgets, rateLimits }: LimitRows,
  tenantId: TenantId,
  ports: ControlPorts,
): Promise<KeyUsage> {
  const metered = await findMeteredKeys(ports.db, tenantId)
  const keyOf = ({ virtualKeyId }: BudgetRow | RateLimitRow) => (metered.has(virtualKeyId ?? '') ? null : virtualKeyId)
  const ownerOf = (row: BudgetRow | RateLimitRow) => keyOf(row) ?? row.scope
  const owners = new Map([...budgets, ...rateLimits].map(row => [ownerOf(row), row]))
  const readings = [...owners].map(([owner, row]) => {
    const isOwned = (other: BudgetRow | RateLimitRow) => ownerOf(other) === owner
    const limits = { budgets: budgets.filter(isOwned), rateLimits: rateLimits.filter(isOwned) }
    const { scope } = row
    const keyId = keyOf(row)
    if (keyId === null) return readScopeUsage({ ...limits, tenantId, scope }, ports)
    return readOwnerUsage(limits, { tenantId, keyId }, ports)
  })
  return new Map((await Promise.all(readings)).flatMap(usage => [...usage]))
}

/** `GET /api/governance/budgets`: all budgets of the tenant, of whatever owner. */
export async function listBudgets(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const { budgets } = await listLimitRows(ports.db, { tenantId })
  const usage = await usageOf({ budgets, rateLimits: [] }, tenantId, ports)
  const shown = budgets.map(row => renderBudget(row, usage))
  return c.json(await withConfigHashes({ budgets: listedBy(c.req.query(), shown), count: budgets.length }, c, ports))
}

/** `GET /api/governance/rate-limits`: all rate limits of the tenant, of whatever owner. */
export async function listRateLimits(c: ControlContext, ports: ControlPorts): Promise<Response> {
  const { tenantId } = c.get('principal')
  const { rateLimits } = await listLimitRows(ports.db, { tenantId })
  const usage = await usageOf({ budgets: [], rateLimits }, tenantId, ports)
  const shown = rateLimits.map(row => renderRateLimit(row, usage))
  return c.json(
    await withConfigHashes({ rate_limits: listedBy(c.req.query(), shown), count: rateLimits.length }, c, ports),
  )
}

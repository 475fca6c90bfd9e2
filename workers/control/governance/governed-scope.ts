import type { LimitsInput } from '../../contracts/virtual-key-input.ts'
import type { LimitRows, RateLimitRow } from '../../db/key-record.ts'
import type { ScopeRecord } from '../../db/scope-record.ts'
import type { ControlPorts } from '../ports.ts'
import { applyBudgets } from './apply-budgets.ts'
import { applyRateLimit } from './apply-rate-limit.ts'
import { askBudgets } from './ask-budgets.ts'
import { checkBudgets } from './check-budgets.ts'
import { readScopeUsage } from './read-scope-usage.ts'
import { renderLimits } from './render-limits.ts'

// The contract knows one rate limit per scope, and none of requests in flight; `/v1/limits` makes more.
function governed(rows: RateLimitRow[]): RateLimitRow[] {
  return rows.filter(row => row.inFlightMaxLimit === null).slice(0, 1)
}

/** A scope's limits after a change in the contract's words; those it has no words for stay. Throws `request_invalid`. */
export function applyToScope(record: ScopeRecord, input: LimitsInput, ports: ControlPorts): LimitRows {
  const { tenantId, scope, rateLimits } = record
  const noKey = {
    keyId: null,
    configId: null,
    isAligned: false,
    isAlignedAnew: false,
    isUsageReset: input.reset_budget_usage === true,
  }
  const owner = { tenantId, scope, ...noKey, nowMs: ports.nowMs(), newId: ports.newId }
  const asked = askBudgets(input, record.budgets)
  checkBudgets(asked ?? [])
  const current = governed(rateLimits)
  const next = applyRateLimit(current, input.rate_limit, owner)
  // In its place: an order that changes would be news to every key.
  const replaced = rateLimits.flatMap(row => (current.includes(row) ? next : [row]))
  const all = current.length > 0 ? replaced : [...rateLimits, ...next]
  return { budgets: applyBudgets(record.budgets, asked, owner), rateLimits: all }
}

/** A scope's limits with their usage in the contract's shapes. */
export async function showScope(record: ScopeRecord, ports: ControlPorts) {
  const usage = await readScopeUsage(record, ports)
  return renderLimits({ budgets: record.budgets, rateLimits: governed(record.rateLimits) }, usage)
}

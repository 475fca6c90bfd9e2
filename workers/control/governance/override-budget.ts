import { BudgetOverrideInput } from '../../contracts/budget-override-input.ts'
import type { BudgetRow } from '../../db/key-record.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { ControlContext } from '../http/env.ts'
import { etagOf } from '../http/etag.ts'
import { readJson } from '../http/read-json.ts'
import type { ActingPorts } from '../ports.ts'
import { applyBudgetOverride } from './apply-budget-override.ts'
import { changeKey } from './change-key.ts'
import { explainFlaw } from './explain-flaw.ts'
import { NO_OVERRIDE } from './limit-owner.ts'
import { readKeyUsage } from './read-key-usage.ts'
import { renderBudget } from './render-limits.ts'

type Change = { action: 'override_budget' | 'clear_override'; apply(row: BudgetRow): Partial<BudgetRow> }

// The contract has one sentence for both.
function notFound(): GatewayError {
  return new GatewayError('not_found', 'virtual key or budget not found')
}

function unknownKey(thrown: unknown): never {
  throw thrown instanceof GatewayError && thrown.code === 'not_found' ? notFound() : thrown
}

async function changeBudget(c: ControlContext, { action, apply }: Change, ports: ActingPorts): Promise<Response> {
  const path = { tenantId: c.get('principal').tenantId, id: c.req.param('id') ?? '' }
  const budgetId = c.req.param('budget_id')
  const nowMs = ports.nowMs()
  const change = (row: BudgetRow) => (row.id === budgetId ? { ...row, ...apply(row), updatedMs: nowMs } : row)
  const record = await changeKey(
    { ...path, action: `virtual_key.${action}` },
    current => {
      if (!current.budgets.some(row => row.id === budgetId)) throw notFound()
      return { ...current, budgets: current.budgets.map(change), key: { ...current.key, updatedMs: nowMs } }
    },
    ports,
  ).catch(unknownKey)
  const usage = await readKeyUsage(record, ports)
  const [budget] = record.budgets.filter(row => row.id === budgetId).map(row => renderBudget(row, usage))
  const shown = { budget, effective_max_limit: budget?.effective_max_limit }
  return c.json(shown, 200, { etag: etagOf(record.key.version) })
}

/**
 * `PUT /api/governance/virtual-keys/{id}/budgets/{budget_id}/override`: more money for a budget of the key, or of one of its
 * provider configs, from the next request on; what was spent stays. Another one takes the place of the one before.
 */
export async function overrideBudget(c: ControlContext, ports: ActingPorts): Promise<Response> {
  const spec = { schema: BudgetOverrideInput, maxBytes: ports.maxBodyBytes, explain: explainFlaw }
  const input = await readJson(c.req.raw, spec)
  const apply = (row: BudgetRow) => applyBudgetOverride(row, input, ports.nowMs())
  return changeBudget(c, { action: 'override_budget', apply }, ports)
}

/** `DELETE` of the same: the budget's own maximum is in force with the next request. */
export function clearOverride(c: ControlContext, ports: ActingPorts): Promise<Response> {
  return changeBudget(c, { action: 'clear_override', apply: () => NO_OVERRIDE }, ports)
}

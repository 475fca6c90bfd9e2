import type { BudgetInput, LimitsInput } from '../../contracts/virtual-key-input.ts'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { BudgetRow } from '../../db/key-record.ts'
import { namesBehaviour, renderBehaviour } from './apply-behaviour.ts'
import { invalid } from './invalid.ts'

function isEmpty(budget: BudgetInput): boolean {
  return !namesBehaviour(budget) && Object.values(budget).every(value => value === null || value === undefined)
}

// Of another duration it is another budget, which does what the one before it did; but its year begins anew.
function inherited(budget: BudgetInput, current: BudgetRow): BudgetInput {
  const { alert_thresholds, fiscal_year_start: _, ...exceed } = renderBehaviour(current)
  return { alert_thresholds, ...(budget.on_exceed === undefined && exceed) }
}

function merged(budget: BudgetInput, current: BudgetRow | undefined): BudgetInput {
  if (!current) return budget
  return {
    ...inherited(budget, current),
    ...budget,
    max_limit: budget.max_limit ?? usdFromNano(current.maxLimitNano),
    reset_duration: budget.reset_duration ?? current.resetDuration,
  }
}

/**
 * All budgets that a body wants, or `undefined` where it says nothing of them. `budget` is a list of one, merged into
 * the first that is there; an empty one is an empty list. Throws `request_invalid` for both names at once.
 */
export function askBudgets(input: LimitsInput, current: BudgetRow[]): BudgetInput[] | undefined {
  const { budget, budgets } = input
  if (budget && budgets) throw invalid('budget and budgets cannot both be given: use budgets')
  if (!budget) return budgets ?? undefined
  return isEmpty(budget) ? [] : [merged(budget, current[0])]
}

import type { BudgetInput, LimitsInput } from '../../contracts/virtual-key-input.ts'
import { usdFromNano } from '../../core/money/nano-usd.ts'
import type { BudgetRow } from '../../db/key-record.ts'
import { invalid } from './invalid.ts'

function isEmpty(budget: BudgetInput): boolean {
  return Object.values(budget).every(value => value === null || value === undefined)
}

function merged(budget: BudgetInput, current: BudgetRow | undefined): BudgetInput {
  if (!current) return budget
  return {
    max_limit: budget.max_limit ?? usdFromNano(current.maxLimitNano),
    reset_duration: budget.reset_duration ?? current.resetDuration,
    calendar_aligned: budget.calendar_aligned,
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

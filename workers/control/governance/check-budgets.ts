import type { BudgetInput } from '../../contracts/virtual-key-input.ts'
import { parseDuration } from '../../core/window/parse-duration.ts'
import { invalid } from './invalid.ts'

/** The first `reset_duration` that two of the budgets share. */
export function findRepeatedDuration(budgets: BudgetInput[]): string | undefined {
  const durations = budgets.map(budget => budget.reset_duration ?? '')
  return durations.find((duration, index) => durations.indexOf(duration) < index)
}

/** What the contract checks of a key's own budgets before it looks at anything else. Throws `request_invalid`. */
export function checkBudgets(budgets: BudgetInput[]): void {
  for (const { max_limit, reset_duration } of budgets) {
    const max = max_limit ?? 0
    if (max < 0) throw invalid(`Budget max_limit cannot be negative: ${max.toFixed(2)}`)
    if (!parseDuration(reset_duration ?? '')) throw invalid(`Invalid reset duration format: ${reset_duration ?? ''}`)
  }
  const repeated = findRepeatedDuration(budgets)
  if (repeated !== undefined) throw invalid(`Duplicate reset_duration in budgets: ${repeated}`)
}

import type { BudgetInput } from '../../contracts/virtual-key-input.ts'
import { parseDuration } from '../../core/window/parse-duration.ts'
import { invalid } from './invalid.ts'

/** The first `reset_duration` that two of the budgets share. */
export function findRepeatedDuration(budgets: BudgetInput[]): string | undefined {
  const durations = budgets.map(budget => budget.reset_duration ?? '')
  return durations.find((duration, index) => durations.indexOf(duration) < index)
}

function findFlaw(budgets: BudgetInput[]): string | undefined {
  for (const { max_limit, reset_duration } of budgets) {
    const max = max_limit ?? 0
    if (max < 0) return `Budget max_limit cannot be negative: ${max.toFixed(2)}`
    if (!parseDuration(reset_duration ?? '')) return `Invalid reset duration format: ${reset_duration ?? ''}`
  }
  const repeated = findRepeatedDuration(budgets)
  return repeated === undefined ? undefined : `Duplicate reset_duration in budgets: ${repeated}`
}

/** What the contract checks of an owner's budgets before it looks at anything else. Throws `request_invalid`. */
export function checkBudgets(budgets: BudgetInput[]): void {
  const flaw = findFlaw(budgets)
  if (flaw) throw invalid(flaw)
}

/** The same of a team's or a customer's, of which the contract speaks without a capital. */
export function checkGroupBudgets(budgets: BudgetInput[]): void {
  const flaw = findFlaw(budgets)
  if (flaw) throw invalid(flaw.charAt(0).toLowerCase() + flaw.slice(1))
}

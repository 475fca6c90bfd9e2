import type { BudgetInput } from '../../contracts/virtual-key-input.ts'
import { MAX_USD, type NanoUsd, nanoFromUsd } from '../../core/money/nano-usd.ts'
import { parseDuration } from '../../core/window/parse-duration.ts'
import type { BudgetRow } from '../../db/key-record.ts'
import { applyBehaviour, checkBehaviour } from './apply-behaviour.ts'
import { checkOverride } from './apply-budget-override.ts'
import { invalid } from './invalid.ts'
import { type LimitOwner, NO_OVERRIDE, newLimitRow, realign } from './limit-owner.ts'
import { budgetLimits } from './limits-of.ts'

function nanoLimit(usd: number): NanoUsd {
  if (usd <= 0) throw invalid(`budget max limit cannot be negative or zero: ${usd.toFixed(2)}`)
  if (usd > MAX_USD) throw invalid(`budget max limit cannot be more than ${MAX_USD} dollars: ${usd}`)
  const nano = nanoFromUsd(usd)
  if (nano === undefined) throw invalid(`budget max limit cannot have more than 9 decimal places: ${usd}`)
  return nano
}

function checkDuration({ reset_duration, calendar_aligned }: BudgetInput): string {
  const text = reset_duration ?? ''
  const duration = parseDuration(text)
  if (!duration) throw invalid(`Invalid reset duration format: ${text}`)
  if (calendar_aligned && !duration.step) {
    throw invalid(`calendar_aligned needs a reset_duration of whole days, weeks, months, quarters or years: ${text}`)
  }
  return text
}

// Bifrost knows the month alone, of quarters; a year that is said goes before it.
function yearStart({ fiscal_year_start: said, reset_config, reset_duration }: BudgetInput, isAligned: boolean) {
  const month = reset_config?.quarter_start_month
  const isOfQuarters = isAligned && /Q$/.test(reset_duration ?? '')
  return said === undefined && month && isOfQuarters ? `${String(month).padStart(2, '0')}-01` : said
}

function applyBudget(budget: BudgetInput, current: BudgetRow | undefined, owner: LimitOwner): BudgetRow {
  const [base] = current ? realign([current], owner) : []
  const row = base ?? { ...newLimitRow(owner), ...NO_OVERRIDE }
  const calendarAligned = budget.calendar_aligned ?? row.calendarAligned
  const maxLimitNano = nanoLimit(budget.max_limit ?? 0)
  return {
    ...row,
    maxLimitNano,
    resetDuration: checkDuration(budget),
    calendarAligned,
    ...applyBehaviour(row, { ...budget, fiscal_year_start: yearStart(budget, calendarAligned) }),
    updatedMs: owner.nowMs,
  }
}

// By another id a budget is another one, in the windows of the one before: what is still in flight is charged to that.
function unspent(row: BudgetRow, { newId, nowMs }: LimitOwner): BudgetRow {
  return { ...row, id: newId(), updatedMs: nowMs }
}

function checked(all: BudgetRow[], owner: LimitOwner): BudgetRow[] {
  const rows = owner.isUsageReset ? all.map(row => unspent(row, owner)) : all
  for (const row of rows) checkBehaviour(row, budgetLimits(row))
  for (const row of rows) checkOverride(row)
  return rows
}

/**
 * An owner's budgets after a change. `asked` are all that shall be; one of a duration that is there already keeps its
 * row, and with the row's id what was spent of it. `undefined` changes none. Throws `request_invalid`.
 */
export function applyBudgets(current: BudgetRow[], asked: BudgetInput[] | undefined, owner: LimitOwner): BudgetRow[] {
  if (!asked) return checked(realign(current, owner), owner)
  const sameDuration = (budget: BudgetInput) => current.find(row => row.resetDuration === budget.reset_duration)
  return checked(
    asked.map(budget => applyBudget(budget, sameDuration(budget), owner)),
    owner,
  )
}

import type { BudgetOverrideInput } from '../../contracts/budget-override-input.ts'
import { MAX_USD, nanoFromUsd } from '../../core/money/nano-usd.ts'
import { intervalAt } from '../../core/window/interval-at.ts'
import type { Window } from '../../core/window/window.ts'
import type { BudgetRow } from '../../db/key-record.ts'
import { invalid } from './invalid.ts'
import { windowOf } from './limits-of.ts'

const MAX_CYCLES = 1000

type Override = Pick<BudgetRow, 'overrideAmountNano' | 'overrideFromMs' | 'overrideUntilMs'>

function amountOf({ amount }: BudgetOverrideInput): number {
  if (typeof amount !== 'number' || amount <= 0) throw invalid('amount must be greater than 0')
  if (amount > MAX_USD) throw invalid(`amount cannot be more than ${MAX_USD} dollars`)
  const nano = nanoFromUsd(amount)
  if (nano === undefined) throw invalid('amount cannot have more than 9 decimal places')
  return nano
}

function cyclesOf({ mode, cycles }: BudgetOverrideInput): number | null {
  if (mode === 'forever') {
    if (cycles) throw invalid('cycles must be left out where mode is "forever"')
    return null
  }
  if (mode !== 'cycles') throw invalid('mode must be "cycles" or "forever"')
  if (Number.isInteger(cycles) && Number(cycles) >= 1 && Number(cycles) <= MAX_CYCLES) return Number(cycles)
  throw invalid(`cycles must be a whole number from 1 to ${MAX_CYCLES} where mode is "cycles"`)
}

/** Where so many windows end, of which an instant is in the first. */
function endOf(window: Window, cycles: number, atMs: number): number {
  let { endMs } = intervalAt(window, atMs)
  for (let n = 1; n < cycles; n++) endMs = intervalAt(window, endMs).endMs
  return endMs
}

/** How many windows begin before `untilMs`, from the one on that an instant is in. */
export function cyclesUntil(window: Window, untilMs: number, atMs: number): number {
  let cycles = 0
  for (let startMs = atMs; startMs < untilMs && cycles < MAX_CYCLES; cycles++)
    startMs = intervalAt(window, startMs).endMs
  return cycles
}

/** A budget whose sum with its override could no longer be counted is refused (400). */
export function checkOverride({ maxLimitNano, overrideAmountNano }: BudgetRow): void {
  if (maxLimitNano + (overrideAmountNano ?? 0) <= MAX_USD * 1e9) return
  throw invalid(`max_limit and its override together cannot be more than ${MAX_USD} dollars`)
}

/**
 * A budget's override as a body wants it, from the window on that is open now; of `cycles` windows with this one, or for ever.
 * Throws `request_invalid`.
 */
export function applyBudgetOverride(row: BudgetRow, input: BudgetOverrideInput, nowMs: number): Override {
  const overrideAmountNano = amountOf(input)
  const cycles = cyclesOf(input)
  const window = windowOf(row, row.resetDuration)
  const overrideUntilMs = cycles === null ? null : endOf(window, cycles, nowMs)
  const override = { overrideAmountNano, overrideFromMs: nowMs, overrideUntilMs }
  checkOverride({ ...row, ...override })
  return override
}

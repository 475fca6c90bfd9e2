import type { BudgetUpdate, PERIODS } from '../../contracts/budget-input.ts'
import type { LimitBehaviourInput } from '../../contracts/limit-behaviour-input.ts'
import { MAX_USD, nanoFromUsd } from '../../core/money/nano-usd.ts'
import { badParam } from '../http/query.ts'
import type { LimitSize } from '../limits/read-size.ts'

/** What a period is called where limits are. */
export const DURATIONS: Record<(typeof PERIODS)[number], string> = {
  daily: '1d',
  weekly: '1w',
  monthly: '1M',
  quarterly: '1Q',
  yearly: '1Y',
}

/** From here on a budget is used up, in percent. It is always told. */
const USED_UP = 100
const MAX_PERCENT = 1000

function readAmount(usd: number): number {
  const nano = nanoFromUsd(usd)
  if (nano !== undefined && nano > 0) return nano
  throw badParam('amount_usd', `more than 0, at most ${MAX_USD}, and have at most 9 decimal places`)
}

function readThresholds(fraction: number): number[] {
  const percent = Math.round(fraction * 100)
  const isWhole = Math.abs(percent - fraction * 100) < 1e-9
  if (isWhole && percent >= 1 && percent <= MAX_PERCENT) return [...new Set([percent, USED_UP])]
  throw badParam('alert_threshold', 'a part of the amount in whole percents, from 0.01 to 10, such as 0.8')
}

/** The size of a budget after a change: what the body does not name stays, and is given for a new one. Throws `request_invalid`. */
export function readBudgetSize({ amount_usd, period }: BudgetUpdate, current: LimitSize): LimitSize {
  return {
    max: typeof amount_usd === 'number' ? readAmount(amount_usd) : current.max,
    ...(period
      ? { duration: DURATIONS[period], isAligned: true }
      : { duration: current.duration, isAligned: current.isAligned }),
  }
}

/** What a budget does when it is reached, as limits say it; what the body does not name stays. Throws `request_invalid`. */
export function readBudgetBehaviour({ enforcement, alert_threshold }: BudgetUpdate): LimitBehaviourInput {
  return {
    ...(enforcement && {
      on_exceed: enforcement === 'block' ? 'refuse' : 'warn',
      clamp_floor: null,
      downgrade_to: null,
    }),
    ...(alert_threshold !== undefined && { alert_thresholds: readThresholds(alert_threshold ?? 1) }),
  }
}

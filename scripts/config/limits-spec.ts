import type { LimitBehaviourInput } from '../../workers/contracts/limit-behaviour-input.ts'
import { parseDuration } from '../../workers/core/window/parse-duration.ts'
import { type Json, orNone, type Spec, tidy } from './object.ts'

/** What `clamp` leaves where nothing is said. */
const CLAMP_FLOOR = 16

type Absent<T> = { [K in keyof T]?: T[K] | null | undefined }
type Budget = Absent<{ max_limit: number; reset_duration: string; calendar_aligned: boolean }> & LimitBehaviourInput
type RateLimit = Absent<{
  token_max_limit: number
  token_reset_duration: string
  request_max_limit: number
  request_reset_duration: string
  calendar_aligned: boolean
}> &
  LimitBehaviourInput

/** Limits of an owner, as a file and as the API say them. */
export type LimitsLike = {
  budgets?: Budget[] | undefined
  rate_limit?: RateLimit | undefined
}

/** What a limit does when it is reached, as a spec has it. */
export function behaviourSpec(input: LimitBehaviourInput): Spec {
  const { on_exceed, clamp_floor, downgrade_to, alert_thresholds, fiscal_year_start } = input
  const thresholds = alert_thresholds?.toSorted((a, b) => a - b)
  return tidy(
    { on_exceed, clamp_floor, downgrade_to, alert_thresholds: thresholds && orNone(thresholds), fiscal_year_start },
    { on_exceed: 'refuse', clamp_floor: CLAMP_FLOOR },
  )
}

/** What an owner says of all its limits, and what its spec says: a budget that says nothing is as the first, one that is as the second says nothing. */
export type Alignment = { inherited: boolean; said: boolean }

function budgetSpec(budget: Budget, { inherited, said }: Alignment): Spec {
  const { max_limit, reset_duration } = budget
  // What has no days in it is aligned to none, though its owner's word is kept of it too.
  const canBe = parseDuration(reset_duration ?? '')?.step !== undefined
  const calendar_aligned = canBe && (budget.calendar_aligned ?? inherited)
  return {
    ...tidy({ max_limit, reset_duration, calendar_aligned }, { calendar_aligned: said }),
    ...behaviourSpec(budget),
  }
}

function rateLimitSpec(rate: RateLimit): Spec {
  const tokens = rate.token_max_limit && {
    token_max_limit: rate.token_max_limit,
    token_reset_duration: rate.token_reset_duration,
  }
  const requests = rate.request_max_limit && {
    request_max_limit: rate.request_max_limit,
    request_reset_duration: rate.request_reset_duration,
  }
  return { ...tidy({ ...(tokens || {}), ...(requests || {}) }), ...behaviourSpec(rate) }
}

/** The limits of an owner as a spec has them. */
export function limitsSpec({ budgets = [], rate_limit }: LimitsLike, alignment: Alignment): Spec {
  const sorted = budgets.map(budget => budgetSpec(budget, alignment))
  const byDuration = (one: Spec) => String(one.reset_duration)
  sorted.sort((a, b) => (byDuration(a) < byDuration(b) ? -1 : 1))
  return tidy({ budgets: orNone<Json[]>(sorted), rate_limit: rate_limit && rateLimitSpec(rate_limit) })
}

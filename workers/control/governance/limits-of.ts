import type { Limit, Unit } from '../../core/quota/limit.ts'
import type { BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'

/** The id of the limit that a rate limit row is for one of its units. */
export function rateLimitId(row: { id: string }, unit: Exclude<Unit, 'nano_usd'>): string {
  return `${row.id}:${unit}`
}

type Row = BudgetRow | RateLimitRow

function limit(row: Row, what: Pick<Limit, 'id' | 'unit'>, [max, duration]: [number | null, string | null]): Limit[] {
  if (max === null || duration === null) return []
  const window = { duration, isAligned: row.calendarAligned, anchorMs: row.anchorMs }
  return [{ ...what, scope: row.scope, max, window }]
}

/** The limit that a budget is. */
export function budgetLimits(row: BudgetRow): Limit[] {
  return limit(row, { id: row.id, unit: 'nano_usd' }, [row.maxLimitNano, row.resetDuration])
}

/** The limits that a rate limit row is: one per unit that has a maximum. Requests in flight know no window. */
export function rateLimits(row: RateLimitRow): Limit[] {
  const of = (unit: Exclude<Unit, 'nano_usd'>, ...size: [number | null, string | null]) =>
    limit(row, { id: rateLimitId(row, unit), unit }, size)
  return [
    ...of('tokens', row.tokenMaxLimit, row.tokenResetDuration),
    ...of('requests', row.requestMaxLimit, row.requestResetDuration),
    ...of('in_flight', row.inFlightMaxLimit, '1d'),
  ]
}

/** Every limit of an owner, as it is counted. */
export function limitsOf(rows: LimitRows): Limit[] {
  return [...rows.budgets.flatMap(budgetLimits), ...rows.rateLimits.flatMap(rateLimits)]
}

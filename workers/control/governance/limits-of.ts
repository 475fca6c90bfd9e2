import type { Limit, LimitExtra, OnExceed, Unit } from '../../core/quota/limit.ts'
import { parseYearStart } from '../../core/window/parse-year-start.ts'
import type { Window } from '../../core/window/window.ts'
import type { Behaviour, BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'

/** The id of the limit that a rate limit row is for one of its units. */
export function rateLimitId(row: { id: string }, unit: Exclude<Unit, 'nano_usd'>): string {
  return `${row.id}:${unit}`
}

type Row = BudgetRow | RateLimitRow
type Overridden = Pick<BudgetRow, 'overrideAmountNano' | 'overrideFromMs' | 'overrideUntilMs'>

// A row's tokens and money can be lowered to what is left of them; a request cannot be part of one.
function onExceedOf({ onExceed, clampFloor, downgradeTo }: Behaviour, unit: Unit): OnExceed | undefined {
  const canClamp = unit === 'nano_usd' || unit === 'tokens'
  if (onExceed === 'warn') return { kind: 'warn' }
  if (onExceed === 'clamp' && canClamp && clampFloor !== null) return { kind: 'clamp', minOutputTokens: clampFloor }
  if (onExceed === 'downgrade' && downgradeTo !== null) return { kind: 'downgrade', model: downgradeTo }
  return undefined
}

/** A row's window of this duration. January 1, where its year begins unless it says otherwise, is left out. */
export function windowOf(
  row: { calendarAligned: boolean; anchorMs: number; fiscalYearStart: string | null },
  duration: string,
): Window {
  const window = { duration, isAligned: row.calendarAligned, anchorMs: row.anchorMs }
  const yearStart = row.fiscalYearStart === '01-01' ? undefined : parseYearStart(row.fiscalYearStart ?? '')
  return { ...window, ...(yearStart && { yearStart }) }
}

function limit(row: Row, what: Pick<Limit, 'id' | 'unit'>, [max, duration]: [number | null, string | null]): Limit[] {
  if (max === null || duration === null) return []
  const { scope, thresholds } = row
  const onExceed = onExceedOf(row, what.unit)
  const behaviour = { ...(onExceed && { onExceed }), ...(thresholds && { thresholds }) }
  return [{ ...what, scope, max, window: windowOf(row, duration), ...behaviour }]
}

/** What an override gives a budget beside its maximum; `undefined` where it has none. */
export function extraOf({
  overrideAmountNano: amount,
  overrideFromMs,
  overrideUntilMs,
}: Overridden): LimitExtra | undefined {
  if (amount === null || overrideFromMs === null) return undefined
  return { amount, fromMs: overrideFromMs, ...(overrideUntilMs !== null && { untilMs: overrideUntilMs }) }
}

/** The limit that a budget is. */
export function budgetLimits(row: BudgetRow): Limit[] {
  const extra = extraOf(row)
  const limits = limit(row, { id: row.id, unit: 'nano_usd' }, [row.maxLimitNano, row.resetDuration])
  return limits.map(one => ({ ...one, ...(extra && { extra }) }))
}

/** The limits that a rate limit row is: one per unit that has a maximum. Requests in flight know no window. */
export function rateLimits(row: RateLimitRow): Limit[] {
  const of = (unit: Exclude<Unit, 'nano_usd'>, ...size: [number | null, string | null]) =>
    limit(
      { ...row, ...(unit === 'in_flight' && { fiscalYearStart: null }) },
      { id: rateLimitId(row, unit), unit },
      size,
    )
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

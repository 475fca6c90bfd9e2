import type { Unit } from '../../core/quota/limit.ts'
import type { BudgetRow, LimitRows, RateLimitRow } from '../../db/key-record.ts'
import { dropIdle } from '../governance/apply-behaviour.ts'
import { DEFAULT_BEHAVIOUR, NO_OVERRIDE } from '../governance/limit-owner.ts'
import { rateLimits as limitsOfRow } from '../governance/limits-of.ts'
import type { LimitSize } from './read-size.ts'

/** Names one limit among an owner's rows: the id of the row, and which of its units. */
export type Part = { rowId: string; unit: Unit }

/** What a new row begins with. */
export type NewRow = Pick<BudgetRow, 'tenantId' | 'id' | 'scope'> & { nowMs: number }

const FIELDS = {
  tokens: ['tokenMaxLimit', 'tokenResetDuration'],
  requests: ['requestMaxLimit', 'requestResetDuration'],
  in_flight: ['inFlightMaxLimit', undefined],
} as const satisfies Record<Exclude<Unit, 'nano_usd'>, readonly [keyof RateLimitRow, keyof RateLimitRow | undefined]>

const NO_LIMITS = {
  tokenMaxLimit: null,
  tokenResetDuration: null,
  requestMaxLimit: null,
  requestResetDuration: null,
  inFlightMaxLimit: null,
}

/** The row and the unit that a limit's id names. */
export function partOf(limit: { id: string; unit: Unit }): Part {
  const [rowId = ''] = limit.id.split(':')
  return { rowId, unit: limit.unit }
}

/** The stored row that a limit is of, or `null`. */
export function rowOf(rows: LimitRows, rowId: string): BudgetRow | RateLimitRow | null {
  return [...rows.budgets, ...rows.rateLimits].find(row => row.id === rowId) ?? null
}

// `null` takes the unit's limit out of the row.
function sized(row: RateLimitRow, unit: Exclude<Unit, 'nano_usd'>, size: LimitSize | null): RateLimitRow {
  const [max, duration] = FIELDS[unit]
  const aligned = size ? { calendarAligned: size.isAligned } : {}
  return { ...row, ...aligned, [max]: size?.max ?? null, ...(duration && { [duration]: size?.duration ?? null }) }
}

function hasLimits(row: RateLimitRow): boolean {
  return row.tokenMaxLimit !== null || row.requestMaxLimit !== null || row.inFlightMaxLimit !== null
}

/** The owner's rows with one more limit, in a row of its own. */
export function addLimit(rows: LimitRows, unit: Unit, { row, size }: { row: NewRow; size: LimitSize }): LimitRows {
  const { nowMs, ...names } = row
  const times = { anchorMs: nowMs, createdMs: nowMs, updatedMs: nowMs }
  const owner = { ...names, virtualKeyId: null, providerConfigId: null }
  const base = { ...owner, calendarAligned: size.isAligned, ...times, ...DEFAULT_BEHAVIOUR }
  if (unit === 'nano_usd') {
    const budget = { ...base, ...NO_OVERRIDE, maxLimitNano: size.max, resetDuration: size.duration }
    return { ...rows, budgets: [...rows.budgets, budget] }
  }
  return { ...rows, rateLimits: [...rows.rateLimits, sized({ ...base, ...NO_LIMITS }, unit, size)] }
}

/** The owner's rows with another size of one limit. */
export function resizeLimit(rows: LimitRows, { rowId, unit }: Part, change: LimitSize & { nowMs: number }): LimitRows {
  const { max, duration, isAligned, nowMs: updatedMs } = change
  if (unit === 'nano_usd') {
    const size = { maxLimitNano: max, resetDuration: duration, calendarAligned: isAligned, updatedMs }
    return { ...rows, budgets: rows.budgets.map(row => (row.id === rowId ? { ...row, ...size } : row)) }
  }
  const resize = (row: RateLimitRow) => ({ ...sized(row, unit, change), updatedMs })
  return { ...rows, rateLimits: rows.rateLimits.map(row => (row.id === rowId ? resize(row) : row)) }
}

/** The owner's rows without one limit; a row without any limit goes. */
export function removeLimit(rows: LimitRows, { rowId, unit }: Part): LimitRows {
  if (unit === 'nano_usd') return { ...rows, budgets: rows.budgets.filter(row => row.id !== rowId) }
  const shrink = (row: RateLimitRow) => {
    const left = sized(row, unit, null)
    return dropIdle(left, limitsOfRow(left))
  }
  const rateLimits = rows.rateLimits.map(row => (row.id === rowId ? shrink(row) : row))
  return { ...rows, rateLimits: rateLimits.filter(hasLimits) }
}

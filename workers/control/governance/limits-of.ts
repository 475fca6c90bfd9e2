import type { Limit } from '../../core/quota/limit.ts'
import type { BudgetRow, KeyRecord, RateLimitRow } from '../../db/key-record.ts'

type Row = BudgetRow | RateLimitRow

/** The id of the limit that a rate limit row is for one of its two units. */
export function rateLimitId(row: { id: string }, unit: 'tokens' | 'requests'): string {
  return `${row.id}:${unit}`
}

function scopeOf(row: Row, { key }: KeyRecord): string {
  const config = key.providerConfigs.find(({ id }) => id === row.providerConfigId)
  return config ? `virtual_key:${key.id}/provider:${config.provider}` : `virtual_key:${key.id}`
}

function windowOf(row: Row, duration: string): Limit['window'] {
  return { duration, isAligned: row.calendarAligned, anchorMs: row.anchorMs }
}

function budgetLimit(row: BudgetRow, record: KeyRecord): Limit {
  return {
    id: row.id,
    scope: scopeOf(row, record),
    unit: 'nano_usd',
    max: row.maxLimitNano,
    window: windowOf(row, row.resetDuration),
  }
}

function rateLimits(row: RateLimitRow, record: KeyRecord): Limit[] {
  const limit = (unit: 'tokens' | 'requests', max: number | null, duration: string | null): Limit[] => {
    if (max === null || duration === null) return []
    return [{ id: rateLimitId(row, unit), scope: scopeOf(row, record), unit, max, window: windowOf(row, duration) }]
  }
  return [
    ...limit('tokens', row.tokenMaxLimit, row.tokenResetDuration),
    ...limit('requests', row.requestMaxLimit, row.requestResetDuration),
  ]
}

/** Every limit of a key and of its provider configs, as the meter counts them. */
export function limitsOf(record: KeyRecord): Limit[] {
  return [
    ...record.budgets.map(row => budgetLimit(row, record)),
    ...record.rateLimits.flatMap(row => rateLimits(row, record)),
  ]
}

import type { GroupRow } from './group-record.ts'
import type { virtualKey } from './schema/keys.ts'
import type { budget, rateLimit } from './schema/limits.ts'

/** A row of `budget`. */
export type BudgetRow = typeof budget.$inferSelect

/** A row of `rate_limit`. */
export type RateLimitRow = typeof rateLimit.$inferSelect

/** What the limits of a row do when they are reached, and where their year begins. */
export type Behaviour = Pick<BudgetRow, 'onExceed' | 'clampFloor' | 'downgradeTo' | 'thresholds' | 'fiscalYearStart'>

/** The limits of one owner, in the order in which they were given. */
export type LimitRows = { budgets: BudgetRow[]; rateLimits: RateLimitRow[] }

/** A row of `virtual_key`. */
export type KeyRow = typeof virtualKey.$inferSelect

/** A virtual key with all its limits, those of its provider configs included, and the team or customer it belongs to. */
export type KeyRecord = LimitRows & { key: KeyRow; team: GroupRow | null; customer: GroupRow | null }

/** A record's rows of one scope: the key's own (`null`), or those of one of its provider configs. */
export function rowsOf<R extends { providerConfigId: number | null }>(rows: R[], configId: number | null): R[] {
  return rows.filter(row => row.providerConfigId === configId)
}

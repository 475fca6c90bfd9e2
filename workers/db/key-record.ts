import type { budget, rateLimit, virtualKey } from './schema.ts'

/** A row of `budget`. */
export type BudgetRow = typeof budget.$inferSelect

/** A row of `rate_limit`. */
export type RateLimitRow = typeof rateLimit.$inferSelect

/** A virtual key with all its limits, those of its provider configs included. */
export type KeyRecord = {
  key: typeof virtualKey.$inferSelect
  budgets: BudgetRow[]
  rateLimits: RateLimitRow[]
}

/** A record's rows of one scope: the key's own (`null`), or those of one of its provider configs. */
export function rowsOf<R extends { providerConfigId: number | null }>(rows: R[], configId: number | null): R[] {
  return rows.filter(row => row.providerConfigId === configId)
}

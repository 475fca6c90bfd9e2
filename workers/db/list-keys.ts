import { and, asc, count, desc, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import type { BudgetRow, KeyRecord, RateLimitRow } from './key-record.ts'
import { budget, rateLimit, virtualKey } from './schema.ts'

/** Which of a tenant's live keys to list. `search` is a part of the name, in any case (ASCII). */
export type KeyQuery = {
  tenantId: string
  search?: string
  sortBy: 'name' | 'created_at' | 'status'
  isDescending: boolean
  offset: number
  /** The most keys to return; -1 for all. */
  limit: number
}

const SORT = { name: virtualKey.name, created_at: virtualKey.createdMs, status: virtualKey.isActive }

function matching({ tenantId, search }: KeyQuery): SQL | undefined {
  const hasText = search ? sql`instr(lower(${virtualKey.name}), lower(${search})) > 0` : undefined
  return and(eq(virtualKey.tenantId, tenantId), isNull(virtualKey.deletedMs), hasText)
}

function joined(keys: KeyRecord['key'][], budgets: BudgetRow[], rateLimits: RateLimitRow[]): KeyRecord[] {
  const budgetsByKey = Map.groupBy(budgets, row => row.virtualKeyId)
  const rateLimitsByKey = Map.groupBy(rateLimits, row => row.virtualKeyId)
  return keys.map(key => ({
    key,
    budgets: budgetsByKey.get(key.id) ?? [],
    rateLimits: rateLimitsByKey.get(key.id) ?? [],
  }))
}

/** A page of a tenant's keys with their limits, and how many match in all, in one reading. */
export async function listKeys(db: Database, query: KeyQuery): Promise<{ records: KeyRecord[]; total: number }> {
  const { tenantId, limit, offset } = query
  const where = matching(query)
  const order = [query.isDescending ? desc(SORT[query.sortBy]) : asc(SORT[query.sortBy]), asc(virtualKey.id)]
  const ids = db
    .select({ id: virtualKey.id })
    .from(virtualKey)
    .where(where)
    .orderBy(...order)
  const onPage = ids.limit(limit).offset(offset)
  const ofBudgets = and(eq(budget.tenantId, tenantId), inArray(budget.virtualKeyId, onPage))
  const ofRateLimits = and(eq(rateLimit.tenantId, tenantId), inArray(rateLimit.virtualKeyId, onPage))
  const [keys, budgets, rateLimits, totals] = await db.batch([
    db
      .select()
      .from(virtualKey)
      .where(where)
      .orderBy(...order)
      .limit(limit)
      .offset(offset),
    db.select().from(budget).where(ofBudgets).orderBy(sql`rowid`),
    db.select().from(rateLimit).where(ofRateLimits),
    db.select({ total: count() }).from(virtualKey).where(where),
  ])
  return { records: joined(keys, budgets, rateLimits), total: totals[0]?.total ?? 0 }
}

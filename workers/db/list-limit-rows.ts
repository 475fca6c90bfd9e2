import { and, asc, eq, type SQL, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ConfigDb } from './database.ts'
import type { LimitRows } from './key-record.ts'
import { budget, rateLimit } from './schema/limits.ts'

/** All budgets and rate limits of a tenant, or those of scopes that begin so, in the order of their making. */
export async function listLimitRows(db: ConfigDb, which: { tenantId: TenantId; prefix?: string }): Promise<LimitRows> {
  const { tenantId, prefix = '' } = which
  const hasPrefix = (scope: typeof budget.scope | typeof rateLimit.scope): SQL =>
    sql`substr(${scope}, 1, ${prefix.length}) = ${prefix}`
  const [budgets, rateLimits] = await db.batch([
    db
      .select()
      .from(budget)
      .where(and(eq(budget.tenantId, tenantId), hasPrefix(budget.scope)))
      .orderBy(asc(budget.createdMs), sql`rowid`),
    db
      .select()
      .from(rateLimit)
      .where(and(eq(rateLimit.tenantId, tenantId), hasPrefix(rateLimit.scope)))
      .orderBy(asc(rateLimit.createdMs), sql`rowid`),
  ])
  return { budgets, rateLimits }
}

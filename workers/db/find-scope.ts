import { and, eq, sql } from 'drizzle-orm'
import type { ConfigDb } from './database.ts'
import { budget, rateLimit } from './schema/limits.ts'
import { scopeSnapshot } from './schema/snapshots.ts'
import type { ScopePath, ScopeRecord } from './scope-record.ts'

/** The statements that read a scope's limits and version; `scopeOf` makes a record of what they answer. */
export function selectScope(db: ConfigDb, { tenantId, scope }: ScopePath) {
  const ofSnapshot = and(eq(scopeSnapshot.tenantId, tenantId), eq(scopeSnapshot.scope, scope))
  const ofBudget = and(eq(budget.tenantId, tenantId), eq(budget.scope, scope))
  const ofRateLimit = and(eq(rateLimit.tenantId, tenantId), eq(rateLimit.scope, scope))
  return [
    db.select({ version: scopeSnapshot.version }).from(scopeSnapshot).where(ofSnapshot),
    db.select().from(budget).where(ofBudget).orderBy(sql`rowid`),
    db.select().from(rateLimit).where(ofRateLimit).orderBy(sql`rowid`),
  ] as const
}

/** A scope's limits as they stand, in one reading; no limits and version 0 for one that never had any. */
export async function findScope(db: ConfigDb, path: ScopePath): Promise<ScopeRecord> {
  const [versions, budgets, rateLimits] = await db.batch(selectScope(db, path))
  return { ...path, version: versions[0]?.version ?? 0, budgets, rateLimits }
}

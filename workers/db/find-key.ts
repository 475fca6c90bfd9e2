import { and, eq, isNull, sql } from 'drizzle-orm'
import type { Database } from './database.ts'
import type { KeyRecord } from './key-record.ts'
import { budget, rateLimit, virtualKey } from './schema.ts'

/** A tenant's key as it stands, in one reading, or `undefined`: none, deleted, or another tenant's. */
export async function findKey(
  db: Database,
  { tenantId, id }: { tenantId: string; id: string },
): Promise<KeyRecord | undefined> {
  const isLive = and(eq(virtualKey.tenantId, tenantId), eq(virtualKey.id, id), isNull(virtualKey.deletedMs))
  const ofBudget = and(eq(budget.tenantId, tenantId), eq(budget.virtualKeyId, id))
  const ofRateLimit = and(eq(rateLimit.tenantId, tenantId), eq(rateLimit.virtualKeyId, id))
  const [keys, budgets, rateLimits] = await db.batch([
    db.select().from(virtualKey).where(isLive),
    db.select().from(budget).where(ofBudget).orderBy(sql`rowid`),
    db.select().from(rateLimit).where(ofRateLimit),
  ])
  return keys[0] && { key: keys[0], budgets, rateLimits }
}

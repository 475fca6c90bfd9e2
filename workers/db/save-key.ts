import { and, eq, sql } from 'drizzle-orm'
import type { BatchItem } from 'drizzle-orm/batch'
import type { KeySnapshot } from '../core/snapshot.ts'
import type { Database } from './database.ts'
import type { KeyRecord } from './key-record.ts'
import { budget, keySnapshot, rateLimit, virtualKey } from './schema.ts'
import { violates } from './violates.ts'

/** A key as it is to be, and the snapshot that says the same to its meter. Both carry the new version. */
export type KeyChange = KeyRecord & { snapshot: KeySnapshot }

/** `stale`: someone else changed the key since it was read; read it again. Nothing was written unless `saved`. */
export type SaveResult = 'saved' | 'stale' | 'name_taken'

type Statement = BatchItem<'sqlite'>

function writeKey(db: Database, { key }: KeyChange): Statement {
  if (key.version === 1) return db.insert(virtualKey).values(key)
  // A stale writer's NULL violates NOT NULL, which takes back its whole batch; a WHERE would only skip this one row.
  const version = sql`CASE WHEN ${virtualKey.version} = ${key.version - 1} THEN ${key.version} END`
  return db
    .update(virtualKey)
    .set({ ...key, version })
    .where(and(eq(virtualKey.tenantId, key.tenantId), eq(virtualKey.id, key.id)))
}

function writeLimits(db: Database, { key, budgets, rateLimits }: KeyChange): Statement[] {
  const ofBudget = and(eq(budget.tenantId, key.tenantId), eq(budget.virtualKeyId, key.id))
  const ofRateLimit = and(eq(rateLimit.tenantId, key.tenantId), eq(rateLimit.virtualKeyId, key.id))
  return [
    db.delete(budget).where(ofBudget),
    db.delete(rateLimit).where(ofRateLimit),
    ...budgets.map(row => db.insert(budget).values(row)),
    ...rateLimits.map(row => db.insert(rateLimit).values(row)),
  ]
}

function writeSnapshot(db: Database, { snapshot: body }: KeyChange): Statement {
  const { tenantId, keyId, version } = body
  return db
    .insert(keySnapshot)
    .values({ tenantId, keyId, version, pushedVersion: 0, body })
    .onConflictDoUpdate({ target: [keySnapshot.tenantId, keySnapshot.keyId], set: { version, body } })
}

/** Writes a new key (version 1) or a changed one with its limits and snapshot, in one transaction or not at all. */
export async function saveKey(db: Database, change: KeyChange): Promise<SaveResult> {
  try {
    await db.batch([writeKey(db, change), ...writeLimits(db, change), writeSnapshot(db, change)])
    return 'saved'
  } catch (thrown) {
    if (violates(thrown, 'virtual_key.version')) return 'stale'
    if (violates(thrown, 'virtual_key.tenant_id, virtual_key.name')) return 'name_taken'
    throw thrown
  }
}

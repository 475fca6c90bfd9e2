import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { KeySnapshot, ScopeSnapshot } from '../core/snapshot.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import type { KeyRecord } from './key-record.ts'
import { rebuildSnapshot } from './rebuild-snapshots.ts'
import { deleteRulesOf } from './save-rule.ts'
import { virtualKey } from './schema/keys.ts'
import { budget, rateLimit } from './schema/limits.ts'
import { pricingOverride } from './schema/routing.ts'
import { keySnapshot } from './schema/snapshots.ts'
import { violates } from './violates.ts'
import { readUnpushedKeyScopes, writeKeyScopes } from './write-key-scopes.ts'

/** A key as it is to be, what its snapshot says beside its owner and its limits, and who changes it. Both carry the new version. */
export type KeyChange = KeyRecord & { snapshot: KeySnapshot; audit: AuditRow }

/** What was written, to be pushed: what budget objects must hear of the key's own limits first, then its snapshot. */
export type SavedKey = { scopes: ScopeSnapshot[]; snapshot: KeySnapshot }

/** `stale`: someone else changed the key or its owner since it was read; read again. Nothing was written unless `saved`. */
export type SaveResult = ({ kind: 'saved' } & SavedKey) | { kind: 'stale' | 'name_taken' }

// The owner may have been deleted since it was read.
function hasOwner({ key }: KeyChange): SQL {
  const live = sql`tenant_id = ${key.tenantId} AND deleted_ms IS NULL`
  return sql`(${key.teamId} IS NULL OR EXISTS (SELECT 1 FROM team WHERE ${live} AND id = ${key.teamId}))
    AND (${key.customerId} IS NULL OR EXISTS (SELECT 1 FROM customer WHERE ${live} AND id = ${key.customerId}))`
}

// A stale writer's NULL violates NOT NULL, which takes back its whole batch; a WHERE would only skip this one row.
function writeKey(db: ConfigDb, change: KeyChange): Statement {
  const { key } = change
  if (key.version === 1) {
    return db.insert(virtualKey).values({ ...key, version: sql`CASE WHEN ${hasOwner(change)} THEN 1 END` })
  }
  const isCurrent = sql`${virtualKey.version} = ${key.version - 1}`
  return db
    .update(virtualKey)
    .set({ ...key, version: sql`CASE WHEN ${isCurrent} AND ${hasOwner(change)} THEN ${key.version} END` })
    .where(and(eq(virtualKey.tenantId, key.tenantId), eq(virtualKey.id, key.id)))
}

function writeLimits(db: ConfigDb, { key, budgets, rateLimits }: KeyChange): Statement[] {
  const ofBudget = and(eq(budget.tenantId, key.tenantId), eq(budget.virtualKeyId, key.id))
  const ofRateLimit = and(eq(rateLimit.tenantId, key.tenantId), eq(rateLimit.virtualKeyId, key.id))
  return [
    db.delete(budget).where(ofBudget),
    db.delete(rateLimit).where(ofRateLimit),
    ...budgets.map(row => db.insert(budget).values(row)),
    ...rateLimits.map(row => db.insert(rateLimit).values(row)),
  ]
}

function writeSnapshot(db: ConfigDb, { key: { tenantId }, snapshot: body }: KeyChange): Statement {
  const { keyId, version } = body
  return db
    .insert(keySnapshot)
    .values({ tenantId, keyId, version, pushedVersion: 0, body })
    .onConflictDoUpdate({ target: [keySnapshot.tenantId, keySnapshot.keyId], set: { version, body } })
}

// A key whose meters were never set owns its limits itself: no budget object hears of them.
function writeScopes({ key }: KeyChange): Statement[] {
  return key.meterRegions === null ? [] : [writeKeyScopes(key)]
}

function removeRules({ key: { tenantId, id, deletedMs } }: KeyChange): Statement[] {
  return deletedMs === null ? [] : [deleteRulesOf({ tenantId, scope: 'virtual_key', scopeId: id })]
}

// The answers to `rebuildSnapshot` and `readUnpushedKeyScopes`. What D1 keeps was made of snapshots.
function savedKey(results: unknown[][], change: KeyChange): SavedKey {
  const [saved, unpushed] = results.slice(-2) as { body: string }[][]
  const scopes = (unpushed ?? []).map(({ body }): ScopeSnapshot => JSON.parse(body))
  return { scopes, snapshot: saved?.[0] ? JSON.parse(saved[0].body) : change.snapshot }
}

// Prices that were this key's alone are nobody's once it is gone.
function dropOverrides(db: ConfigDb, { key }: KeyChange): Statement[] {
  if (key.deletedMs === null) return []
  const isOf = and(eq(pricingOverride.tenantId, key.tenantId), eq(pricingOverride.virtualKeyId, key.id))
  return [db.delete(pricingOverride).where(isOf)]
}

/** Writes a new key (version 1) or a changed one with its limits and snapshot, in one transaction or not at all. */
export async function saveKey(db: ConfigDb, change: KeyChange): Promise<SaveResult> {
  const { key } = change
  const limits = [...writeLimits(db, change), ...writeScopes(change)]
  const dropped = [...dropOverrides(db, change), ...removeRules(change)]
  const rows = [writeKey(db, change), ...limits, ...dropped, writeSnapshot(db, change)]
  try {
    const results = await auditedBatch(db, change.audit, [...rows, rebuildSnapshot(key), readUnpushedKeyScopes(key)])
    return { kind: 'saved', ...savedKey(results, change) }
  } catch (thrown) {
    if (violates(thrown, 'virtual_key.version')) return { kind: 'stale' }
    if (violates(thrown, 'virtual_key.tenant_id, virtual_key.name')) return { kind: 'name_taken' }
    throw thrown
  }
}

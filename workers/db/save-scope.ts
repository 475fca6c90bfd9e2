import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { ScopeSnapshot } from '../core/snapshot.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import { type KeyVersion, limitsOfScope, rebuildOutdated } from './rebuild-snapshots.ts'
import { budget, rateLimit } from './schema/limits.ts'
import type { ScopeRecord } from './scope-record.ts'
import { violates } from './violates.ts'

/** A scope's limits as they are to be. `record.version` is the one they were read in. */
export type ScopeChange = {
  record: ScopeRecord
  /**
   * The keys whose snapshots the change is in: not where only maxima change, which budget objects alone know.
   * `ruled_keys`: those of them that have routing rules, which may ask for the scope's name.
   */
  touches: 'no_keys' | 'bound_keys' | 'ruled_keys'
  /** Nothing is said of the limits: they stay, and so does the scope's version. */
  keepsLimits: boolean
  /** Other rows of the same change, written after the versions of the touched keys have grown. */
  rows: Statement[]
  audit: AuditRow
}

/** What was written, to be pushed in this order. `stale`: read again. Nothing was written unless `saved`. */
export type ScopeSaved =
  | { kind: 'saved'; scopes: ScopeSnapshot[]; keys: KeyVersion[] }
  | { kind: 'stale' | 'name_taken' }

function isBound({ tenantId, scope }: ScopeRecord): SQL {
  const [kind, id] = scope.split(':')
  if (kind === 'team') return sql`team_id = ${id}`
  if (kind !== 'customer') return sql`TRUE`
  const teams = sql`SELECT id FROM team WHERE tenant_id = ${tenantId} AND customer_id = ${id}`
  return sql`(customer_id = ${id} OR team_id IN (${teams}))`
}

function touchKeys({ record, touches }: ScopeChange): Statement[] {
  if (touches === 'no_keys') return []
  const isLive = sql`tenant_id = ${record.tenantId} AND deleted_ms IS NULL`
  const isRuled =
    touches === 'ruled_keys' ? sql`EXISTS (SELECT 1 FROM routing_rule WHERE tenant_id = ${record.tenantId})` : sql`TRUE`
  return [sql`UPDATE virtual_key SET version = version + 1 WHERE ${isLive} AND ${isBound(record)} AND ${isRuled}`]
}

// As in save-key.ts, a stale writer's NULL takes back the whole batch. The first writer's row makes the second one stale.
function writeSnapshot(record: ScopeRecord): Statement {
  const { tenantId, scope, version } = record
  const next = version + 1
  const body = sql`json_object('version', ${next}, 'tenantId', ${tenantId}, 'scope', ${scope},
    'limits', json(${limitsOfScope(record)}))`
  return sql`INSERT INTO scope_snapshot (tenant_id, scope, version, pushed_version, body)
    VALUES (${tenantId}, ${scope}, ${next}, 0, ${body})
    ON CONFLICT (tenant_id, scope) DO UPDATE SET body = excluded.body,
      version = CASE WHEN scope_snapshot.version = ${version} THEN excluded.version END`
}

function writeLimits(db: ConfigDb, { record, keepsLimits }: ScopeChange): Statement[] {
  if (keepsLimits) return []
  const { tenantId, scope, budgets, rateLimits } = record
  return [
    db.delete(budget).where(and(eq(budget.tenantId, tenantId), eq(budget.scope, scope))),
    db.delete(rateLimit).where(and(eq(rateLimit.tenantId, tenantId), eq(rateLimit.scope, scope))),
    ...budgets.map(row => db.insert(budget).values(row)),
    ...rateLimits.map(row => db.insert(rateLimit).values(row)),
    writeSnapshot(record),
  ]
}

function readSnapshot({ tenantId, scope }: ScopeRecord): SQL {
  return sql`SELECT body FROM scope_snapshot WHERE tenant_id = ${tenantId} AND scope = ${scope}`
}

function isStale(thrown: unknown): boolean {
  return ['scope_snapshot', 'team', 'customer'].some(table => violates(thrown, `${table}.version`))
}

function isNameTaken(thrown: unknown): boolean {
  const isModelTaken = violates(thrown, 'model_config.tenant_id, model_config.scope')
  return isModelTaken || ['team', 'customer'].some(table => violates(thrown, `${table}.tenant_id, ${table}.name`))
}

// The answers to `rebuildOutdated` and `readSnapshot`.
function lastOf(results: unknown[][], { keepsLimits }: ScopeChange) {
  const [keys, scopes] = results.slice(-2) as [KeyVersion[], { body: string }[]]
  const snapshots: ScopeSnapshot[] = scopes.map(({ body }) => JSON.parse(body))
  return { keys, scopes: keepsLimits ? [] : snapshots }
}

/** Writes a scope's limits, its snapshot and those of the keys it touches, in one transaction or not at all. */
export async function saveScope(db: ConfigDb, change: ScopeChange): Promise<ScopeSaved> {
  const { record, rows } = change
  const before = [...touchKeys(change), ...rows, ...writeLimits(db, change)]
  try {
    const results = await auditedBatch(db, change.audit, [
      ...before,
      rebuildOutdated(record.tenantId),
      readSnapshot(record),
    ])
    return { kind: 'saved', ...lastOf(results, change) }
  } catch (thrown) {
    if (isStale(thrown)) return { kind: 'stale' }
    if (isNameTaken(thrown)) return { kind: 'name_taken' }
    throw thrown
  }
}

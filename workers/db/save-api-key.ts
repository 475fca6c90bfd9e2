import { and, eq, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { ApiKeyRow } from './find-api-key.ts'
import { apiKey } from './schema/sign-in.ts'
import { violates } from './violates.ts'

/** Adds a new API key. */
export async function insertApiKey(db: ConfigDb, row: ApiKeyRow, audit: AuditRow): Promise<void> {
  await auditedBatch(db, audit, [db.insert(apiKey).values(row)])
}

/** Revokes an API key as it was read; `false` where somebody has revoked it since, and nothing is written. */
export async function revokeApiKey(db: ConfigDb, row: ApiKeyRow & { revokedMs: number }, audit: AuditRow) {
  const { tenantId, id, revokedMs } = row
  // A NULL name takes back the whole batch; a WHERE would leave a row of the audit trail for nothing.
  const change = { revokedMs, name: sql`CASE WHEN ${apiKey.revokedMs} IS NULL THEN ${apiKey.name} END` }
  const where = and(eq(apiKey.tenantId, tenantId), eq(apiKey.id, id))
  try {
    await auditedBatch(db, audit, [db.update(apiKey).set(change).where(where)])
    return true
  } catch (thrown) {
    if (violates(thrown, 'api_key.name')) return false
    throw thrown
  }
}

import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { agentCredential } from './schema/sign-in.ts'
import { selectPage } from './select-page.ts'
import { violates } from './violates.ts'

/** A row of `agent_credential`. */
export type AgentCredentialRow = typeof agentCredential.$inferSelect

/** Names an agent's credential of a tenant. */
export type AgentCredentialPath = { tenantId: TenantId; id: string }

const isAt = ({ tenantId, id }: AgentCredentialPath) =>
  and(eq(agentCredential.tenantId, tenantId), eq(agentCredential.id, id))

/** A tenant's credential, revoked ones included, or `undefined`. */
export function findAgentCredential(db: ConfigDb, path: AgentCredentialPath): Promise<AgentCredentialRow | undefined> {
  return db.select().from(agentCredential).where(isAt(path)).get()
}

/** A page of a tenant's credentials that were not revoked, the newest first, and how many there are in all, in one reading. */
export async function listAgentCredentials(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ rows: AgentCredentialRow[]; total: number }> {
  const where = and(eq(agentCredential.tenantId, tenantId), isNull(agentCredential.revokedMs))
  const newest = [desc(agentCredential.createdMs), desc(agentCredential.id)]
  return selectPage(db, agentCredential, { where, orderBy: newest, limit, offset })
}

/** Adds a credential. */
export async function insertAgentCredential(db: ConfigDb, row: AgentCredentialRow, audit: AuditRow): Promise<void> {
  await auditedBatch(db, audit, [db.insert(agentCredential).values(row)])
}

/** Revokes a credential as it was read; `false` where somebody has revoked it since, and nothing is written. */
export async function revokeAgentCredential(
  db: ConfigDb,
  row: AgentCredentialRow & { revokedMs: number },
  audit: AuditRow,
): Promise<boolean> {
  // A NULL name takes back the whole batch; a WHERE would leave a row of the audit trail for nothing.
  const name = sql`CASE WHEN ${agentCredential.revokedMs} IS NULL THEN ${agentCredential.name} END`
  try {
    await auditedBatch(db, audit, [db.update(agentCredential).set({ revokedMs: row.revokedMs, name }).where(isAt(row))])
    return true
  } catch (thrown) {
    if (violates(thrown, 'agent_credential.name')) return false
    throw thrown
  }
}

/** Keeps a credential's secret as it is sealed today, where it is still sealed as it was read. */
export async function resealAgentCredential(
  db: ConfigDb,
  row: AgentCredentialRow,
  secretSealed: string,
): Promise<void> {
  if (secretSealed === row.secretSealed) return
  const isSame = eq(agentCredential.secretSealed, row.secretSealed)
  await db
    .update(agentCredential)
    .set({ secretSealed })
    .where(and(isAt(row), isSame))
}

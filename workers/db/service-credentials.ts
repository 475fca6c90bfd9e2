import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import { serviceCredential } from './schema/sign-in.ts'
import { selectPage } from './select-page.ts'
import { violates } from './violates.ts'

/** A row of `service_credential`. */
export type ServiceCredentialRow = typeof serviceCredential.$inferSelect

/** Names a partner's credential of a tenant. */
export type ServiceCredentialPath = { tenantId: TenantId; id: string }

const isAt = ({ tenantId, id }: ServiceCredentialPath) =>
  and(eq(serviceCredential.tenantId, tenantId), eq(serviceCredential.id, id))

/** A tenant's credential, revoked ones included, or `undefined`. */
export function findServiceCredential(
  db: ConfigDb,
  path: ServiceCredentialPath,
): Promise<ServiceCredentialRow | undefined> {
  return db.select().from(serviceCredential).where(isAt(path)).get()
}

/** A page of a tenant's credentials that were not revoked, the newest first, and how many there are in all, in one reading. */
export async function listServiceCredentials(
  db: ConfigDb,
  { tenantId, limit, offset }: { tenantId: TenantId; limit: number; offset: number },
): Promise<{ rows: ServiceCredentialRow[]; total: number }> {
  const where = and(eq(serviceCredential.tenantId, tenantId), isNull(serviceCredential.revokedMs))
  const newest = [desc(serviceCredential.createdMs), desc(serviceCredential.id)]
  return selectPage(db, serviceCredential, { where, orderBy: newest, limit, offset })
}

/** Adds a credential. */
export async function insertServiceCredential(db: ConfigDb, row: ServiceCredentialRow, audit: AuditRow): Promise<void> {
  await auditedBatch(db, audit, [db.insert(serviceCredential).values(row)])
}

/** Revokes a credential as it was read; `false` where somebody has revoked it since, and nothing is written. */
export async function revokeServiceCredential(
  db: ConfigDb,
  row: ServiceCredentialRow & { revokedMs: number },
  audit: AuditRow,
): Promise<boolean> {
  // A NULL name takes back the whole batch; a WHERE would leave a row of the audit trail for nothing.
  const name = sql`CASE WHEN ${serviceCredential.revokedMs} IS NULL THEN ${serviceCredential.name} END`
  try {
    await auditedBatch(db, audit, [
      db.update(serviceCredential).set({ revokedMs: row.revokedMs, name }).where(isAt(row)),
    ])
    return true
  } catch (thrown) {
    if (violates(thrown, 'service_credential.name')) return false
    throw thrown
  }
}

/** Keeps a credential's secret as it is sealed today, where it is still sealed as it was read. */
export async function resealServiceCredential(
  db: ConfigDb,
  row: ServiceCredentialRow,
  secretSealed: string,
): Promise<void> {
  if (secretSealed === row.secretSealed) return
  const isSame = eq(serviceCredential.secretSealed, row.secretSealed)
  await db
    .update(serviceCredential)
    .set({ secretSealed })
    .where(and(isAt(row), isSame))
}

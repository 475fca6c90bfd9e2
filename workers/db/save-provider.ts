import { and, eq, sql } from 'drizzle-orm'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { ProviderPath, ProviderRow } from './find-providers.ts'
import { ssoProvider } from './schema/sign-in.ts'
import { violates } from './violates.ts'

/** `taken`: the tenant has a provider of this issuer and audience. `stale`: it was changed or deleted since it was read. */
export type ProviderSave = 'saved' | 'taken' | 'stale'

function outcomeOf(thrown: unknown): ProviderSave {
  if (violates(thrown, 'sso_provider.issuer')) return 'taken'
  if (violates(thrown, 'sso_provider.name')) return 'stale'
  throw thrown
}

const isAt = ({ tenantId, id }: ProviderPath) => and(eq(ssoProvider.tenantId, tenantId), eq(ssoProvider.id, id))

/** Adds a provider. */
export async function insertProvider(db: ConfigDb, row: ProviderRow, audit: AuditRow): Promise<ProviderSave> {
  return auditedBatch(db, audit, [db.insert(ssoProvider).values(row)]).then(() => 'saved', outcomeOf)
}

/** Writes a provider whose version is one above the one it was read with. */
export async function updateProvider(db: ConfigDb, row: ProviderRow, audit: AuditRow): Promise<ProviderSave> {
  // A NULL name takes back the whole batch; a WHERE would leave a row of the audit trail for nothing.
  const name = sql`CASE WHEN ${ssoProvider.version} = ${row.version - 1} THEN ${row.name} END`
  const update = db
    .update(ssoProvider)
    .set({ ...row, name })
    .where(isAt(row))
    .returning({ id: ssoProvider.id })
  return auditedBatch(db, audit, [update]).then(([rows]) => (rows?.length ? 'saved' : 'stale'), outcomeOf)
}

/** Deletes a provider as it was read, and with it the keys that were known of it. */
export async function deleteProvider(db: ConfigDb, row: ProviderRow, audit: AuditRow): Promise<ProviderSave> {
  const name = sql`CASE WHEN ${ssoProvider.version} = ${row.version} THEN ${ssoProvider.name} END`
  const check = db.update(ssoProvider).set({ name }).where(isAt(row))
  return auditedBatch(db, audit, [check, db.delete(ssoProvider).where(isAt(row))]).then(() => 'saved', outcomeOf)
}

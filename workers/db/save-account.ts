import { and, eq, type SQL, sql } from 'drizzle-orm'
import type { AccountPath, AccountRecord, AccountRow, ProviderKeyRow } from './account-record.ts'
import { type AuditRow, auditedBatch } from './audited-batch.ts'
import type { ConfigDb } from './database.ts'
import type { Statement } from './in-one-batch.ts'
import { type KeyVersion, rebuildOutdated } from './rebuild-snapshots.ts'
import { providerAccount, providerKey } from './schema/providers.ts'
import { violates } from './violates.ts'

/** What was written: the keys whose snapshots the change is in, to be pushed. `stale`: read again; nothing was written. */
export type AccountSaved = { kind: 'saved'; keys: KeyVersion[] } | { kind: 'stale' }

// As in save-key.ts, a stale writer's NULL takes back the whole batch.
function writeAccount(db: ConfigDb, account: AccountRow): Statement {
  const { tenantId: _, name: __, ...rest } = account
  const isCurrent = sql`${providerAccount.version} = ${account.version - 1}`
  return db
    .insert(providerAccount)
    .values(account)
    .onConflictDoUpdate({
      target: [providerAccount.tenantId, providerAccount.name],
      set: { ...rest, version: sql`CASE WHEN ${isCurrent} THEN ${account.version} END` },
    })
}

function writeKeys(db: ConfigDb, { tenantId, name }: AccountPath, keys: ProviderKeyRow[]): Statement[] {
  const ofAccount = and(eq(providerKey.tenantId, tenantId), eq(providerKey.account, name))
  return [db.delete(providerKey).where(ofAccount), ...keys.map(key => db.insert(providerKey).values(key))]
}

// Those that may use it, by name, or because they may use all: the account is in no other's snapshot.
function touchKeys({ tenantId, name }: AccountPath): SQL {
  const isGranted = sql`EXISTS (SELECT 1 FROM json_each(provider_configs) AS config
    WHERE lower(config.value ->> 'provider') = ${name})`
  const mayUseAll = sql`(provider_configs = '[]' AND EXISTS (SELECT 1 FROM tenant
    WHERE id = ${tenantId} AND settings ->> 'governance_compat' = '1.4'))`
  return sql`UPDATE virtual_key SET version = version + 1
    WHERE tenant_id = ${tenantId} AND deleted_ms IS NULL AND (${isGranted} OR ${mayUseAll})`
}

/** An account as it is to be, and what the audit trail says of that. */
export type AccountChange = AccountRecord & { audit: AuditRow }

/**
 * Writes an account with its keys, in a version one above that it was read in, and the snapshots of all virtual keys that
 * may use it, in one transaction or not at all.
 */
export async function saveAccount(db: ConfigDb, { account, keys, audit }: AccountChange): Promise<AccountSaved> {
  const before = [writeAccount(db, account), ...writeKeys(db, account, keys), touchKeys(account)]
  try {
    const results = await auditedBatch(db, audit, [...before, rebuildOutdated(account.tenantId)])
    return { kind: 'saved', keys: (results.at(-1) ?? []) as KeyVersion[] }
  } catch (thrown) {
    if (violates(thrown, 'provider_account.version')) return { kind: 'stale' }
    throw thrown
  }
}

/** How many live accounts a tenant has beside this one, and how long what snapshots hold of them is, in characters. */
export async function countAccounts(db: ConfigDb, path: AccountPath): Promise<{ accounts: number; chars: number }> {
  const isOther = sql`tenant_id = ${path.tenantId}`
  const row = await db.get<{ accounts: number; chars: number }>(sql`SELECT
    (SELECT count(*) FROM provider_account WHERE ${isOther} AND deleted_ms IS NULL AND name <> ${path.name}) AS accounts,
    (SELECT coalesce(sum(length(sealed) + length(models) + length(blacklisted_models) + length(settings) + 200), 0)
      FROM provider_key WHERE ${isOther} AND account <> ${path.name}) AS chars`)
  return row ?? { accounts: 0, chars: 0 }
}

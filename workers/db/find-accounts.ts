import { and, asc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { AccountPath, AccountRecord } from './account-record.ts'
import type { ConfigDb } from './database.ts'
import { providerAccount, providerKey } from './schema/providers.ts'

const KEY_ORDER = [asc(providerKey.createdMs), asc(providerKey.name)]

/** A tenant's account as it stands, in one reading; one that was deleted too. `undefined`: it never was. */
export async function findAccount(db: ConfigDb, { tenantId, name }: AccountPath): Promise<AccountRecord | undefined> {
  const [accounts, keys] = await db.batch([
    db
      .select()
      .from(providerAccount)
      .where(and(eq(providerAccount.tenantId, tenantId), eq(providerAccount.name, name))),
    db
      .select()
      .from(providerKey)
      .where(and(eq(providerKey.tenantId, tenantId), eq(providerKey.account, name)))
      .orderBy(...KEY_ORDER),
  ])
  return accounts[0] && { account: accounts[0], keys }
}

/** All live accounts of a tenant by their names, in one reading. */
export async function listAccounts(db: ConfigDb, tenantId: TenantId): Promise<AccountRecord[]> {
  const isLive = and(eq(providerAccount.tenantId, tenantId), isNull(providerAccount.deletedMs))
  const [accounts, keys] = await db.batch([
    db.select().from(providerAccount).where(isLive).orderBy(asc(providerAccount.name)),
    db
      .select()
      .from(providerKey)
      .where(eq(providerKey.tenantId, tenantId))
      .orderBy(...KEY_ORDER),
  ])
  const byAccount = Map.groupBy(keys, key => key.account)
  return accounts.map(account => ({ account, keys: byAccount.get(account.name) ?? [] }))
}

import { and, asc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ProviderKeyRow } from './account-record.ts'
import type { Database } from './database.ts'
import { providerAccount, providerKey } from './schema/providers.ts'

/** What may be shown of a key where it is named. */
export type NamedKey = Pick<ProviderKeyRow, 'id' | 'account' | 'name' | 'models'>

/** The accounts of a tenant and their keys, by their names and without anything secret. */
export type NamedAccounts = { names: string[]; keys: NamedKey[] }

/** Reads them, in one reading. */
export async function findNamedAccounts(db: Database, tenantId: TenantId): Promise<NamedAccounts> {
  const isLive = and(eq(providerAccount.tenantId, tenantId), isNull(providerAccount.deletedMs))
  const { id, account, name, models } = providerKey
  const [accounts, keys] = await db.batch([
    db.select({ name: providerAccount.name }).from(providerAccount).where(isLive).orderBy(asc(providerAccount.name)),
    db
      .select({ id, account, name, models })
      .from(providerKey)
      .where(eq(providerKey.tenantId, tenantId))
      .orderBy(asc(providerKey.createdMs), asc(providerKey.name)),
  ])
  return { names: accounts.map(row => row.name), keys }
}

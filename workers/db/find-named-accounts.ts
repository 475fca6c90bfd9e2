import { and, asc, eq, isNull } from 'drizzle-orm'
import type { TenantId } from '../core/access/tenant-id.ts'
import type { ProviderKeyRow } from './account-record.ts'
import type { ConfigDb } from './database.ts'
import { mcpClient } from './schema/mcp.ts'
import { providerAccount, providerKey } from './schema/providers.ts'

/** What may be shown of a key where it is named. */
export type NamedKey = Pick<ProviderKeyRow, 'id' | 'account' | 'name' | 'models'>

/** An MCP server where it is named. */
export type NamedMcpClient = { id: string; name: string }

/** The accounts of a tenant and their keys, and its MCP servers, by their names and without anything secret. */
export type NamedAccounts = { names: string[]; keys: NamedKey[]; mcpClients: NamedMcpClient[] }

/** Reads them, in one reading. */
export async function findNamedAccounts(db: ConfigDb, tenantId: TenantId): Promise<NamedAccounts> {
  const isLive = and(eq(providerAccount.tenantId, tenantId), isNull(providerAccount.deletedMs))
  const { id, account, name, models } = providerKey
  const [accounts, keys, mcpClients] = await db.batch([
    db.select({ name: providerAccount.name }).from(providerAccount).where(isLive).orderBy(asc(providerAccount.name)),
    db
      .select({ id, account, name, models })
      .from(providerKey)
      .where(eq(providerKey.tenantId, tenantId))
      .orderBy(asc(providerKey.createdMs), asc(providerKey.name)),
    db.select({ id: mcpClient.id, name: mcpClient.name }).from(mcpClient).where(eq(mcpClient.tenantId, tenantId)),
  ])
  return { names: accounts.map(row => row.name), keys, mcpClients }
}

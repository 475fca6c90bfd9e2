import type { TenantId } from '../../core/access/tenant-id.ts'
import { findNamedAccounts, type NamedAccounts } from '../../db/find-named-accounts.ts'
import type { ControlPorts } from '../ports.ts'

/** The providers that a tenant can use, the keys of its own accounts, and its MCP servers. */
export type KnownProviders = NamedAccounts

/** The tenant's accounts, and the deployment's providers that none of them takes the place of. */
export async function readProviders(tenantId: TenantId, ports: ControlPorts): Promise<KnownProviders> {
  const { names, ...named } = await findNamedAccounts(ports.db, tenantId)
  const shared = ports.providers().filter(name => !names.includes(name.toLowerCase()))
  return { names: [...shared, ...names], ...named }
}

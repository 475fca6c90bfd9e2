import type { TenantId } from '../../core/access/tenant-id.ts'
import { findNamedAccounts, type NamedKey } from '../../db/find-named-accounts.ts'
import type { ControlPorts } from '../ports.ts'

/** The providers that a tenant can use, and the keys of its own accounts. */
export type KnownProviders = { names: string[]; keys: NamedKey[] }

/** The tenant's accounts, and the deployment's providers that none of them takes the place of. */
export async function readProviders(tenantId: TenantId, ports: ControlPorts): Promise<KnownProviders> {
  const { names, keys } = await findNamedAccounts(ports.db, tenantId)
  const shared = ports.providers().filter(name => !names.includes(name.toLowerCase()))
  return { names: [...shared, ...names], keys }
}

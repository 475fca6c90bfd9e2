import type { TenantId } from '../../core/access/tenant-id.ts'
import { findAccountVendors } from '../../db/find-account-vendors.ts'
import type { ControlPorts } from '../ports.ts'

/** Vendors whose source has another name than they. */
const SOURCE: ReadonlyMap<string, string> = new Map([
  ['azure', 'azure_openai'],
  ['openai', 'openai_api'],
  ['anthropic', 'anthropic_api'],
])

/** What a tenant's providers are sources of cost as: an account is of its vendor, whatever its name. */
export type Sources = {
  sourceOf(provider: string): string
  /** The providers that a source is: all of a vendor's accounts, or the one provider of this name. */
  providersOf(source: string): string[]
}

/** Reads which accounts a tenant has or had. */
export async function readSources(tenantId: TenantId, ports: ControlPorts): Promise<Sources> {
  const vendors = await findAccountVendors(ports.db, tenantId)
  const sourceOf = (provider: string) => {
    const vendor = vendors.get(provider) ?? provider
    return SOURCE.get(vendor) ?? vendor
  }
  const shared = [...ports.providers(), ...ports.vendors()]
  const providersOf = (source: string) => {
    const known = new Set([...vendors.keys(), ...shared, source])
    return [...known].filter(provider => provider === source || sourceOf(provider) === source)
  }
  return { sourceOf, providersOf }
}

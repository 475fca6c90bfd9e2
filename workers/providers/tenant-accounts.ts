import type { AccountSecret } from '../core/key/account-secret.ts'
import type { SealOwner } from '../core/key/seal.ts'
import type { DeclaredPrices } from '../core/pricing/declared-prices.ts'
import type { AccountKey, KeySnapshot, ProviderAccount } from '../core/snapshot.ts'
import { type Fetch, httpProvider } from './http/http-provider.ts'
import type { Access, Provider, ProviderKey } from './port.ts'
import { VENDORS, type Vendor } from './vendors.ts'

/** What the accounts of tenants are opened with. */
export type AccountPorts = {
  fetch: Fetch
  /** The secret of a key, as it is sent. Throws `provider_key_unusable`. */
  openSecret(sealed: string, owner: SealOwner): Promise<AccountSecret>
  /** The deployment's own providers, for tenants that may use them. */
  shared: ReadonlyMap<string, Provider>
  /** The prices of this deployment's own models. */
  declared: DeclaredPrices
}

/** A key where it is used: whose it is, in which account, at which vendor. */
type Place = { tenantId: string; account: ProviderAccount; vendor: Vendor }

// An endpoint of the key's own goes before that of its account.
async function open(key: AccountKey, { tenantId, account, vendor }: Place, ports: AccountPorts): Promise<Access> {
  const { secret, settings } = await ports.openSecret(key.sealed, { tenantId, keyId: key.id })
  const { baseUrl = account.baseUrl ?? vendor.baseUrl, ...rest } = key.settings
  return { baseUrl: baseUrl.replace(/\/+$/, ''), secret, settings: { ...regionOf(account), ...rest, ...settings } }
}

function regionOf({ region }: ProviderAccount): Record<string, string> {
  return region === null ? {} : { region }
}

function providerKey(key: AccountKey, place: Place, ports: AccountPorts): ProviderKey {
  const { id, name, weight, models, blacklistedModels } = key
  return { id, name, weight, models, blacklistedModels, open: () => open(key, place, ports) }
}

// Where a vendor tells by their settings where its keys work, that is so: what the account says of itself cannot change it, and
// where they do not come to the same nothing is promised. Elsewhere the account's word is taken.
function placeOf(account: ProviderAccount, vendor: Vendor): Pick<Provider, 'region' | 'residency'> {
  const places = account.keys.map(key => vendor.place?.({ ...regionOf(account), ...key.settings }) ?? {})
  const [first] = places
  const isOne = places.every(place => place.region === first?.region && place.residency === first?.residency)
  if (places.some(({ region }) => region !== undefined)) return (isOne && first) || {}
  const { region, residency } = account
  return { ...(region !== null && { region }), ...(residency !== null && { residency }) }
}

// A vendor that this deployment no longer knows is none that could be called.
function provider(account: ProviderAccount, tenantId: string, ports: AccountPorts): Provider | undefined {
  const vendor = VENDORS.find(({ name }) => name === account.vendor)
  if (!vendor) return undefined
  const { name, patience } = account
  const keys = account.keys.map(key => providerKey(key, { tenantId, account, vendor }, ports))
  const facts = { name, ...placeOf(account, vendor), ...(patience && { patience }) }
  const { fetch, declared } = ports
  return httpProvider({ ...facts, vendor, keys, fetch, declared })
}

/** A snapshot of a key, or what it has of its tenant. */
type Owner = Pick<KeySnapshot, 'tenantId' | 'accounts'>

/**
 * The providers that a key can be routed to: the deployment's, and in their place its tenant's accounts of the same names,
 * even those that have no key or cannot be called. Made once for each snapshot.
 */
export function tenantProviders(ports: AccountPorts): (owner: Owner) => ReadonlyMap<string, Provider> {
  const known = new WeakMap<Owner, ReadonlyMap<string, Provider>>()
  const make = ({ accounts, tenantId }: Owner): ReadonlyMap<string, Provider> => {
    if (!accounts || accounts.length === 0) return ports.shared
    const all = new Map(ports.shared)
    for (const account of accounts) {
      const own = provider(account, tenantId, ports)
      if (own) all.set(account.name, own)
      else all.delete(account.name)
    }
    return all
  }
  return owner => {
    const providers = known.get(owner) ?? make(owner)
    known.set(owner, providers)
    return providers
  }
}

import { type Fetch, httpProvider, ownKey } from './http/http-provider.ts'
import { mockProvider } from './mock/mock-provider.ts'
import { ownAccount, type Variables } from './own-account.ts'
import type { Provider } from './port.ts'
import { VENDORS, type Vendor } from './vendors.ts'

/** Whether the built-in mock may be called, and the secrets and settings that vendors name. */
export type ProviderSettings = { mock: boolean; secrets: Variables }

function configured(vendor: Vendor, { secrets }: ProviderSettings, fetch: Fetch): Provider[] {
  const account = ownAccount(vendor, secrets)
  if (!account) return []
  const baseUrl = secrets[vendor.baseUrlVar]?.trim() || vendor.baseUrl
  if (!baseUrl) return []
  const keys = [ownKey({ baseUrl, ...account })]
  return [httpProvider({ name: vendor.name, vendor, keys, fetch, ...vendor.place?.(account.settings) })]
}

/** The providers that can be called, by name: each vendor whose key is set, and the mock where it is on. */
export function configuredProviders(settings: ProviderSettings, fetch: Fetch): Map<string, Provider> {
  const vendors = VENDORS.flatMap(vendor => configured(vendor, settings, fetch))
  const mock = settings.mock ? [mockProvider()] : []
  return new Map([...vendors, ...mock].map(provider => [provider.name, provider]))
}

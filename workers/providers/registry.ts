import { type Fetch, httpProvider, ownKey } from './http/http-provider.ts'
import { mockProvider } from './mock/mock-provider.ts'
import type { AccessSettings, Provider } from './port.ts'
import { VENDORS, type Vendor } from './vendors.ts'

/** Whether the built-in mock may be called, and the secrets and settings that vendors name. */
export type ProviderSettings = { mock: boolean; secrets: Record<string, string | undefined> }

function settingsOf({ settingVars = {} }: Vendor, { secrets }: ProviderSettings): AccessSettings {
  const named = Object.entries(settingVars).map(([name, variable]) => [name, secrets[variable]?.trim()] as const)
  return Object.fromEntries(named.filter((pair): pair is [string, string] => Boolean(pair[1])))
}

function configured(vendor: Vendor, settings: ProviderSettings, fetch: Fetch): Provider[] {
  const { secrets } = settings
  // Trimmed, since a secret piped in from a file ends in a newline, which no header may hold.
  const secret = secrets[vendor.keyVar]?.trim()
  const baseUrl = secrets[vendor.baseUrlVar]?.trim() || vendor.baseUrl
  if (!secret) return []
  const keys = [ownKey({ baseUrl, secret, settings: settingsOf(vendor, settings) })]
  return [httpProvider({ name: vendor.name, vendor, keys, fetch })]
}

/** The providers that can be called, by name: each vendor whose key is set, and the mock where it is on. */
export function configuredProviders(settings: ProviderSettings, fetch: Fetch): Map<string, Provider> {
  const vendors = VENDORS.flatMap(vendor => configured(vendor, settings, fetch))
  const mock = settings.mock ? [mockProvider()] : []
  return new Map([...vendors, ...mock].map(provider => [provider.name, provider]))
}

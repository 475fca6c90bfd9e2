import { type Fetch, httpProvider } from './http/http-provider.ts'
import { mockProvider } from './mock/mock-provider.ts'
import type { Provider } from './port.ts'
import { VENDORS, type Vendor } from './vendors.ts'

/** Whether the built-in mock may be called, and the secrets and settings that vendors name. */
export type ProviderSettings = { mock: boolean; secrets: Record<string, string | undefined> }

function configured(vendor: Vendor, { secrets }: ProviderSettings, fetch: Fetch): Provider[] {
  // Trimmed, since a secret piped in from a file ends in a newline, which no header may hold.
  const apiKey = secrets[vendor.keyVar]?.trim()
  const baseUrl = secrets[vendor.baseUrlVar]?.trim() || vendor.baseUrl
  return apiKey ? [httpProvider(vendor, { apiKey, baseUrl, fetch })] : []
}

/** The providers that can be called, by name: each vendor whose key is set, and the mock where it is on. */
export function configuredProviders(settings: ProviderSettings, fetch: Fetch): Map<string, Provider> {
  const vendors = VENDORS.flatMap(vendor => configured(vendor, settings, fetch))
  const mock = settings.mock ? [mockProvider()] : []
  return new Map([...vendors, ...mock].map(provider => [provider.name, provider]))
}

import type { DeclaredPrices } from '../core/pricing/declared-prices.ts'
import { type Fetch, httpProvider, ownKey } from './http/http-provider.ts'
import { mockProvider } from './mock/mock-provider.ts'
import { ownAccount, type Variables } from './own-account.ts'
import type { Provider } from './port.ts'
import { VENDORS, type Vendor } from './vendors.ts'
import { type WorkersAi, workersAiProvider } from './workers-ai/binding-provider.ts'

/**
 * Whether the built-in mock may be called, the secrets and settings that vendors name, the prices of the deployment's own
 * models, and the binding of Workers AI, where it has one.
 */
export type ProviderSettings = {
  mock: boolean
  secrets: Variables
  declared?: DeclaredPrices
  workersAi?: WorkersAi
}

function configured(vendor: Vendor, { secrets, declared }: ProviderSettings, fetch: Fetch): Provider[] {
  const account = ownAccount(vendor, secrets)
  if (!account) return []
  const place = vendor.place?.(account.settings)
  const keys = [ownKey(account)]
  return [httpProvider({ name: vendor.name, vendor, keys, fetch, ...place, ...(declared && { declared }) })]
}

/** The providers that can be called, by name: each vendor whose needs are set, those that are bound, and the mock where it is on. */
export function configuredProviders(settings: ProviderSettings, fetch: Fetch): Map<string, Provider> {
  const vendors = VENDORS.flatMap(vendor => configured(vendor, settings, fetch))
  const bound = settings.workersAi ? [workersAiProvider(settings.workersAi)] : []
  const mock = settings.mock ? [mockProvider()] : []
  // The last of a name holds: what is bound takes the place of its vendor over HTTP.
  return new Map([...vendors, ...bound, ...mock].map(provider => [provider.name, provider]))
}

import type { DeclaredPrices } from '../core/pricing/declared-prices.ts'
import { type Fetch, httpProvider, ownKey } from './http/http-provider.ts'
import { mockProvider } from './mock/mock-provider.ts'
import type { AccessSettings, Provider } from './port.ts'
import { VENDORS, type Vendor } from './vendors.ts'
import { type WorkersAi, workersAiProvider } from './workers-ai/binding-provider.ts'

/**
 * Whether the built-in mock may be called, the secrets and settings that vendors name, the prices of the deployment's own
 * models, and the binding of Workers AI, where it has one.
 */
export type ProviderSettings = {
  mock: boolean
  secrets: Record<string, string | undefined>
  declared?: DeclaredPrices
  workersAi?: WorkersAi
}

function settingsOf({ settingVars = {} }: Vendor, { secrets }: ProviderSettings): AccessSettings {
  const named = Object.entries(settingVars).map(([name, variable]) => [name, secrets[variable]?.trim()] as const)
  return Object.fromEntries(named.filter((pair): pair is [string, string] => Boolean(pair[1])))
}

function configured(vendor: Vendor, from: ProviderSettings, fetch: Fetch): Provider[] {
  const { secrets, declared } = from
  // Trimmed, since a secret piped in from a file ends in a newline, which no header may hold.
  const secret = secrets[vendor.keyVar]?.trim() ?? ''
  const baseUrl = secrets[vendor.baseUrlVar]?.trim() || vendor.baseUrl
  const settings = settingsOf(vendor, from)
  const given: Record<string, string | undefined> = { ...settings, key: secret, baseUrl }
  if (!(vendor.needs ?? ['key']).every(need => given[need])) return []
  const [region, residency] = [vendor.region?.(settings), vendor.residency?.(settings)]
  const place = { ...(region !== undefined && { region }), ...(residency !== undefined && { residency }) }
  const keys = [ownKey({ baseUrl, secret, settings })]
  return [httpProvider({ name: vendor.name, ...place, vendor, keys, fetch, ...(declared && { declared }) })]
}

/** The providers that can be called, by name: each vendor whose needs are set, those that are bound, and the mock where it is on. */
export function configuredProviders(settings: ProviderSettings, fetch: Fetch): Map<string, Provider> {
  const vendors = VENDORS.flatMap(vendor => configured(vendor, settings, fetch))
  const bound = settings.workersAi ? [workersAiProvider(settings.workersAi)] : []
  const mock = settings.mock ? [mockProvider()] : []
  // The last of a name holds: what is bound takes the place of its vendor over HTTP.
  return new Map([...vendors, ...bound, ...mock].map(provider => [provider.name, provider]))
}

import type { TenantSettings } from './access/tenant-settings.ts'
import type { McpClient } from './mcp/mcp-client.ts'
import type { PriceOverride } from './pricing/price-override.ts'
import type { TenantPricebook } from './pricing/tenant-pricebook.ts'
import type { Limit } from './quota/limit.ts'
import type { KeyRouting } from './rules/routing-rule.ts'

/** One provider a key may use. Names compare case-insensitively; `['*']` allows all, `[]` none. */
export type ProviderGrant = {
  provider: string
  weight: number | null
  allowedModels: string[]
  blacklistedModels: string[]
  /** The provider's keys that may be used, by id. Absent, or with `*` in it: all. */
  keyIds?: string[]
}

/** One key of a tenant's account at a provider. */
export type AccountKey = {
  id: string
  name: string
  weight: number
  models: string[]
  blacklistedModels: string[]
  /** The secret under the deployment's own (see `seal.ts`), or `env.NAME` of a variable of the deployment. */
  sealed: string
  settings: Record<string, string>
}

/** How long a provider is waited for, in milliseconds: until a stream's first token, until a whole answer, and between chunks. */
export type Patience = { firstTokenMs: number | null; answerMs: number | null; idleMs: number | null }

/** A tenant's own account at a provider, which takes the place of the deployment's of the same name. */
export type ProviderAccount = {
  /** As callers write it before the slash of a model name, in lower case. */
  name: string
  /** The vendor whose wire it speaks and at whose prices it sells. */
  vendor: string
  /** `null`: the vendor's own. */
  baseUrl: string | null
  region: string | null
  residency: string | null
  keys: AccountKey[]
  patience?: Patience
}

/**
 * How a key's requests are held and settled. `strict`: a hold is the most a request can cost; `expected`: it is an estimate
 * (with `expectedOutputTokens` of output, where set), and a stream asks for more as it goes on. `drain`: a stream whose
 * client has left is read on for a while; `durable`: it is read to its end.
 */
export type KeyHandling = {
  admission: 'strict' | 'expected'
  expectedOutputTokens: number | null
  settlement: 'drain' | 'durable'
}

/** How a key without settings of its own is handled. */
export const DEFAULT_HANDLING: KeyHandling = { admission: 'strict', expectedOutputTokens: null, settlement: 'drain' }

/** By what a provider is chosen where several have the model: the grants' weights, price, latency, or requests in flight. */
export type Balance = 'weight' | 'price' | 'latency' | 'least_busy'

/**
 * What is done where a provider fails or is slow. Times in milliseconds, `null` where nothing is said. `deadlineMs`: no attempt
 * begins later than this after the first. `hedgeAfterMs`: when a second attempt is sent beside one that is silent.
 * `fallbacks`: `provider/model` in the order to be tried.
 */
export type Reliability = Patience & {
  maxRetries: number
  deadlineMs: number | null
  hedgeAfterMs: number | null
  balance: Balance | null
  fallbacks: string[]
}

/** How a key without settings of its own is served: one attempt, as long as it takes. Clients retry by themselves. */
export const DEFAULT_RELIABILITY: Reliability = {
  firstTokenMs: null,
  answerMs: null,
  idleMs: null,
  maxRetries: 0,
  deadlineMs: null,
  hedgeAfterMs: null,
  balance: null,
  fallbacks: [],
}

/** How many meters a key has: one, or one per continent, each times `shards`. */
export type KeyMeters = { regions: 'one' | 'per_continent'; shards: number }

/** All the data plane needs to know of a virtual key. Built by the control plane, held by the key's meter. */
export type KeySnapshot = {
  /** Grows by one with every change of anything in the snapshot. */
  version: number
  tenantId: string
  keyId: string
  name: string
  /** Base64url SHA-256 of the key's text: the secret of a rotated key no longer matches. */
  keyHash: string
  /** Neither is the key switched off nor its tenant suspended. */
  isActive: boolean
  isDeleted: boolean
  expiresMs: number | null
  teamId: string | null
  /** The key's own customer, or its team's. */
  customerId: string | null
  providers: ProviderGrant[]
  /** The tenant's own accounts that the key may use; what is not named here is the deployment's. */
  accounts?: ProviderAccount[]
  /** What models cost the tenant, where that is not as the price lists have it: all that can be of this key. */
  priceOverrides?: PriceOverride[]
  /** The versions of the tenant's pricebook that are in force, will be, or were a short while ago. Absent: none. */
  pricebook?: TenantPricebook[]
  /** The key has no provider config, in a tenant where it may therefore use all. Absent: what `providers` says. */
  allowsAnyProvider?: boolean
  /** What the tenant says of all its keys. Absent: nothing. */
  tenantSettings?: TenantSettings
  /** Absent: `DEFAULT_HANDLING`. */
  handling?: KeyHandling
  /** Absent: `DEFAULT_RELIABILITY`. */
  reliability?: Reliability
  /** Absent: no rule can apply to the key. */
  routing?: KeyRouting
  /** All MCP servers of the tenant, with what the key may use of them. Absent: there are none. */
  mcp?: McpClient[]
  /**
   * Absent: one meter, which owns the key's own limits. Where it is present, even as one meter again, they are owned by
   * budget objects and leased, so that nothing that was spent is forgotten when the number of meters changes.
   */
  meters?: KeyMeters
  /**
   * Every limit that a request of this key can fall under, its own first. The key's own are counted by its meter; those of
   * other scopes by their budget objects, which alone know the maximum that holds: here it may be out of date.
   */
  limits: Limit[]
}

/** All that a scope's budget object needs to know. Built by the control plane. */
export type ScopeSnapshot = {
  /** Grows by one with every change of the scope's limits. */
  version: number
  tenantId: string
  scope: string
  limits: Limit[]
}

import type { Jurisdiction } from '../../core/key/key-text.ts'
import { isPricedFor, type PricedModel, type PriceList, priceAt, type UnitCounts } from '../../core/pricing/index.ts'
import type { KeySnapshot, ProviderGrant } from '../../core/snapshot.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { type FormatName, isChatFormat } from '../../formats/format-name.ts'
import { untranslatable } from '../../formats/untranslatable.ts'
import { DEPLOYMENT_KEY, type Endpoint, type Provider, type ProviderKey } from '../../providers/port.ts'
import { pricedFor } from '../priced-for.ts'
import { type Area, checkResidency, residencyRefusal } from '../residency.ts'
import { chooseKeys } from './choose-keys.ts'
import { type Target, unknownModel } from './find-targets.ts'
import { hasName } from './has-name.ts'
import { isNamed, type NamedKey } from './named-key.ts'

/** Where a request goes, and what it costs there. */
export type Route = {
  provider: Provider
  model: string
  /** What is spoken there: the caller's format where the provider knows it. */
  format: FormatName
  endpoint: Endpoint
  /** What opens the provider, and all that may: the chosen one is among them. */
  key: ProviderKey
  keys: readonly ProviderKey[]
  priced: PricedModel
  prices: PriceList
}

/** The one key that may open a model of a provider, where a rule says so. */
export type Pin = { provider: string; model: string; keyId: string }

/** By what a route is made. `avoid`: ids of keys that are taken only where there is no other. */
export type RouteRule = {
  format: FormatName
  snapshot: KeySnapshot
  nowMs: number
  /** The service tier that is asked for, and what can be billed beside tokens. */
  serviceTier?: string | undefined
  units?: UnitCounts | undefined
  /** What the request names that a vendor keeps, where tenants must not reach it in an account that they share. */
  reference?: string | undefined
  /** The area that the request is to be kept in, and the one that this deployment keeps to. */
  residency?: { wanted: Area | undefined; jurisdiction: Jurisdiction }
  /** From 0 to 1. */
  random(): number
  avoid?: readonly string[]
  /** The one key that a rule lets a model of a provider be opened with; it is allowed no more by that. */
  pin?: Pin | undefined
  /** What the request says of the keys that may open any provider. */
  named?: NamedKey | undefined
}

/** What a key was granted of a provider. */
export function grantFor(snapshot: KeySnapshot, provider: string): ProviderGrant | undefined {
  if (snapshot.allowsAnyProvider) return { provider, weight: null, allowedModels: ['*'], blacklistedModels: [] }
  return snapshot.providers.find(grant => grant.provider.toLowerCase() === provider)
}

function allows(grant: ProviderGrant, model: string): boolean {
  return hasName(grant.allowedModels, model) && !hasName(grant.blacklistedModels, model)
}

/** Whether a key may use a model of a provider, by its lists; deny by default. */
export function mayUse(snapshot: KeySnapshot, provider: string, model: string): boolean {
  const grant = grantFor(snapshot, provider)
  return grant !== undefined && allows(grant, model)
}

function assertAllowed(snapshot: KeySnapshot, { provider, model }: Target): ProviderGrant {
  const grant = grantFor(snapshot, provider.name)
  if (!grant)
    throw new GatewayError('provider_blocked', `Provider '${provider.name}' is not allowed for this virtual key.`)
  if (!allows(grant, model)) {
    throw new GatewayError('model_blocked', `Model '${model}' is not allowed for this virtual key.`, { param: 'model' })
  }
  return grant
}

function keysOf({ provider, model }: Target, rule: RouteRule): Pick<Route, 'key' | 'keys'> {
  const grant = assertAllowed(rule.snapshot, { provider, model })
  const chosen = chooseKeys(provider, { grant, model, random: rule.random() })
  const { pin } = rule
  const isPinned = pin?.provider === provider.name && pin.model === model
  const pinned = isPinned ? chosen.filter(({ id }) => id === pin.keyId) : chosen
  const keys = pinned.filter(one => isNamed(one, rule.named))
  const key = keys.find(({ id }) => !rule.avoid?.includes(id)) ?? keys[0]
  if (key) return { key, keys }
  if (provider.keys.length === 0) {
    throw new GatewayError('provider_key_unusable', `Provider '${provider.name}' has no key that is enabled.`)
  }
  const which = rule.named ? ` that ${rule.named.header} names` : ''
  const detail = `No key of provider '${provider.name}'${which} may be used by this virtual key for model '${model}'.`
  throw new GatewayError('provider_blocked', detail, { param: 'model' })
}

function unknownPrice(what: string, param: string): GatewayError {
  return new GatewayError('price_unknown', `${what}, so it is refused rather than passed for nothing.`, { param })
}

// A provider with a tariff of its own may well have the model; nobody has said what it costs.
function unknownAt({ provider, model }: Target): GatewayError {
  const name = `${provider.name}/${model}`
  return provider.tariff ? unknownPrice(`No complete price is known for '${name}'`, 'model') : unknownModel(name)
}

// What usage does not count would go uncharged.
function priceOf(priced: PricedModel, name: string, { nowMs, serviceTier, units }: RouteRule): PriceList {
  const isWhole = priced.unmetered.length === 0 && priceAt(priced, nowMs) !== undefined
  if (!isWhole) throw unknownPrice(`No complete price is known for '${name}'`, 'model')
  const prices = priceAt(priced, nowMs, serviceTier)
  if (!prices) throw unknownPrice(`No price of '${name}' is known for the tier "${serviceTier}"`, 'service_tier')
  if (isPricedFor(prices, units)) return prices
  const asked = isPricedFor(prices) ? 'tools' : 'model'
  throw unknownPrice(`No price is known for all that is asked of '${name}'`, asked)
}

// Bytes pass through where the provider speaks the caller's format; elsewhere they are translated into its own.
function endpointOf(provider: Provider, asked: FormatName): { format: FormatName; endpoint: Endpoint } {
  const same = provider.endpoints.get(asked)
  if (same) return { format: asked, endpoint: same }
  const own = isChatFormat(asked) ? [...provider.endpoints].find(([format]) => isChatFormat(format)) : undefined
  if (!own) throw untranslatable('model', `provider '${provider.name}' is not known to do this`)
  return { format: own[0], endpoint: own[1] }
}

function assertResident({ provider }: Target, { residency }: RouteRule): void {
  const check = residency ? checkResidency({ ...residency, provider }) : { ok: true as const }
  if (!check.ok) throw residencyRefusal(check.detail)
}

// Anyone who knew, or guessed, an id of another tenant's would be shown it.
function assertOwn({ provider }: Target, { id }: ProviderKey, { reference }: RouteRule): void {
  if (reference === undefined || id !== DEPLOYMENT_KEY) return
  const detail = `'${reference}' names something that provider '${provider.name}' keeps, in an account which the tenants of this deployment share.`
  throw new GatewayError('reference_refused', detail, { param: reference })
}

/**
 * The route to a target. Throws where the key may not use it, where it is not in the area that is wanted, where the provider does not have it, and where its price is not
 * known: what cannot be priced is refused, never free.
 */
export function routeTo(target: Target, rule: RouteRule): Route {
  const { provider, model } = target
  const keys = keysOf(target, rule)
  assertResident(target, rule)
  assertOwn(target, keys.key, rule)
  const priced = pricedFor(target, keys.key, rule)
  if (!priced) throw unknownAt(target)
  const prices = priceOf(priced, `${provider.name}/${model}`, rule)
  return { ...target, ...endpointOf(provider, rule.format), ...keys, priced, prices }
}

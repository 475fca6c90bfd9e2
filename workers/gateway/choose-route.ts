import { findModel, type PricedModel, type PriceList, priceAt } from '../core/pricing/index.ts'
import type { KeySnapshot, ProviderGrant } from '../core/snapshot.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import type { FormatName } from '../formats/format-name.ts'
import type { Endpoint, Provider, ProviderKey } from '../providers/port.ts'
import { chooseKeys } from './choose-key.ts'
import { hasName } from './has-name.ts'

/** Where a request goes, and what it costs there. */
export type Route = {
  provider: Provider
  model: string
  /** What is spoken there: the caller's format where the provider knows it. */
  format: FormatName
  endpoint: Endpoint
  /** What opens the provider. */
  key: ProviderKey
  priced: PricedModel
  prices: PriceList
}

/** What a route is chosen from. */
export type RouteChoice = {
  requested: string
  format: FormatName
  snapshot: KeySnapshot
  providers: ReadonlyMap<string, Provider>
  nowMs: number
  /** From 0 to 1. */
  random(): number
}

type Named = { provider: Provider; model: string }

function grantFor(snapshot: KeySnapshot, provider: string): ProviderGrant | undefined {
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

function splitPrefix(choice: RouteChoice): Named | undefined {
  const slash = choice.requested.indexOf('/')
  const provider = slash > 0 ? choice.providers.get(choice.requested.slice(0, slash).toLowerCase()) : undefined
  return provider && { provider, model: choice.requested.slice(slash + 1) }
}

// A bare name is looked for in every provider: first among what the key may use, so that one it may not use is no rival.
function findBare(choice: RouteChoice): Named {
  const model = choice.requested
  const having = [...choice.providers.values()].filter(provider => findModel(provider.pricebook, model))
  const usable = having.filter(provider => mayUse(choice.snapshot, provider.name, model))
  const found = usable.length > 0 ? usable : having
  const [only, ...others] = found
  if (!only) throw unknownModel(model)
  if (others.length > 0 && usable.length > 0) {
    const names = found.map(provider => `${provider.name}/${model}`).join(', ')
    throw new GatewayError('model_ambiguous', `More than one provider has '${model}'. Use one of: ${names}.`, {
      param: 'model',
    })
  }
  return { provider: only, model }
}

function unknownModel(model: string): GatewayError {
  const detail = `The model '${model}' does not exist at any provider this deployment has a price for. GET /v1/models lists those this key may use.`
  return new GatewayError('model_not_found', detail, { param: 'model' })
}

function assertAllowed(snapshot: KeySnapshot, { provider, model }: Named): ProviderGrant {
  const grant = grantFor(snapshot, provider.name)
  if (!grant)
    throw new GatewayError('provider_blocked', `Provider '${provider.name}' is not allowed for this virtual key.`)
  if (!allows(grant, model)) {
    throw new GatewayError('model_blocked', `Model '${model}' is not allowed for this virtual key.`, { param: 'model' })
  }
  return grant
}

function keyOf({ provider, model }: Named, grant: ProviderGrant, choice: RouteChoice): ProviderKey {
  const [key] = chooseKeys(provider, { grant, model, random: choice.random() })
  if (key) return key
  const detail = `No key of provider '${provider.name}' may be used by this virtual key for model '${model}'.`
  throw new GatewayError('provider_blocked', detail, { param: 'model' })
}

// Searches are asked for by an option that is refused; everything else that usage does not count would go uncharged.
function isBilledBeyondUsage({ unmetered }: PricedModel, model: string): boolean {
  return unmetered.some(unit => !unit.endsWith('_searches') || model.includes('search'))
}

function priceOf(priced: PricedModel, choice: RouteChoice): PriceList {
  const prices = isBilledBeyondUsage(priced, choice.requested) ? undefined : priceAt(priced, choice.nowMs)
  if (prices) return prices
  const detail = `No complete price is known for '${choice.requested}', so it is refused rather than passed for nothing.`
  throw new GatewayError('price_unknown', detail, { param: 'model' })
}

// Bytes pass through where the provider speaks the caller's format; elsewhere they are translated into its own.
function endpointOf(provider: Provider, asked: FormatName): { format: FormatName; endpoint: Endpoint } {
  const same = provider.endpoints.get(asked)
  if (same) return { format: asked, endpoint: same }
  const [own] = provider.endpoints
  if (!own) throw new GatewayError('internal', `Provider '${provider.name}' speaks no format.`)
  return { format: own[0], endpoint: own[1] }
}

/**
 * The provider and model a request names, `provider/model` or bare. Throws where the key may not use them, where nobody
 * has the model, and where its price is not known: what cannot be priced is refused, never free.
 */
export function chooseRoute(choice: RouteChoice): Route {
  const named = splitPrefix(choice) ?? findBare(choice)
  const key = keyOf(named, assertAllowed(choice.snapshot, named), choice)
  const priced = findModel(named.provider.pricebook, named.model)
  if (!priced) throw unknownModel(choice.requested)
  return { ...named, ...endpointOf(named.provider, choice.format), key, priced, prices: priceOf(priced, choice) }
}

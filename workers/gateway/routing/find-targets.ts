import { GatewayError } from '../../errors/gateway-error.ts'
import type { Provider } from '../../providers/port.ts'
import { pricedModelAt } from '../../providers/priced-models.ts'

/** A model at a provider. */
export type Target = { provider: Provider; model: string }

/** The providers that a request may be sent to, by name. */
export type Providers = ReadonlyMap<string, Provider>

/** Refuses a model that nobody has. */
export function unknownModel(model: string): GatewayError {
  const detail = `The model '${model}' does not exist at any provider this deployment has a price for. GET /v1/models lists those this key may use.`
  return new GatewayError('model_not_found', detail, { param: 'model' })
}

function prefixed(requested: string, providers: Providers): Target | undefined {
  const slash = requested.indexOf('/')
  const provider = slash > 0 ? providers.get(requested.slice(0, slash).toLowerCase()) : undefined
  return provider && { provider, model: requested.slice(slash + 1) }
}

function has(provider: Provider, model: string): boolean {
  return pricedModelAt(provider, model) !== undefined && (provider.takes?.(model) ?? true)
}

/**
 * What a model's name may mean: the one provider it names before a slash, else every provider that has it. Throws
 * `model_not_found` where nobody has it.
 */
export function findTargets(requested: string, providers: Providers): Target[] {
  const named = prefixed(requested, providers)
  if (named) return [named]
  const having = [...providers.values()].filter(provider => has(provider, requested))
  if (having.length === 0) throw unknownModel(requested)
  return having.map(provider => ({ provider, model: requested }))
}

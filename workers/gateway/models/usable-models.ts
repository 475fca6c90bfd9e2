import { type PricedModel, priceAt } from '../../core/pricing/index.ts'
import type { Provider } from '../../providers/port.ts'
import { pricedModelAt, pricedModelsAt } from '../../providers/priced-models.ts'
import { authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { mayUse } from '../routing/route-to.ts'

/** A model that a key may use. `id` can be sent as `model`: `provider/model`. */
export type UsableModel = { id: string; provider: string; priced: PricedModel }

/**
 * The priced models of a provider. One that is asked for by another name than its entry's is listed only where that name means it.
 */
export function namedModels(provider: Provider): { model: string; priced: PricedModel }[] {
  const nameOf = (model: string) => provider.modelId?.(model) ?? model
  const named = pricedModelsAt(provider).map(priced => ({ model: nameOf(priced.model), priced }))
  return named.filter(
    ({ model, priced }) => model === priced.model || pricedModelAt(provider, model)?.model === priced.model,
  )
}

/** What the presented key may use and a price is known of, in the order of providers. */
export async function usableModels(call: Call, ports: GatewayPorts): Promise<UsableModel[]> {
  const snapshot = await authenticateFully(call, ports)
  const nowMs = ports.nowMs()
  return [...ports.providersFor(snapshot).values()].flatMap(provider =>
    namedModels(provider)
      .filter(({ model, priced }) => mayUse(snapshot, provider.name, model) && priceAt(priced, nowMs))
      .map(({ model, priced }) => ({ id: `${provider.name}/${model}`, provider: provider.name, priced })),
  )
}

import { type PricedModel, priceAt } from '../../core/pricing/index.ts'
import { pricedModelsAt } from '../../providers/priced-models.ts'
import { authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { mayUse } from '../routing/route-to.ts'

/** A model that a key may use. `id` can be sent as `model`: `provider/model`. */
export type UsableModel = { id: string; provider: string; priced: PricedModel }

/** What the presented key may use and a price is known of, in the order of providers. */
export async function usableModels(call: Call, ports: GatewayPorts): Promise<UsableModel[]> {
  const snapshot = await authenticateFully(call, ports)
  const nowMs = ports.nowMs()
  return [...ports.providersFor(snapshot).values()].flatMap(provider =>
    pricedModelsAt(provider)
      .filter(priced => mayUse(snapshot, provider.name, priced.model) && priceAt(priced, nowMs))
      .map(priced => ({ id: `${provider.name}/${priced.model}`, provider: provider.name, priced })),
  )
}

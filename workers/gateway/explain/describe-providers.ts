import type { ProviderDescription } from '../../contracts/route-question.ts'
import { priceAt } from '../../core/pricing/index.ts'
import { authenticateFully } from '../authenticate.ts'
import type { Call } from '../call.ts'
import { namedModels } from '../models/usable-models.ts'
import type { GatewayPorts } from '../ports.ts'
import type { Providers } from '../routing/find-targets.ts'
import { mayUse } from '../routing/route-to.ts'
import { placeOf } from './place-of.ts'

/** Whose providers are described, and which models of them. */
export type Describing = { tenantId: string; mayUse(provider: string, model: string): boolean }

/** Providers with their models, prices of now, regions and health, in their order; those without a model that may be used are left out. */
export function describeProviders(providers: Providers, by: Describing, ports: GatewayPorts): ProviderDescription[] {
  const nowMs = ports.nowMs()
  const described = [...providers.values()].map(provider => ({
    name: provider.name,
    ...placeOf(provider, by.tenantId, ports),
    has_keys: provider.keys.length > 0,
    models: namedModels(provider)
      .filter(({ model }) => by.mayUse(provider.name, model))
      .map(({ model, priced }) => {
        return { id: `${provider.name}/${model}`, model, price_pico_usd: priceAt(priced, nowMs)?.base ?? null }
      }),
  }))
  return described.filter(({ models }) => models.length > 0)
}

/** `GET /v1/providers` for who shows a virtual key: what that may use. */
export async function listKeyProviders(call: Call, ports: GatewayPorts): Promise<Response> {
  const snapshot = await authenticateFully(call, ports)
  const by = { tenantId: snapshot.tenantId, mayUse: (name: string, model: string) => mayUse(snapshot, name, model) }
  const data = describeProviders(ports.providersFor(snapshot), by, ports)
  return Response.json({ data, pagination: { total: data.length, limit: data.length, offset: 0, has_more: false } })
}

import { listModels, priceAt } from '../core/pricing/index.ts'
import type { KeySnapshot } from '../core/snapshot.ts'
import { GatewayError } from '../errors/gateway-error.ts'
import { authenticateFully } from './authenticate.ts'
import type { Call } from './call.ts'
import { mayUse } from './choose-route.ts'
import type { GatewayPorts } from './ports.ts'

/** A model as OpenAI lists it; `id` can be sent back as `model`. */
export type ListedModel = { id: string; object: 'model'; created: number; owned_by: string }

function modelsFor(snapshot: KeySnapshot, ports: GatewayPorts): ListedModel[] {
  const nowMs = ports.nowMs()
  return [...ports.providers.values()].flatMap(provider =>
    listModels(provider.pricebook)
      .filter(priced => mayUse(snapshot, provider.name, priced.model) && priceAt(priced, nowMs))
      .map(priced => ({
        id: `${provider.name}/${priced.model}`,
        object: 'model',
        created: 0,
        owned_by: provider.name,
      })),
  )
}

async function usableModels(call: Call, ports: GatewayPorts): Promise<ListedModel[]> {
  return modelsFor(await authenticateFully(call, ports), ports)
}

/** `GET /v1/models`: what the presented key may use, and nothing else. */
export async function listKeyModels(call: Call, ports: GatewayPorts): Promise<Response> {
  return Response.json({ object: 'list', data: await usableModels(call, ports) })
}

/** `GET /v1/models/{id}`: one of them, by `provider/model` or its bare name. */
export async function getKeyModel(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  const models = await usableModels(call, ports)
  const model = models.find(one => one.id === id || one.id.endsWith(`/${id}`))
  if (!model) throw new GatewayError('model_not_found', `The model '${id}' does not exist or this key may not use it.`)
  return Response.json(model)
}

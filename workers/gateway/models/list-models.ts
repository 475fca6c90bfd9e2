import { GatewayError } from '../../errors/gateway-error.ts'
import type { Call } from '../call.ts'
import type { GatewayPorts } from '../ports.ts'
import { modelShapeOf } from './model-shape.ts'
import { usableModels } from './usable-models.ts'

/** `GET /v1/models`, `/v1beta/models`: what the presented key may use, and nothing else, as the client's wire tells it. */
export async function listKeyModels(call: Call, ports: GatewayPorts): Promise<Response> {
  const models = await usableModels(call, ports)
  return Response.json(modelShapeOf(call.request).many(models, new URL(call.request.url).searchParams))
}

/** The same with `/{id}`: one of them, by `provider/model` or its bare name. */
export async function getKeyModel(call: Call, id: string, ports: GatewayPorts): Promise<Response> {
  const models = await usableModels(call, ports)
  const model = models.find(one => one.id === id || one.id.endsWith(`/${id}`))
  if (!model) throw new GatewayError('model_not_found', `The model '${id}' does not exist or this key may not use it.`)
  return Response.json(modelShapeOf(call.request).one(model))
}

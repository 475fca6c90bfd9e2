import type { ModelConfigInput } from '../../contracts/model-config-input.ts'
import type { ModelConfigRow } from '../../db/model-config-record.ts'
import { invalid } from '../governance/invalid.ts'
import { readScope, type ScopeReader } from '../limits/read-scope.ts'

/** What a model config is of. `scope`: whose its limits are. */
export type ModelScope = Pick<ModelConfigRow, 'modelName' | 'provider' | 'scope'>

// Whoever means one key, or all models, would be given another limit than they asked for.
function checkReach({ scope, model_name }: ModelConfigInput): void {
  if (scope && scope !== 'global') {
    throw invalid(`unsupported scope "${scope}": a model config is of all keys. Give the key's provider config limits`)
  }
  if (model_name?.trim() !== '*') return
  throw invalid(
    'model_name cannot be *: limit the provider (PUT /api/governance/providers/{name}), or the tenant (/v1/limits)',
  )
}

/** Refuses a change that names another model or provider than the config's own, whose usage could not go with it. Throws `request_invalid`. */
export function checkSameModel(row: ModelScope, input: ModelConfigInput): void {
  checkReach(input)
  const [model, provider] = [input.model_name?.trim() || row.modelName, input.provider?.trim() || (row.provider ?? '')]
  if (model === row.modelName && provider.toLowerCase() === (row.provider ?? '').toLowerCase()) return
  throw invalid('model_name and provider of a model config cannot change: delete it, and create one of the other')
}

/** The model that a new config names, and its provider in the case it is configured in. Throws `request_invalid`. */
export function modelScope(input: ModelConfigInput, reader: ScopeReader): ModelScope {
  const { model_name, provider: asked } = input
  const modelName = (model_name ?? '').trim()
  if (modelName === '') throw invalid('Model name is required')
  checkReach(input)
  const named = asked?.trim()
  const text = named ? `model:${modelName}/provider:${named}` : `model:${modelName}`
  const scope = readScope(text, reader)
  // What comes back names the provider as it is configured.
  const provider = named ? scope.slice(`model:${modelName}/provider:`.length) : null
  return { modelName, provider, scope }
}

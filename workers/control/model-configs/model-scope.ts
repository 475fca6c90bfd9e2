import type { ModelConfigInput } from '../../contracts/model-config-input.ts'
import type { ModelConfigRow } from '../../db/model-config-record.ts'
import { invalid } from '../governance/invalid.ts'
import { readScope, type ScopeReader } from '../limits/read-scope.ts'

/** What a model config is of. `scope`: whose its limits are. */
export type ModelScope = Pick<ModelConfigRow, 'modelName' | 'provider' | 'scope'>

/** The model that a new config names, and its provider in the case it is configured in. Throws `request_invalid`. */
export function modelScope({ model_name, provider: asked }: ModelConfigInput, reader: ScopeReader): ModelScope {
  const modelName = (model_name ?? '').trim()
  if (modelName === '') throw invalid('Model name is required')
  const named = asked?.trim()
  const text = named ? `model:${modelName}/provider:${named}` : `model:${modelName}`
  const scope = readScope(text, reader)
  // What comes back names the provider as it is configured.
  const provider = named ? scope.slice(`model:${modelName}/provider:`.length) : null
  return { modelName, provider, scope }
}

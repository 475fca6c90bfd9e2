import type { UsableModel } from './usable-models.ts'

/** A model as OpenAI tells it. Source: OpenAI API reference, Models. */
export function openaiModel({ id, provider }: UsableModel) {
  return { id, object: 'model', created: 0, owned_by: provider }
}

/** All of them: OpenAI has no pages here. */
export function openaiModels(models: UsableModel[]) {
  return { object: 'list', data: models.map(openaiModel) }
}

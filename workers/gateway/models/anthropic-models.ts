import { pageSize } from './page-size.ts'
import type { UsableModel } from './usable-models.ts'

const DEFAULT_LIMIT = 20
/** What Anthropic says of a model whose release it does not know. */
const UNKNOWN_DATE = '1970-01-01T00:00:00Z'

/** A model as Anthropic tells it; what nobody here knows is null. Source: Anthropic API reference, Models. */
export function anthropicModel({ id, priced }: UsableModel) {
  return {
    type: 'model',
    id,
    display_name: id,
    created_at: UNKNOWN_DATE,
    lifecycle: 'active',
    deprecated_at: null,
    line: null,
    capabilities: null,
    max_input_tokens: priced.contextWindow ?? null,
    max_tokens: priced.maxOutputTokens ?? null,
  }
}

// One that is not there, since the key lost it between two pages, is as none.
function placeOf(models: UsableModel[], id: string | null): number | undefined {
  const index = models.findIndex(model => model.id === id)
  return index < 0 ? undefined : index
}

/** A page of them: after `after_id`, or before `before_id`. */
export function anthropicModels(models: UsableModel[], query: URLSearchParams) {
  const limit = pageSize(query, 'limit', DEFAULT_LIMIT)
  const before = placeOf(models, query.get('before_id'))
  const first = before === undefined ? (placeOf(models, query.get('after_id')) ?? -1) + 1 : Math.max(0, before - limit)
  const last = Math.min(before ?? models.length, first + limit)
  const data = models.slice(first, last).map(anthropicModel)
  const has_more = before === undefined ? last < models.length : first > 0
  return { data, has_more, first_id: data[0]?.id ?? null, last_id: data.at(-1)?.id ?? null }
}

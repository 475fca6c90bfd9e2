import { pageSize } from './page-size.ts'
import type { UsableModel } from './usable-models.ts'

const DEFAULT_SIZE = 50

/** A model as Gemini tells it. Source: Gemini API reference, Models. */
export function geminiModel({ id, priced }: UsableModel) {
  return {
    name: `models/${id}`,
    displayName: id,
    ...(priced.contextWindow !== undefined && { inputTokenLimit: priced.contextWindow }),
    ...(priced.maxOutputTokens !== undefined && { outputTokenLimit: priced.maxOutputTokens }),
    supportedGenerationMethods: ['generateContent', 'streamGenerateContent'],
  }
}

/** A page of them; the token of the next one is the name of the last model on this. */
export function geminiModels(models: UsableModel[], query: URLSearchParams) {
  const size = pageSize(query, 'pageSize', DEFAULT_SIZE)
  const first = models.findIndex(({ id }) => id === query.get('pageToken')) + 1
  const page = models.slice(first, first + size)
  const isMore = first + size < models.length
  return { models: page.map(geminiModel), ...(isMore && { nextPageToken: page.at(-1)?.id }) }
}

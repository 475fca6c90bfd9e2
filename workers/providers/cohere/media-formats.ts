import { asRecord } from '../../formats/as-record.ts'
import { cohereChatCodec } from '../../formats/cohere-chat/cohere-chat-codec.ts'
import { given } from '../../formats/given.ts'
import { countOf } from '../../formats/read-sent.ts'
import { assertTexts, embeddingsAnswer, embeddingTexts } from '../embedding-texts.ts'
import type { HttpFormat } from '../http/http-format.ts'
import { OPENAI_MEDIA } from '../openai-media/media-formats.ts'
import { readInputUsage } from '../openai-media/read-usage.ts'
import { usageEvents } from '../openai-media/usage-events.ts'
import type { Dialect, ProviderRequest } from '../port.ts'
import { reworded } from '../reworded.ts'

/** What texts are embedded for, where the caller does not say; Cohere wants to know. */
const DEFAULT_INPUT_TYPE = 'search_document'

function prepare(body: Record<string, unknown>, { model }: { model: string }): string {
  return JSON.stringify({
    model,
    texts: embeddingTexts(body) ?? [],
    input_type: body.input_type ?? DEFAULT_INPUT_TYPE,
    embedding_types: ['float'],
    ...given({ output_dimension: body.dimensions ?? undefined, truncate: body.truncate ?? undefined }),
  })
}

const dialect: Dialect = {
  prepare,
  assertSayable: assertTexts,
  readUsage: readInputUsage,
  streamReader: () => usageEvents(readInputUsage),
}

function told(body: Record<string, unknown>, { model, asked }: ProviderRequest): Record<string, unknown> {
  const { float } = asRecord(body.embeddings)
  const inputTokens = countOf(asRecord(asRecord(body.meta).billed_units).input_tokens)
  return embeddingsAnswer({ vectors: Array.isArray(float) ? float : [], model, inputTokens }, asked)
}

/** OpenAI's embeddings, asked of Cohere. Source: Cohere API reference, Embed (v2). */
export const cohereEmbeddings: HttpFormat = {
  dialect: () => dialect,
  path: () => '/v2/embed',
  proof: OPENAI_MEDIA['openai-embeddings'].proof,
  reword: (answer, request) => reworded(answer, cohereChatCodec, body => told(body, request)),
}

/** Cohere's own ranking. Source: Cohere API reference, Rerank (v2). */
export const cohereRerank: HttpFormat = { ...OPENAI_MEDIA.rerank, path: () => '/v2/rerank' }

import { asRecord } from '../../formats/as-record.ts'
import { geminiCodec } from '../../formats/gemini/gemini-codec.ts'
import { given } from '../../formats/given.ts'
import { countOf, recordsOf } from '../../formats/read-sent.ts'
import { assertTexts, embeddingsAnswer, embeddingTexts } from '../embedding-texts.ts'
import type { HttpFormat } from '../http/http-format.ts'
import { readInputUsage } from '../openai-media/read-usage.ts'
import { usageEvents } from '../openai-media/usage-events.ts'
import type { Dialect, ProviderRequest } from '../port.ts'
import { reworded } from '../reworded.ts'

function prepare(body: Record<string, unknown>, { model }: { model: string }): string {
  const { dimensions } = body
  const requests = (embeddingTexts(body) ?? []).map(text => ({
    model: `models/${model}`,
    content: { parts: [{ text }] },
    ...given({ outputDimensionality: dimensions ?? undefined }),
  }))
  return JSON.stringify({ requests })
}

const dialect: Dialect = {
  prepare,
  assertSayable: assertTexts,
  readUsage: readInputUsage,
  streamReader: () => usageEvents(readInputUsage),
}

// Most models of Google's tell no usage here.
function told(body: Record<string, unknown>, { model, asked }: ProviderRequest): Record<string, unknown> {
  const vectors = recordsOf(body.embeddings).map(({ values }) => (Array.isArray(values) ? values : []))
  const inputTokens = countOf(asRecord(body.usageMetadata).promptTokenCount)
  return embeddingsAnswer({ vectors, model, inputTokens }, asked)
}

/** OpenAI's embeddings, asked of Gemini. Source: Gemini API reference, batchEmbedContents. */
export const geminiEmbeddings: HttpFormat = {
  dialect: () => dialect,
  path: ({ model }) => `/v1beta/models/${encodeURIComponent(model)}:batchEmbedContents`,
  proof: secret => ({ 'x-goog-api-key': secret }),
  reword: (answer, request) => reworded(answer, geminiCodec, body => told(body, request)),
}

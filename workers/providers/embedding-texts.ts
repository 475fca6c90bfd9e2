import { asRecord } from '../formats/as-record.ts'
import { untranslatable } from '../formats/untranslatable.ts'

/** The texts that a request for embeddings has, in OpenAI's shape; `undefined` where it has tokens instead. */
export function embeddingTexts({ input }: Record<string, unknown>): string[] | undefined {
  const all = Array.isArray(input) ? input : [input]
  return all.every(one => typeof one === 'string') ? all : undefined
}

/** Throws `untranslatable` for tokens, which are of one vendor's tokenizer, at any other vendor. */
export function assertTexts(body: Record<string, unknown>): void {
  if (!embeddingTexts(body)) throw untranslatable('input', 'tokens mean nothing to this provider; send texts')
}

function inBase64(vector: unknown[]): string {
  const bytes = new Uint8Array(Float32Array.from(vector, Number).buffer)
  return btoa(Array.from(bytes, byte => String.fromCharCode(byte)).join(''))
}

/** What an answer in OpenAI's shape says: the vectors in order, and what they cost in tokens, where it is told. */
export type Embedded = { vectors: unknown[][]; model: string; inputTokens: number | undefined }

/** Embeddings in OpenAI's shape, as numbers or in base64, as the caller asked. */
export function embeddingsAnswer({ vectors, model, inputTokens }: Embedded, asked: unknown): Record<string, unknown> {
  const isBase64 = asRecord(asked).encoding_format === 'base64'
  const data = vectors.map((vector, index) => ({
    object: 'embedding',
    index,
    embedding: isBase64 ? inBase64(vector) : vector,
  }))
  const usage = inputTokens === undefined ? {} : { usage: { prompt_tokens: inputTokens, total_tokens: inputTokens } }
  return { object: 'list', data, model, ...usage }
}

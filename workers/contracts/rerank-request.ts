import { z } from 'zod'
import { wholeNumber } from './whole-number.ts'

/** Cohere's own bound. Source: https://docs.cohere.com/docs/reranking-best-practices */
const MAX_DOCUMENTS = 10_000

/** What we read of a request to rank documents, as Cohere, Jina and vLLM have it. */
export const RerankRequest = z.looseObject({
  model: z.string().min(1).max(256),
  query: z.string().min(1),
  documents: z
    .array(z.union([z.string(), z.looseObject({ text: z.string() })], { error: 'must be a text, or have one' }))
    .min(1)
    .max(MAX_DOCUMENTS),
  top_n: wholeNumber(1_000_000),
  max_tokens_per_doc: wholeNumber(1_000_000),
})
export type RerankRequest = z.infer<typeof RerankRequest>

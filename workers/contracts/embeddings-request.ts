import { z } from 'zod'
import { wholeNumber } from './whole-number.ts'

/** OpenAI's own bound on the inputs of one request; more is refused by name rather than forwarded. */
const MAX_INPUTS = 2048

const token = z.int().min(0)

/** What we read of a request for embeddings. An input is text or tokens, or a list of inputs; pictures have no price here. */
export const EmbeddingsRequest = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union(
    [
      z.string().min(1),
      z.array(z.string()).min(1).max(MAX_INPUTS),
      z.array(token).min(1),
      z.array(z.array(token).min(1)).min(1).max(MAX_INPUTS),
    ],
    { error: 'must be a text, a list of at most 2048 texts, a list of tokens, or a list of lists of tokens' },
  ),
  dimensions: wholeNumber(1_000_000),
  encoding_format: z.enum(['float', 'base64']).nullish(),
})
export type EmbeddingsRequest = z.infer<typeof EmbeddingsRequest>

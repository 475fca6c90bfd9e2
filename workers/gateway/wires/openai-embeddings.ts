import { EmbeddingsRequest } from '../../contracts/embeddings-request.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { fixedAsk } from './fixed-ask.ts'
import { openaiMediaWire } from './openai-media.ts'
import type { Incoming } from './wire.ts'

// Each of the inputs may fill the model's context, so that only the body's length bounds them all: a token is a byte of it
// at least, also where it is sent as a number.
function read(incoming: Incoming): Ask {
  const { model } = readFields(EmbeddingsRequest, incoming.raw)
  const fixed = { inputTokens: incoming.bytes, outputTokens: () => 0, units: {} }
  return fixedAsk(incoming, { format: 'openai-embeddings', model, fixed })
}

/** OpenAI's embeddings. Source: OpenAI API reference, Embeddings. */
export const openaiEmbeddingsWire = openaiMediaWire('openai-embeddings', read)

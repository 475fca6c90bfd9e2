import { ModerationRequest } from '../../contracts/moderation-request.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { fixedAsk } from './fixed-ask.ts'
import { openaiMediaWire } from './openai-media.ts'
import type { Incoming } from './wire.ts'

// OpenAI's are free, others' are billed by tokens.
function read(incoming: Incoming): Ask {
  const { model } = readFields(ModerationRequest, incoming.raw)
  const fixed = { inputTokens: incoming.bytes, outputTokens: () => 0, units: {} }
  return fixedAsk(incoming, { format: 'openai-moderations', model, fixed })
}

/** OpenAI's moderations. Source: OpenAI API reference, Moderations. */
export const openaiModerationsWire = openaiMediaWire('openai-moderations', read)

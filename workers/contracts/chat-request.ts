import { z } from 'zod'
import { plainNumber } from './lossless-json.ts'

/** OpenAI's own bound on a conversation; more is refused by name rather than forwarded. */
const MAX_MESSAGES = 2048

/** A number as JSON has it: `1e3` and `10.0` are whole, though they are kept as they were written. */
function whole(max: number) {
  return z.preprocess(value => plainNumber(value) ?? value, z.int().min(1).max(max).nullish())
}

const tokens = whole(1_000_000_000)

const Message = z.looseObject({ role: z.string().min(1).max(64) })

/** What we read from a chat request. Fields we do not govern pass through untouched. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(Message).min(1).max(MAX_MESSAGES),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  n: whole(128),
})
export type ChatRequest = z.infer<typeof ChatRequest>

import { z } from 'zod'

/** OpenAI's own bound on a conversation; more is refused by name rather than forwarded. */
const MAX_MESSAGES = 2048
const tokens = z.int().min(1).max(1_000_000_000).nullish()

const Message = z.looseObject({ role: z.string().min(1).max(64) })

/** What we read from a chat request. Fields we do not govern pass through untouched. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(Message).min(1).max(MAX_MESSAGES),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: tokens,
  max_completion_tokens: tokens,
  n: z.int().min(1).max(128).nullish(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

import { z } from 'zod'
import { askedTokens, wholeNumber } from './whole-number.ts'

/** OpenAI's own bound on a conversation; more is refused by name rather than forwarded. */
const MAX_MESSAGES = 2048

const Message = z.looseObject({ role: z.string().min(1).max(64) })

/** What we read from a chat request. Fields we do not govern pass through untouched. */
export const ChatRequest = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(Message).min(1).max(MAX_MESSAGES),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
  max_tokens: askedTokens,
  max_completion_tokens: askedTokens,
  n: wholeNumber(128),
  tools: z.array(z.looseObject({ type: z.string().nullish() })).nullish(),
  service_tier: z.string().max(64).nullish(),
})
export type ChatRequest = z.infer<typeof ChatRequest>

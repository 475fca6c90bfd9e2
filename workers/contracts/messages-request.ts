import { z } from 'zod'
import { askedTokens, wholeNumber } from './whole-number.ts'

/** More messages than this are refused by name rather than forwarded. */
const MAX_MESSAGES = 100_000

const Message = z.looseObject({ role: z.string().min(1).max(64) })

/** What we read of a request on Anthropic's wire. Fields we do not govern pass through untouched. */
export const MessagesRequest = z.looseObject({
  model: z.string().min(1).max(256),
  messages: z.array(Message).min(1).max(MAX_MESSAGES),
  max_tokens: askedTokens,
  stream: z.boolean().nullish(),
  tools: z.array(z.looseObject({ type: z.string().nullish(), max_uses: wholeNumber(1000) })).nullish(),
  service_tier: z.string().max(64).nullish(),
})
export type MessagesRequest = z.infer<typeof MessagesRequest>

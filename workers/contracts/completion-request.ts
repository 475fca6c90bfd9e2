import { z } from 'zod'
import { askedTokens, wholeNumber } from './whole-number.ts'

/** More prompts than this are refused by name rather than forwarded. */
const MAX_PROMPTS = 2048

/** What we read of a legacy completion. A prompt is text or tokens, or a list of prompts. */
export const CompletionRequest = z.looseObject({
  model: z.string().min(1).max(256),
  prompt: z.union([z.string(), z.array(z.unknown()).max(MAX_PROMPTS)]).nullish(),
  max_tokens: askedTokens,
  n: wholeNumber(128),
  best_of: wholeNumber(128),
  stream: z.boolean().nullish(),
  stream_options: z.looseObject({ include_usage: z.boolean().nullish() }).nullish(),
})
export type CompletionRequest = z.infer<typeof CompletionRequest>

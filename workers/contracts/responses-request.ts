import { z } from 'zod'
import { askedTokens, wholeNumber } from './whole-number.ts'

/** What we read of a request on the wire of OpenAI's responses. Fields we do not govern pass through untouched. */
export const ResponsesRequest = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.union([z.string(), z.array(z.looseObject({ type: z.string().nullish() }))]).nullish(),
  max_output_tokens: askedTokens,
  stream: z.boolean().nullish(),
  background: z.boolean().nullish(),
  tools: z.array(z.looseObject({ type: z.string() })).nullish(),
  max_tool_calls: wholeNumber(1000),
  service_tier: z.string().max(64).nullish(),
})
export type ResponsesRequest = z.infer<typeof ResponsesRequest>

import { z } from 'zod'
import { askedTokens, wholeNumber } from './whole-number.ts'

/** More contents than this are refused by name rather than forwarded. */
const MAX_CONTENTS = 100_000

const Content = z.looseObject({ parts: z.array(z.looseObject({})).nullish() })

/** What we read of a request on Gemini's wire. Fields we do not govern pass through untouched. */
export const GenerateRequest = z.looseObject({
  contents: z.array(Content).min(1).max(MAX_CONTENTS),
  systemInstruction: Content.nullish(),
  generationConfig: z.looseObject({ maxOutputTokens: askedTokens, candidateCount: wholeNumber(16) }).nullish(),
  tools: z.array(z.looseObject({})).nullish(),
  cachedContent: z.string().nullish(),
  serviceTier: z.string().max(64).nullish(),
  service_tier: z.string().max(64).nullish(),
})
export type GenerateRequest = z.infer<typeof GenerateRequest>

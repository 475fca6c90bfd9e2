import { z } from 'zod'

/** What we read of a request to speak a text. */
export const SpeechRequest = z.looseObject({
  model: z.string().min(1).max(256),
  input: z.string().min(1).max(100_000),
  instructions: z.string().nullish(),
  speed: z.number().min(0.25).max(4).nullish(),
  response_format: z.string().max(32).nullish(),
  stream_format: z.enum(['sse', 'audio']).nullish(),
})
export type SpeechRequest = z.infer<typeof SpeechRequest>

const asBoolean = (value: unknown) => ({ true: true, false: false })[String(value)] ?? value

/** What we read of the texts in a form with sound to be written down. */
export const TranscriptRequest = z.looseObject({
  model: z.string().min(1).max(256),
  response_format: z.string().max(32).nullish(),
  stream: z.preprocess(asBoolean, z.boolean().nullish()),
})
export type TranscriptRequest = z.infer<typeof TranscriptRequest>

import { z } from 'zod'

/** What is asked where the caller names none. Source: OpenAI API reference, Moderations, `model`. */
const DEFAULT_MODEL = 'omni-moderation-latest'

/** What we read of a request to moderate. */
export const ModerationRequest = z.looseObject({
  model: z
    .string()
    .min(1)
    .max(256)
    .nullish()
    .transform(model => model ?? DEFAULT_MODEL),
  input: z.union([z.string(), z.array(z.unknown()).min(1).max(2048)], { error: 'must be a text or a list' }),
})
export type ModerationRequest = z.infer<typeof ModerationRequest>

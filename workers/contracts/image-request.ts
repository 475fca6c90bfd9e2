import { z } from 'zod'
import { wholeNumber } from './whole-number.ts'

/** The most images of one request. Source: OpenAI API reference, Images, `n`. */
const MAX_IMAGES = 10
const MAX_PARTIAL = 3

// A form has texts only.
const asNumber = (value: unknown) => (typeof value === 'string' && /^\d{1,9}$/.test(value) ? Number(value) : value)
const asBoolean = (value: unknown) => ({ true: true, false: false })[String(value)] ?? value

/** What we read of a request for images, in JSON or in a form. */
export const ImageRequest = z.looseObject({
  model: z.string().min(1).max(256),
  prompt: z.string().max(100_000).nullish(),
  n: z.preprocess(asNumber, wholeNumber(MAX_IMAGES)),
  size: z.string().max(32).nullish(),
  quality: z.string().max(32).nullish(),
  stream: z.preprocess(asBoolean, z.boolean().nullish()),
  partial_images: z.preprocess(asNumber, z.int().min(0).max(MAX_PARTIAL).nullish()),
})
export type ImageRequest = z.infer<typeof ImageRequest>

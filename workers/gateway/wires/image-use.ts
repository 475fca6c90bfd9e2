import type { ImageRequest } from '../../contracts/image-request.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { FixedUse } from '../ask.ts'

/**
 * The most tokens of one picture that is made. The first generation of models has three sizes
 * (https://platform.openai.com/docs/guides/image-generation, cost and latency); the next has any up to 3840 x 2160, whose
 * dearest came to 12,329 (https://community.openai.com/t/1379464).
 */
const PICTURE_TOKENS = { low: 408, medium: 1584, high: 6240 }
const LARGE_PICTURE_TOKENS = 16_384
const FIRST_GENERATION = /^gpt-image-1([-.]|$)/
/** Of each picture that is shown while it is made. Source: the same guide. */
const PARTIAL_TOKENS = 100
/** What a model may say or think beside a picture. */
const TEXT_TOKENS = 1024
/** The most tokens of one picture that is sent: 6240 for its detail, and those of its tiles. Source: the same guide. */
const SENT_PICTURE_TOKENS = 10_000

function pictureTokens(model: string, quality: string): number {
  if (!FIRST_GENERATION.test(model.toLowerCase())) return LARGE_PICTURE_TOKENS
  return PICTURE_TOKENS[quality as keyof typeof PICTURE_TOKENS] ?? PICTURE_TOKENS.high
}

// By tokens several pictures are billed as so many requests (https://community.openai.com/t/1381388), so that a stream of
// several has several usages, and nobody says which of them count.
function assertOneIfStreamed({ n, stream }: ImageRequest): void {
  if (stream !== true || (n ?? 1) === 1) return
  throw new GatewayError('request_invalid', 'n: a stream has one image. Ask for more without "stream".', { param: 'n' })
}

/** What a request for images can use at most; `bytes` of its text, `pictures` that it sends. */
export function imageUse(request: ImageRequest, sent: { bytes: number; pictures: number }): FixedUse {
  assertOneIfStreamed(request)
  const { n, size, quality, partial_images } = request
  const images = n ?? 1
  const beside = (partial_images ?? 0) * PARTIAL_TOKENS + TEXT_TOKENS
  return {
    inputTokens: images * (sent.bytes + sent.pictures * SENT_PICTURE_TOKENS),
    outputTokens: model => images * (pictureTokens(model, quality ?? 'high') + beside),
    units: { images },
    variant: `${size ?? '1024x1024'}/${quality ?? 'standard'}`,
  }
}

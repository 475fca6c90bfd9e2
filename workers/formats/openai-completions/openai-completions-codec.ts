import type { Codec } from '../codec.ts'
import { decodeError, encodeError } from '../openai-chat/errors.ts'
import { decodeAnswer, encodeAnswer } from './answers.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeRequest } from './encode-request.ts'
import { streamDecoder, streamEncoder } from './streams.ts'

/** OpenAI's older text completions: one prompt in, texts out. */
export const openaiCompletionsCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
}

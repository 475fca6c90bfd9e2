import type { Codec } from '../codec.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest, encodeRequestWithoutThoughts } from './encode-request.ts'
import { decodeError, encodeError } from './errors.ts'
import { streamDecoder } from './stream-decoder.ts'
import { streamEncoder } from './stream-encoder.ts'

/** OpenAI's chat completions, and the wire of every vendor that speaks them. */
export const openaiChatCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder,
  streamEncoder,
  decodeError,
  encodeError,
}

/** The same towards a vendor that refuses a request with `reasoning_content` in it: earlier thoughts are left out. */
export const openaiChatCodecWithoutThoughts: Codec = { ...openaiChatCodec, encodeRequest: encodeRequestWithoutThoughts }

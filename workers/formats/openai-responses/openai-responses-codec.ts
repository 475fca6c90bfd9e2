import type { Codec } from '../codec.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest } from './encode-request.ts'
import { ResponsesStreamDecoder } from './stream-decoder.ts'
import { ResponsesStreamEncoder } from './stream-encoder.ts'
import { decodeError, encodeError } from './wire-error.ts'

/** OpenAI's Responses wire. Source: OpenAI API reference, Responses. */
export const openaiResponsesCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new ResponsesStreamDecoder(),
  streamEncoder: ask => new ResponsesStreamEncoder(ask),
  decodeError,
  encodeError,
}

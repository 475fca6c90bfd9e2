import type { Codec } from '../codec.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeRequest } from './decode-request.ts'
import { encodeAnswer } from './encode-answer.ts'
import { encodeRequest } from './encode-request.ts'
import { decodeError, encodeError } from './errors.ts'
import { GeminiStreamDecoder } from './stream-decoder.ts'
import { GeminiStreamEncoder } from './stream-encoder.ts'
import { arrayFrame, sseFrame } from './stream-frame.ts'

/** Google's Gemini API: `generateContent`, and `streamGenerateContent` with `alt=sse`. */
export const geminiCodec: Codec = {
  decodeRequest,
  encodeRequest,
  decodeAnswer,
  encodeAnswer,
  streamDecoder: () => new GeminiStreamDecoder(),
  streamEncoder: ask => new GeminiStreamEncoder(ask, sseFrame()),
  decodeError,
  encodeError,
}

/** The same for a client that asked for a stream without `alt=sse`: it gets one JSON array (`application/json`). */
export const geminiArrayCodec: Codec = {
  ...geminiCodec,
  streamEncoder: ask => new GeminiStreamEncoder(ask, arrayFrame()),
}

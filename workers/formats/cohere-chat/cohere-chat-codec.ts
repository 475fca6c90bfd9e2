import type { Codec } from '../codec.ts'
import { vendorOnly } from '../vendor-only.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeError } from './decode-error.ts'
import { encodeRequest } from './encode-request.ts'
import { CohereStreamDecoder } from './stream-decoder.ts'

/** Cohere's chat, version 2, as a vendor speaks it; no client does. */
export const cohereChatCodec: Codec = {
  ...vendorOnly('cohere-chat'),
  encodeRequest,
  decodeAnswer,
  streamDecoder: () => new CohereStreamDecoder(),
  decodeError,
}

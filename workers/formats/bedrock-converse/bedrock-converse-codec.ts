import type { Codec } from '../codec.ts'
import { vendorOnly } from '../vendor-only.ts'
import { decodeAnswer } from './decode-answer.ts'
import { decodeError } from './decode-error.ts'
import { encodeRequest } from './encode-request.ts'
import { ConverseStreamDecoder } from './stream-decoder.ts'

/** Amazon Bedrock's Converse and ConverseStream, as a vendor speaks them; no client does. */
export const bedrockConverseCodec: Codec = {
  ...vendorOnly('bedrock-converse'),
  encodeRequest,
  decodeAnswer,
  streamDecoder: () => new ConverseStreamDecoder(),
  decodeError,
}

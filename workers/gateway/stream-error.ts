import type { GatewayError } from '../errors/gateway-error.ts'
import type { Json, WireError } from '../formats/codec.ts'
import { codecOf } from '../formats/codecs.ts'
import { type FormatName, isChatFormat } from '../formats/format-name.ts'

/** A failure as codecs take it. */
export function wireErrorOf({ status, code, detail }: GatewayError): WireError {
  return { status, code, message: detail }
}

// The reference has the error's members beside the type, OpenAI itself sends them in `error`, where clients look.
function ofResponses({ code, message }: WireError, body: Json): string {
  return `event: error\ndata: ${JSON.stringify({ type: 'error', code, message, param: null, ...body })}\n\n`
}

/**
 * The event that ends a stream which has begun, and fails: its status can no longer say so. OpenAI's chat and completions
 * have none in their reference; their own clients throw at a chunk with an `error`, which vendors send.
 */
export function streamError(format: FormatName, error: WireError): string {
  // What is no conversation fails in OpenAI's words.
  const body = codecOf(isChatFormat(format) ? format : 'openai-chat').encodeError(error)
  if (format === 'openai-responses') return ofResponses(error, body)
  const name = format === 'anthropic-messages' ? 'event: error\n' : ''
  const end = format === 'gemini' ? '\r\n\r\n' : '\n\n'
  return `${name}data: ${JSON.stringify(body)}${end}`
}

import { ChatToolCall, ResponsesToolCall } from '../../contracts/tool-call.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { parseBody, readFields } from '../parse-body.ts'

/** How a call is said, and what it answers: as in a chat, or as in a response. */
export type CallFormat = 'chat' | 'responses'

/** A call of a tool as it came. `id` is the caller's own, to find the answer by. */
export type AskedTool = { id: string; name: string; arguments: Record<string, unknown> }

/** The `format` that an address names. Throws `request_invalid`. */
export function formatOf(url: string): CallFormat {
  const format = new URL(url).searchParams.get('format') || 'chat'
  if (format === 'chat' || format === 'responses') return format
  throw new GatewayError('request_invalid', 'format: must be chat or responses.', { param: 'format' })
}

function readArguments(text: string, param: string): Record<string, unknown> {
  try {
    return parseBody(text.trim() === '' ? '{}' : text)
  } catch {
    throw new GatewayError('request_invalid', `${param}: must be the JSON of an object, as text.`, { param })
  }
}

/** The call in a body. Throws `json_malformed` or `request_invalid`. */
export function readToolCall(text: string, format: CallFormat): AskedTool {
  const raw = parseBody(text)
  if (format === 'responses') {
    const { call_id: id, name, arguments: given } = readFields(ResponsesToolCall, raw)
    return { id, name, arguments: readArguments(given, 'arguments') }
  }
  const { id, function: asked } = readFields(ChatToolCall, raw)
  return { id, name: asked.name, arguments: readArguments(asked.arguments, 'function.arguments') }
}

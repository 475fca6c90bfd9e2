import { ChatRequest } from '../contracts/chat-request.ts'
import { parseLossless } from '../contracts/lossless-json.ts'
import { GatewayError } from '../errors/gateway-error.ts'

/** A chat request: `raw` as sent, to be passed on; `chat` what was read of it; `bytes` of its UTF-8 text. */
export type ParsedChat = { raw: Record<string, unknown>; chat: ChatRequest; bytes: number }

function parseJson(text: string): unknown {
  try {
    return parseLossless(text)
  } catch (cause) {
    throw new GatewayError('json_malformed', 'The body is not valid JSON. Send one JSON object.', { cause })
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

// What costs money that the pricebook does not know of is refused by name, never passed for nothing.
function refuseUnpriced(raw: Record<string, unknown>): void {
  if (raw.web_search_options != null) {
    throw new GatewayError('price_unknown', 'web_search_options has no price here yet. Remove it.', {
      param: 'web_search_options',
    })
  }
  if (raw.service_tier === 'priority') {
    throw new GatewayError(
      'price_unknown',
      'service_tier "priority" has no price here yet. Leave it out or use "default".',
      {
        param: 'service_tier',
      },
    )
  }
}

/** Reads a chat request strictly where we decide and loosely where we forward. Throws a 400 that names the field. */
export function parseChat(text: string, bytes: number): ParsedChat {
  const raw = parseJson(text)
  if (!isObject(raw)) throw new GatewayError('request_invalid', 'The body must be a JSON object.')
  const result = ChatRequest.safeParse(raw)
  if (!result.success) {
    const issue = result.error.issues[0]
    const param = issue?.path.join('.') ?? ''
    throw new GatewayError('request_invalid', `${param || 'body'}: ${issue?.message ?? 'invalid'}.`, { param })
  }
  refuseUnpriced(raw)
  return { raw, chat: result.data, bytes }
}

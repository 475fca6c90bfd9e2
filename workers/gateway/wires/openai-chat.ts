import { ChatRequest } from '../../contracts/chat-request.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import { renderOpenAI } from '../../errors/render.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import type { Incoming, Wire } from './wire.ts'

// What costs money that the pricebook does not know of is refused by name, never passed for nothing.
function refuseUnpriced(raw: Record<string, unknown>): void {
  if (raw.web_search_options != null) {
    throw new GatewayError('price_unknown', 'web_search_options has no price here yet. Remove it.', {
      param: 'web_search_options',
    })
  }
  if (raw.service_tier === 'priority') {
    const detail = 'service_tier "priority" has no price here yet. Leave it out or use "default".'
    throw new GatewayError('price_unknown', detail, { param: 'service_tier' })
  }
}

function hasMedia(chat: ChatRequest): boolean {
  return chat.messages.some(message => {
    const parts = Array.isArray(message.content) ? message.content : []
    return parts.some(part => part?.type !== 'text' && part?.type !== 'refusal')
  })
}

function read({ raw, bytes }: Incoming): Ask {
  const chat = readFields(ChatRequest, raw)
  refuseUnpriced(raw)
  return {
    format: 'openai-chat',
    raw,
    bytes,
    model: chat.model,
    isStream: chat.stream === true,
    choices: chat.n ?? 1,
    outputCap: chat.max_completion_tokens ?? chat.max_tokens ?? undefined,
    // Rejected tokens of a predicted output are billed as output, beyond the cap.
    beyondCap: raw.prediction ? bytes : 0,
    hasMedia: hasMedia(chat),
    mayWrite1h: false,
    keepsUsage: chat.stream_options?.include_usage === true,
  }
}

/** OpenAI's chat completions. Source: OpenAI API reference, Chat Completions. */
export const openaiChatWire: Wire = {
  format: 'openai-chat',
  read,
  renderError: renderOpenAI,
  forwards: [],
  endsWhole: tail => /^data: ?\[DONE\]\s*$/m.test(tail),
}

import { ChatRequest } from '../../contracts/chat-request.ts'
import { renderOpenAI } from '../../errors/render.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refusePriority, refuseUnpriced } from './refuse-unpriced.ts'
import type { Incoming, Wire } from './wire.ts'

function hasMedia(chat: ChatRequest): boolean {
  return chat.messages.some(message => {
    const parts = Array.isArray(message.content) ? message.content : []
    return parts.some(part => part?.type !== 'text' && part?.type !== 'refusal')
  })
}

function read({ raw, bytes }: Incoming): Ask {
  const chat = readFields(ChatRequest, raw)
  if (raw.web_search_options != null) refuseUnpriced('web_search_options', 'has no price here yet. Remove it.')
  refusePriority(raw)
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
    forwards: [],
    mayWrite1h: false,
    keepsUsage: chat.stream_options?.include_usage === true,
  }
}

/** OpenAI's chat completions. Source: OpenAI API reference, Chat Completions. */
export const openaiChatWire: Wire = {
  format: 'openai-chat',
  read,
  renderError: renderOpenAI,
  endsWhole: tail => /^data: ?\[DONE\]\s*$/m.test(tail),
}

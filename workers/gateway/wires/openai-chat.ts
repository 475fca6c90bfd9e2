import { ChatRequest } from '../../contracts/chat-request.ts'
import { renderOpenAI } from '../../errors/render.ts'
import type { Ask } from '../ask.ts'
import { readFields } from '../parse-body.ts'
import { refuseUnpriced } from './refuse-unpriced.ts'
import type { Incoming, Wire } from './wire.ts'

function hasMedia(chat: ChatRequest): boolean {
  return chat.messages.some(message => {
    const parts = Array.isArray(message.content) ? message.content : []
    return parts.some(part => part?.type !== 'text' && part?.type !== 'refusal')
  })
}

/** Models that search for every request, at a price for each. Source: OpenAI pricing, built-in tools. */
const SEARCHING_MODEL = /-search-(preview|api)/
/** Tools that the caller runs; others the provider does, at a price that nothing tells. */
const OWN_TOOLS = ['function', 'custom', 'allowed_tools']

function refuseBilled(raw: Record<string, unknown>, { model, tools }: ChatRequest): void {
  const searches = raw.web_search_options != null && !SEARCHING_MODEL.test(model)
  if (searches) refuseUnpriced('web_search_options', 'has no price with this model. Remove it.')
  // xAI's live search, and OpenRouter's.
  for (const name of ['search_parameters', 'plugins']) {
    if (raw[name] != null) refuseUnpriced(name, 'has no price here yet. Remove it.')
  }
  const billed = tools?.find(({ type }) => type != null && !OWN_TOOLS.includes(type))
  if (billed) refuseUnpriced('tools', `"${billed.type}" is run by the provider, and has no price here yet. Remove it.`)
}

function read({ raw, bytes }: Incoming): Ask {
  const chat = readFields(ChatRequest, raw)
  refuseBilled(raw, chat)
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
    // What a search finds is read as input.
    hasMedia: hasMedia(chat) || SEARCHING_MODEL.test(chat.model),
    forwards: [],
    mayWrite1h: false,
    serviceTier: chat.service_tier ?? undefined,
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

import type { ChatRequest } from '../contracts/chat-request.ts'
import { ceilingOf } from '../core/pricing/index.ts'
import type { Need, TokenBound } from '../core/quota/limit.ts'
import type { Route } from './choose-route.ts'
import type { ParsedChat } from './parse-chat.ts'

/** What one attempt may use at most, and the output cap that makes that true. */
export type HoldSize = { need: Need; bound: TokenBound; maxOutputTokens: number }

/** The output cap of a request that sets none, for a model whose own limit is not known. */
const DEFAULT_MAX_OUTPUT = 4096
/** The input bound of a picture, sound or file, for a model whose context window is not known. */
const DEFAULT_CONTEXT = 272_000

function hasMedia(chat: ChatRequest): boolean {
  return chat.messages.some(message => {
    const parts = Array.isArray(message.content) ? message.content : []
    return parts.some(part => part?.type !== 'text' && part?.type !== 'refusal')
  })
}

// No tokenizer makes more tokens than the text has UTF-8 bytes, and the JSON around the text only adds bytes.
// Media is billed by rules of its own, so it counts as the whole context window.
function inputBound({ chat, bytes }: ParsedChat, contextWindow: number | undefined): number {
  if (hasMedia(chat)) return contextWindow ?? DEFAULT_CONTEXT + bytes
  return Math.min(bytes, contextWindow ?? bytes)
}

function outputCap(chat: ChatRequest, modelMax: number | undefined): number {
  const asked = chat.max_completion_tokens ?? chat.max_tokens ?? modelMax ?? DEFAULT_MAX_OUTPUT
  return Math.min(asked, modelMax ?? asked)
}

/** The sound upper bound of a request on a route: nothing it can be billed for is above it. */
export function sizeHold(parsed: ParsedChat, route: Route): HoldSize {
  const { chat, raw, bytes } = parsed
  const maxOutputTokens = outputCap(chat, route.priced.maxOutputTokens)
  // Rejected tokens of a predicted output are billed as output, beyond the cap.
  const predicted = raw.prediction ? bytes : 0
  const bound = {
    inputTokens: inputBound(parsed, route.priced.contextWindow),
    outputTokens: (chat.n ?? 1) * (maxOutputTokens + predicted),
  }
  const tokens = bound.inputTokens + bound.outputTokens
  return {
    need: { nano_usd: ceilingOf(route.prices, bound), tokens, requests: 1, in_flight: 1 },
    bound,
    maxOutputTokens,
  }
}

import type { ChatRequest } from '../contracts/chat-request.ts'
import { ceilingOf, type PricedModel } from '../core/pricing/index.ts'
import type { Need, TokenBound } from '../core/quota/limit.ts'
import type { Route } from './choose-route.ts'
import type { ParsedChat } from './parse-chat.ts'

/** What one attempt may use at most. `maxOutputTokens`: the cap that has to be sent for that to be true, a choice. */
export type HoldSize = { need: Need; bound: TokenBound; maxOutputTokens: number | undefined }

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

/** The most output tokens of one choice, and the cap to send: none where the context window bounds them already. */
type OutputBound = { tokens: number; cap: number | undefined }

function outputBound(chat: ChatRequest, { maxOutputTokens, contextWindow }: PricedModel): OutputBound {
  const asked = chat.max_completion_tokens ?? chat.max_tokens
  // A model whose output may fill its context refuses a cap that leaves the input no room.
  if (
    asked == null &&
    maxOutputTokens !== undefined &&
    contextWindow !== undefined &&
    maxOutputTokens >= contextWindow
  ) {
    return { tokens: contextWindow, cap: undefined }
  }
  const cap = Math.min(asked ?? maxOutputTokens ?? DEFAULT_MAX_OUTPUT, maxOutputTokens ?? Number.POSITIVE_INFINITY)
  return { tokens: cap, cap }
}

/** The sound upper bound of a request on a route: nothing it can be billed for is above it. */
export function sizeHold(parsed: ParsedChat, route: Route): HoldSize {
  const { chat, raw, bytes } = parsed
  const output = outputBound(chat, route.priced)
  // Rejected tokens of a predicted output are billed as output, beyond the cap.
  const predicted = raw.prediction ? bytes : 0
  const bound = {
    inputTokens: inputBound(parsed, route.priced.contextWindow),
    outputTokens: (chat.n ?? 1) * (output.tokens + predicted),
  }
  const tokens = bound.inputTokens + bound.outputTokens
  return {
    need: { nano_usd: ceilingOf(route.prices, bound), tokens, requests: 1, in_flight: 1 },
    bound,
    maxOutputTokens: output.cap,
  }
}

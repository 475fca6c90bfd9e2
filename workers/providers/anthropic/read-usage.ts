import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { countOf as tokenCount } from '../../formats/read-sent.ts'
import { toldTier, toldUnits } from '../told-extras.ts'

type Sent = Record<string, unknown>

// Of an older answer, which names no lifetimes, all are of five minutes.
function written({ cache_creation, cache_creation_input_tokens }: Sent) {
  const { ephemeral_1h_input_tokens, ephemeral_5m_input_tokens } = asRecord(cache_creation)
  const hour = tokenCount(ephemeral_1h_input_tokens) ?? 0
  const cacheWriteTokens =
    tokenCount(cache_creation_input_tokens) ?? hour + (tokenCount(ephemeral_5m_input_tokens) ?? 0)
  return { cacheWriteTokens, cacheWrite1hTokens: Math.min(cacheWriteTokens, hour) }
}

// Inside `output_tokens`; older answers do not tell.
function thoughtTokens({ output_tokens_details }: Sent, generated: number): number {
  return Math.min(generated, tokenCount(asRecord(output_tokens_details).thinking_tokens) ?? 0)
}

// Searches are billed each; what is fetched costs its tokens alone. Source: Anthropic pricing, server-side tools.
function searches({ server_tool_use }: Sent) {
  return toldUnits({ web_searches: tokenCount(asRecord(server_tool_use).web_search_requests) })
}

/**
 * A `usage` object on Anthropic's wire, where `input_tokens` is what was neither read from the cache nor written to it.
 * `undefined` where a total is absent or malformed. Source: Anthropic API reference, Messages; prompt caching.
 */
export function anthropicUsage(sent: Sent): BillableUsage | undefined {
  const uncached = tokenCount(sent.input_tokens)
  const outputTokens = tokenCount(sent.output_tokens)
  if (uncached === undefined || outputTokens === undefined) return undefined
  const cachedInputTokens = tokenCount(sent.cache_read_input_tokens) ?? 0
  const writes = written(sent)
  const inputTokens = uncached + cachedInputTokens + writes.cacheWriteTokens
  const reasoningTokens = thoughtTokens(sent, outputTokens)
  const counts = { inputTokens, outputTokens, cachedInputTokens, ...writes, reasoningTokens }
  return { ...NO_USAGE, ...counts, ...searches(sent), ...toldTier(sent.service_tier) }
}

/** Usage of a whole answer. */
export function readAnthropicUsage(body: unknown): BillableUsage | undefined {
  return anthropicUsage(asRecord(asRecord(body).usage))
}

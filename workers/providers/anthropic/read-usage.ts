import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { tokenCount } from '../token-count.ts'

type Sent = Record<string, unknown>

// Of an older answer, which names no lifetimes, all are of five minutes.
function written1h({ cache_creation }: Sent, written: number): number {
  return Math.min(written, tokenCount(asRecord(cache_creation).ephemeral_1h_input_tokens) ?? 0)
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
  const cacheWriteTokens = tokenCount(sent.cache_creation_input_tokens) ?? 0
  const inputTokens = uncached + cachedInputTokens + cacheWriteTokens
  const cacheWrite1hTokens = written1h(sent, cacheWriteTokens)
  return { ...NO_USAGE, inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, cacheWrite1hTokens }
}

/** Usage of a whole answer. */
export function readAnthropicUsage(body: unknown): BillableUsage | undefined {
  return anthropicUsage(asRecord(asRecord(body).usage))
}

import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { countOf as tokenCount } from '../../formats/read-sent.ts'

/**
 * Usage of a response, or of the event that ends its stream. `undefined` where a total is absent or malformed. Source:
 * OpenAI API reference, the response object, `usage`.
 */
export function readResponsesUsage(body: unknown): BillableUsage | undefined {
  const { response, usage } = asRecord(body)
  const sent = asRecord(usage ?? asRecord(response).usage)
  const inputTokens = tokenCount(sent.input_tokens)
  const outputTokens = tokenCount(sent.output_tokens)
  if (inputTokens === undefined || outputTokens === undefined) return undefined
  const details = asRecord(sent.input_tokens_details)
  const cached = tokenCount(details.cached_tokens) ?? 0
  const written = tokenCount(details.cache_write_tokens) ?? 0
  const reasoning = tokenCount(asRecord(sent.output_tokens_details).reasoning_tokens) ?? 0
  const cachedInputTokens = Math.min(cached, inputTokens)
  const cacheWriteTokens = Math.min(written, inputTokens)
  const reasoningTokens = Math.min(reasoning, outputTokens)
  return { ...NO_USAGE, inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens }
}

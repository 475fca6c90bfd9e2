import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../as-record.ts'
import { tokenCount } from '../token-count.ts'

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
  const cached = tokenCount(asRecord(sent.input_tokens_details).cached_tokens) ?? 0
  const reasoning = tokenCount(asRecord(sent.output_tokens_details).reasoning_tokens) ?? 0
  const cachedInputTokens = Math.min(cached, inputTokens)
  const reasoningTokens = Math.min(reasoning, outputTokens)
  return { ...NO_USAGE, inputTokens, outputTokens, cachedInputTokens, reasoningTokens }
}

import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { usageOf } from '../../formats/bedrock-converse/usage.ts'
import { countOf } from '../../formats/read-sent.ts'
import { toldTier } from '../told-extras.ts'

/**
 * Usage of an answer of Converse, or of a stream's `metadata`, and the tier that served it: what was read from the cache and
 * written to it comes beside `inputTokens`. `undefined` where a total is absent or malformed. Source: Bedrock Runtime API,
 * TokenUsage.
 */
export function readBedrockUsage(body: unknown): BillableUsage | undefined {
  const { usage: told, serviceTier } = asRecord(body)
  const sent = asRecord(told)
  if (countOf(sent.inputTokens) === undefined || countOf(sent.outputTokens) === undefined) return undefined
  const usage = usageOf(sent)
  return usage && { ...NO_USAGE, ...usage, ...toldTier(asRecord(serviceTier).type) }
}

import type { BillableUsage } from '../../core/pricing/index.ts'
import { asRecord } from '../../formats/as-record.ts'
import { countOf as count } from '../../formats/read-sent.ts'
import { someTokens, toldTier, toldUnits } from '../told-extras.ts'

type Sent = Record<string, unknown>

/** A part of `total`; nothing where the vendor does not say, and never more than there is. */
function part(value: unknown, total: number): number {
  return Math.min(count(value) ?? 0, total)
}

/** OpenAI's place for cache reads, else DeepSeek's. Only what a vendor says it bills as cached: it earns a discount. */
function cachedTokens(sent: Sent): number | undefined {
  return count(asRecord(sent.prompt_tokens_details).cached_tokens) ?? count(sent.prompt_cache_hit_tokens)
}

function inputCounts(sent: Sent, inputTokens: number) {
  const details = asRecord(sent.prompt_tokens_details)
  const cachedInputTokens = part(cachedTokens(sent), inputTokens)
  return {
    inputTokens,
    cachedInputTokens,
    cacheWriteTokens: part(details.cache_write_tokens, inputTokens),
    inputAudioTokens: part(details.audio_tokens, inputTokens),
    ...someTokens({
      inputImageTokens: part(details.image_tokens, inputTokens),
      inputVideoTokens: part(details.video_tokens, inputTokens),
    }),
  }
}

// xAI and Gemini leave reasoning out of completion_tokens and count it in total_tokens only (Gemini nowhere else): what
// a total has beyond its parts was generated, and is billed as output.
function outputCounts(sent: Sent, listed: { input: number; output: number }) {
  const details = asRecord(sent.completion_tokens_details)
  const unlisted = Math.max(0, (count(sent.total_tokens) ?? 0) - listed.input - listed.output)
  const outputTokens = listed.output + unlisted
  const reasoningTokens = Math.max(unlisted, part(details.reasoning_tokens, outputTokens))
  return {
    outputTokens,
    reasoningTokens,
    outputAudioTokens: part(details.audio_tokens, outputTokens),
    ...someTokens({ outputImageTokens: part(details.image_tokens, outputTokens) }),
  }
}

function usageFrom(sent: Sent): BillableUsage | undefined {
  const input = count(sent.prompt_tokens)
  const output = count(sent.completion_tokens)
  if (input === undefined || output === undefined) return undefined
  // Perplexity's count of what it looked up.
  const searches = toldUnits({ web_searches: count(sent.num_search_queries) })
  return { ...inputCounts(sent, input), ...outputCounts(sent, { input, output }), ...searches }
}

/**
 * Usage of an answer or a chunk on OpenAI's wire (Groq's streams may have it under `x_groq`), and the tier that served it.
 * `undefined` where either total is absent or malformed; a malformed part counts as none of it.
 */
export function readOpenaiUsage(body: unknown): BillableUsage | undefined {
  const { usage, x_groq, service_tier } = asRecord(body)
  const told = usageFrom(asRecord(usage)) ?? usageFrom(asRecord(asRecord(x_groq).usage))
  return told && { ...told, ...toldTier(service_tier) }
}

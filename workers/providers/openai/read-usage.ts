import type { Usage } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { countOf as count } from '../../formats/read-sent.ts'

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
  }
}

function usageFrom(sent: Sent): Usage | undefined {
  const input = count(sent.prompt_tokens)
  const output = count(sent.completion_tokens)
  if (input === undefined || output === undefined) return undefined
  return { ...inputCounts(sent, input), ...outputCounts(sent, { input, output }) }
}

/**
 * Usage of an answer or a chunk on OpenAI's wire (Groq's streams may have it under `x_groq`). `undefined` where either
 * total is absent or malformed; a malformed part counts as none of it.
 */
export function readOpenaiUsage(body: unknown): Usage | undefined {
  const { usage, x_groq } = asRecord(body)
  return usageFrom(asRecord(usage)) ?? usageFrom(asRecord(asRecord(x_groq).usage))
}

import { asRecord } from '../as-record.ts'
import type { AnswerUsage } from '../chat.ts'
import type { Json } from '../codec.ts'
import { countOf as count } from '../read-sent.ts'

function part(value: unknown, total: number): number {
  return Math.min(count(value) ?? 0, total)
}

function inputCounts(sent: Json, inputTokens: number) {
  const details = asRecord(sent.prompt_tokens_details)
  return {
    inputTokens,
    cachedInputTokens: part(count(details.cached_tokens) ?? sent.prompt_cache_hit_tokens, inputTokens),
    cacheWriteTokens: part(details.cache_write_tokens, inputTokens),
    cacheWrite1hTokens: 0,
    inputAudioTokens: part(details.audio_tokens, inputTokens),
  }
}

// What a total has beyond its parts was generated: xAI and Gemini count reasoning there only.
function outputCounts(sent: Json, input: number, output: number) {
  const details = asRecord(sent.completion_tokens_details)
  const unlisted = Math.max(0, (count(sent.total_tokens) ?? 0) - input - output)
  const outputTokens = output + unlisted
  return {
    outputTokens,
    reasoningTokens: Math.max(unlisted, part(details.reasoning_tokens, outputTokens)),
    outputAudioTokens: part(details.audio_tokens, outputTokens),
  }
}

function usageFrom(sent: Json): AnswerUsage | undefined {
  const input = count(sent.prompt_tokens)
  const output = count(sent.completion_tokens)
  if (input === undefined || output === undefined) return undefined
  return { ...inputCounts(sent, input), ...outputCounts(sent, input, output) }
}

/** The usage of an answer or a chunk (Groq's streams may have it under `x_groq`). `undefined` where a total is missing. */
export function decodeUsage({ usage, x_groq }: Json): AnswerUsage | undefined {
  return usageFrom(asRecord(usage)) ?? usageFrom(asRecord(asRecord(x_groq).usage))
}

/** `usage` as OpenAI tells it. How long a cache write is kept has no place there. */
export function encodeUsage(usage: AnswerUsage): Json {
  return {
    prompt_tokens: usage.inputTokens,
    completion_tokens: usage.outputTokens,
    total_tokens: usage.inputTokens + usage.outputTokens,
    prompt_tokens_details: {
      cached_tokens: usage.cachedInputTokens,
      cache_write_tokens: usage.cacheWriteTokens,
      audio_tokens: usage.inputAudioTokens,
    },
    completion_tokens_details: {
      reasoning_tokens: usage.reasoningTokens,
      audio_tokens: usage.outputAudioTokens,
      accepted_prediction_tokens: 0,
      rejected_prediction_tokens: 0,
    },
  }
}

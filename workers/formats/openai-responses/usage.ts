import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { AnswerUsage } from '../chat.ts'
import type { Json } from '../codec.ts'

function count(value: unknown): number {
  const number = plainNumber(value)
  return number !== undefined && Number.isSafeInteger(number) && number > 0 ? number : 0
}

/** Tokens as the vendor counted them; `undefined` where it told none. Cached ones are inside the input already. */
export function readUsage(usage: unknown): AnswerUsage | undefined {
  const { input_tokens, output_tokens, input_tokens_details, output_tokens_details } = asRecord(usage)
  if (plainNumber(input_tokens) === undefined || plainNumber(output_tokens) === undefined) return undefined
  const input = asRecord(input_tokens_details)
  const output = asRecord(output_tokens_details)
  return {
    inputTokens: count(input_tokens),
    outputTokens: count(output_tokens),
    cachedInputTokens: count(input.cached_tokens),
    cacheWriteTokens: count(input.cache_write_tokens),
    cacheWrite1hTokens: 0,
    reasoningTokens: count(output.reasoning_tokens),
    inputAudioTokens: count(input.audio_tokens),
    outputAudioTokens: count(output.audio_tokens),
  }
}

function audio(tokens: number): Json {
  return tokens > 0 ? { audio_tokens: tokens } : {}
}

/** The same on this wire. How long a cache write is kept has no place there. */
export function printUsage(usage: AnswerUsage): Json {
  const { inputTokens, outputTokens, cachedInputTokens, cacheWriteTokens, reasoningTokens } = usage
  return {
    input_tokens: inputTokens,
    input_tokens_details: {
      cached_tokens: cachedInputTokens,
      cache_write_tokens: cacheWriteTokens,
      ...audio(usage.inputAudioTokens),
    },
    output_tokens: outputTokens,
    output_tokens_details: { reasoning_tokens: reasoningTokens, ...audio(usage.outputAudioTokens) },
    total_tokens: inputTokens + outputTokens,
  }
}

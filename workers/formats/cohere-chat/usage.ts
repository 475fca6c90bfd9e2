import { asRecord } from '../as-record.ts'
import type { AnswerUsage } from '../chat.ts'
import { countOf } from '../read-sent.ts'

/**
 * What Cohere bills: `billed_units`, which leave out the tokens of its own preamble. `tokens` counts all that the model
 * read, and stands in only where nothing is billed by name. `cached_tokens` is a part of `tokens`, and has no price of its
 * own, so it is not told on. `undefined` where no count is told.
 */
export function usageOf(value: unknown): AnswerUsage | undefined {
  const { billed_units: billed, tokens } = asRecord(value)
  const count = (name: string) => countOf(asRecord(billed)[name]) ?? countOf(asRecord(tokens)[name])
  const [inputTokens, outputTokens] = [count('input_tokens'), count('output_tokens')]
  if (inputTokens === undefined && outputTokens === undefined) return undefined
  return {
    inputTokens: inputTokens ?? 0,
    outputTokens: outputTokens ?? 0,
    cachedInputTokens: 0,
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    reasoningTokens: 0,
    inputAudioTokens: 0,
    outputAudioTokens: 0,
  }
}

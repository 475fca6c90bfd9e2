import { asRecord } from '../as-record.ts'
import type { AnswerUsage } from '../chat.ts'
import { countOf, recordsOf } from '../read-sent.ts'

/** The cache writes that are kept for an hour, and all that are listed. */
function listedWrites(details: unknown): { hour: number; all: number } {
  const sum = { hour: 0, all: 0 }
  for (const { ttl, inputTokens } of recordsOf(details)) {
    sum.all += countOf(inputTokens) ?? 0
    if (ttl === '1h') sum.hour += countOf(inputTokens) ?? 0
  }
  return sum
}

/**
 * Bedrock's `inputTokens` leave out what was read from a cache and written to it; ours have both inside. Reasoning is inside
 * `outputTokens` and not told apart. `undefined` where no count is told.
 */
export function usageOf(value: unknown): AnswerUsage | undefined {
  const sent = asRecord(value)
  const [input, outputTokens] = [countOf(sent.inputTokens), countOf(sent.outputTokens)]
  if (input === undefined && outputTokens === undefined) return undefined
  const listed = listedWrites(sent.cacheDetails)
  const cachedInputTokens = countOf(sent.cacheReadInputTokens) ?? 0
  const cacheWriteTokens = Math.max(countOf(sent.cacheWriteInputTokens) ?? 0, listed.all)
  return {
    inputTokens: (input ?? 0) + cachedInputTokens + cacheWriteTokens,
    outputTokens: outputTokens ?? 0,
    cachedInputTokens,
    cacheWriteTokens,
    cacheWrite1hTokens: listed.hour,
    reasoningTokens: 0,
    inputAudioTokens: 0,
    outputAudioTokens: 0,
  }
}

/** The tier that served the request, where it is told. */
export function serviceTierOf(value: unknown): { serviceTier?: string } {
  const { type } = asRecord(value)
  return typeof type === 'string' ? { serviceTier: type } : {}
}

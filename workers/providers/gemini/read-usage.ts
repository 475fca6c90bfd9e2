import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { countOf as tokenCount } from '../../formats/read-sent.ts'

function audioIn(details: unknown): number {
  const all = Array.isArray(details) ? details.map(asRecord) : []
  return all.filter(one => one.modality === 'AUDIO').reduce((sum, one) => sum + (tokenCount(one.tokenCount) ?? 0), 0)
}

/**
 * Usage of an answer or a chunk on Gemini's wire. The prompt has what was read from the cache inside it; what tools put in
 * comes beside it, and so do thoughts beside the candidates. `undefined` where there is no prompt count. Source: Gemini API
 * reference, UsageMetadata.
 */
export function readGeminiUsage(body: unknown): BillableUsage | undefined {
  const sent = asRecord(asRecord(body).usageMetadata)
  const prompt = tokenCount(sent.promptTokenCount)
  if (prompt === undefined) return undefined
  const inputTokens = prompt + (tokenCount(sent.toolUsePromptTokenCount) ?? 0)
  const reasoningTokens = tokenCount(sent.thoughtsTokenCount) ?? 0
  const outputTokens = (tokenCount(sent.candidatesTokenCount) ?? 0) + reasoningTokens
  const cachedInputTokens = Math.min(inputTokens, tokenCount(sent.cachedContentTokenCount) ?? 0)
  const inputAudioTokens = Math.min(inputTokens, audioIn(sent.promptTokensDetails))
  const outputAudioTokens = Math.min(outputTokens, audioIn(sent.candidatesTokensDetails))
  const audio = { inputAudioTokens, outputAudioTokens }
  return { ...NO_USAGE, inputTokens, outputTokens, cachedInputTokens, reasoningTokens, ...audio }
}

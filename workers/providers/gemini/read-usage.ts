import type { BillableUsage } from '../../core/pricing/index.ts'
import { NO_USAGE } from '../../core/usage.ts'
import { asRecord } from '../../formats/as-record.ts'
import { recordsOf, countOf as tokenCount } from '../../formats/read-sent.ts'
import { someTokens, toldTier } from '../told-extras.ts'
import { groundingSearches } from './grounding.ts'

type Sent = Record<string, unknown>

/** A page of a document is read as a picture of it. */
const PICTURES = ['IMAGE', 'DOCUMENT']

/** The tokens of some modalities in a list of details, and never more than there are in all. */
function inModality(details: unknown, modalities: string[], total: number): number {
  const listed = recordsOf(details).filter(one => modalities.includes(String(one.modality)))
  const tokens = listed.reduce((sum, one) => sum + (tokenCount(one.tokenCount) ?? 0), 0)
  return Math.min(total, tokens)
}

function inputKinds(sent: Sent, inputTokens: number) {
  const { promptTokensDetails: prompt, cacheTokensDetails: cache } = sent
  const cachedInputTokens = Math.min(inputTokens, tokenCount(sent.cachedContentTokenCount) ?? 0)
  const cached = {
    cachedInputAudioTokens: inModality(cache, ['AUDIO'], cachedInputTokens),
    cachedInputImageTokens: inModality(cache, PICTURES, cachedInputTokens),
  }
  return {
    cachedInputTokens,
    inputAudioTokens: inModality(prompt, ['AUDIO'], inputTokens),
    ...someTokens({
      inputImageTokens: inModality(prompt, PICTURES, inputTokens),
      inputVideoTokens: inModality(prompt, ['VIDEO'], inputTokens),
    }),
    // Where the cache is told apart, its silence is an answer too.
    ...(Array.isArray(cache) && cached),
  }
}

function outputKinds({ candidatesTokensDetails: made }: Sent, outputTokens: number) {
  return {
    outputAudioTokens: inModality(made, ['AUDIO'], outputTokens),
    ...someTokens({
      outputImageTokens: inModality(made, ['IMAGE'], outputTokens),
      outputVideoTokens: inModality(made, ['VIDEO'], outputTokens),
    }),
  }
}

/**
 * Usage of an answer or a chunk on Gemini's wire, with its searches and the tier that served it. The prompt has what was
 * read from the cache inside it; what tools put in comes beside it, and so do thoughts beside the candidates. `undefined`
 * where there is no prompt count. Source: Gemini API reference, UsageMetadata.
 */
export function readGeminiUsage(body: unknown): BillableUsage | undefined {
  const answer = asRecord(body)
  const sent = asRecord(answer.usageMetadata)
  const prompt = tokenCount(sent.promptTokenCount)
  if (prompt === undefined) return undefined
  const inputTokens = prompt + (tokenCount(sent.toolUsePromptTokenCount) ?? 0)
  const reasoningTokens = tokenCount(sent.thoughtsTokenCount) ?? 0
  const outputTokens = (tokenCount(sent.candidatesTokenCount) ?? 0) + reasoningTokens
  const kinds = { ...inputKinds(sent, inputTokens), ...outputKinds(sent, outputTokens) }
  const extras = { ...groundingSearches(answer), ...toldTier(sent.serviceTier) }
  return { ...NO_USAGE, inputTokens, outputTokens, reasoningTokens, ...kinds, ...extras }
}

import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { AnswerUsage } from '../chat.ts'
import type { Json } from '../codec.ts'

type Counts = Record<'prompt' | 'tools' | 'candidates' | 'thoughts' | 'total', number>

// Protobuf's JSON leaves out a count that is zero.
function count(value: unknown): number {
  const tokens = plainNumber(value)
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens > 0 ? tokens : 0
}

function audioIn(details: unknown): number {
  const parts = Array.isArray(details) ? details.map(asRecord) : []
  return parts.filter(({ modality }) => modality === 'AUDIO').reduce((sum, part) => sum + count(part.tokenCount), 0)
}

function countsOf(sent: Json): Counts {
  return {
    prompt: count(sent.promptTokenCount),
    tools: count(sent.toolUsePromptTokenCount),
    candidates: count(sent.candidatesTokenCount),
    thoughts: count(sent.thoughtsTokenCount),
    total: count(sent.totalTokenCount),
  }
}

// Thoughts are beside the candidates, but for some models inside them: the total tells. What it has beyond all its parts
// was generated, and is billed as output.
function outputOf({ prompt, tools, candidates, thoughts, total }: Counts): number {
  if (thoughts <= candidates && total === prompt + tools + candidates) return candidates
  const listed = candidates + thoughts
  return listed + Math.max(0, total - prompt - tools - listed)
}

/** `usageMetadata` in our words; `undefined` where there is none, or no count in it. */
export function readUsage(usageMetadata: unknown): AnswerUsage | undefined {
  const sent = asRecord(usageMetadata)
  const counts = countsOf(sent)
  if (counts.prompt === 0 && counts.total === 0) return undefined
  const inputTokens = counts.prompt + counts.tools
  const outputTokens = outputOf(counts)
  const inputAudio = audioIn(sent.promptTokensDetails) + audioIn(sent.toolUsePromptTokensDetails)
  return {
    inputTokens,
    outputTokens,
    cachedInputTokens: Math.min(count(sent.cachedContentTokenCount), inputTokens),
    cacheWriteTokens: 0,
    cacheWrite1hTokens: 0,
    reasoningTokens: Math.min(counts.thoughts, outputTokens),
    inputAudioTokens: Math.min(inputAudio, inputTokens),
    outputAudioTokens: Math.min(audioIn(sent.candidatesTokensDetails), outputTokens),
  }
}

function details(tokens: number, audio: number): Json[] {
  const text = { modality: 'TEXT', tokenCount: tokens - audio }
  return audio > 0 ? [text, { modality: 'AUDIO', tokenCount: audio }] : [text]
}

/** `usageMetadata` of a usage. Cache writes are inside the prompt's count: Gemini has no count of their own for them. */
export function writeUsage(usage: AnswerUsage): Json {
  const { inputTokens, outputTokens, reasoningTokens, cachedInputTokens } = usage
  const candidates = outputTokens - reasoningTokens
  return {
    promptTokenCount: inputTokens,
    candidatesTokenCount: candidates,
    totalTokenCount: inputTokens + outputTokens,
    ...(cachedInputTokens > 0 && { cachedContentTokenCount: cachedInputTokens }),
    promptTokensDetails: details(inputTokens, usage.inputAudioTokens),
    ...(usage.outputAudioTokens > 0 && { candidatesTokensDetails: details(candidates, usage.outputAudioTokens) }),
    ...(reasoningTokens > 0 && { thoughtsTokenCount: reasoningTokens }),
  }
}

import { plainNumber } from '../../contracts/lossless-json.ts'
import { asRecord } from '../as-record.ts'
import type { AnswerUsage } from '../chat.ts'
import type { Json } from '../codec.ts'
import { encodeToldTier } from './service-tier.ts'

const NOTHING: AnswerUsage = {
  inputTokens: 0,
  outputTokens: 0,
  cachedInputTokens: 0,
  cacheWriteTokens: 0,
  cacheWrite1hTokens: 0,
  reasoningTokens: 0,
  inputAudioTokens: 0,
  outputAudioTokens: 0,
}

function count(value: unknown): number | undefined {
  const tokens = plainNumber(value)
  return tokens !== undefined && Number.isSafeInteger(tokens) && tokens >= 0 ? tokens : undefined
}

function cacheWrites(sent: Json) {
  const creation = asRecord(sent.cache_creation)
  const hour = count(creation.ephemeral_1h_input_tokens) ?? 0
  const both = hour + (count(creation.ephemeral_5m_input_tokens) ?? 0)
  const cacheWriteTokens = count(sent.cache_creation_input_tokens) ?? both
  return { cacheWriteTokens, cacheWrite1hTokens: Math.min(hour, cacheWriteTokens) }
}

/**
 * A message's `usage`. Its `input_tokens` are without what was read from and written to the cache, which is added here.
 * `undefined` where either total is absent or malformed.
 */
export function decodeUsage(value: unknown): AnswerUsage | undefined {
  const sent = asRecord(value)
  const fresh = count(sent.input_tokens)
  const outputTokens = count(sent.output_tokens)
  if (fresh === undefined || outputTokens === undefined) return undefined
  const writes = cacheWrites(sent)
  const cachedInputTokens = count(sent.cache_read_input_tokens) ?? 0
  const thinking = count(asRecord(sent.output_tokens_details).thinking_tokens) ?? 0
  return {
    ...NOTHING,
    inputTokens: fresh + writes.cacheWriteTokens + cachedInputTokens,
    outputTokens,
    cachedInputTokens,
    ...writes,
    reasoningTokens: Math.min(thinking, outputTokens),
  }
}

function encodeCounts(usage: AnswerUsage) {
  return {
    input_tokens: Math.max(0, usage.inputTokens - usage.cachedInputTokens - usage.cacheWriteTokens),
    cache_creation_input_tokens: usage.cacheWriteTokens,
    cache_read_input_tokens: usage.cachedInputTokens,
    output_tokens: usage.outputTokens,
    output_tokens_details: usage.reasoningTokens > 0 ? { thinking_tokens: usage.reasoningTokens } : null,
    server_tool_use: null,
  }
}

function encodeCreation({ cacheWriteTokens, cacheWrite1hTokens }: AnswerUsage) {
  return {
    ephemeral_5m_input_tokens: cacheWriteTokens - cacheWrite1hTokens,
    ephemeral_1h_input_tokens: cacheWrite1hTokens,
  }
}

/** A message's `usage`; zeros where nothing is known, since this wire requires it. */
export function encodeUsage(usage: AnswerUsage = NOTHING, serviceTier?: string) {
  return {
    ...encodeCounts(usage),
    cache_creation: encodeCreation(usage),
    service_tier: encodeToldTier(serviceTier),
    inference_geo: null,
    speed: null,
  }
}

/**
 * The `usage` at a stream's end. Anthropic tells at the start for how long the cache was written and which tier it was;
 * others know it only now, so it is here where there is something to say.
 */
export function encodeLastUsage(usage: AnswerUsage = NOTHING, serviceTier?: string) {
  const tier = encodeToldTier(serviceTier)
  return {
    ...encodeCounts(usage),
    ...(usage.cacheWriteTokens > 0 && { cache_creation: encodeCreation(usage) }),
    ...(tier !== null && { service_tier: tier }),
  }
}

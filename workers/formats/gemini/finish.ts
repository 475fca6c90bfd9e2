import type { Finish } from '../chat.ts'

const FINISHES: Record<string, Finish> = {
  STOP: 'stop',
  MAX_TOKENS: 'length',
  SAFETY: 'content_filter',
  RECITATION: 'content_filter',
  BLOCKLIST: 'content_filter',
  PROHIBITED_CONTENT: 'content_filter',
  SPII: 'content_filter',
  IMAGE_SAFETY: 'content_filter',
  IMAGE_PROHIBITED_CONTENT: 'content_filter',
  IMAGE_RECITATION: 'content_filter',
  CONTINUATION: 'paused',
}

const REASONS: Record<Finish, string> = {
  stop: 'STOP',
  tool_calls: 'STOP',
  length: 'MAX_TOKENS',
  content_filter: 'SAFETY',
  refusal: 'SAFETY',
  // Not CONTINUATION: a client would look for the token to go on with, which only Gemini makes.
  paused: 'OTHER',
  other: 'OTHER',
}

/** Why a candidate ended. Gemini says STOP where it calls tools. */
export function finishOf(reason: unknown, hasCalls: boolean): Finish {
  const finish = typeof reason === 'string' && Object.hasOwn(FINISHES, reason) ? FINISHES[reason] : undefined
  return finish === 'stop' && hasCalls ? 'tool_calls' : (finish ?? 'other')
}

/** A `finishReason`, and what was wrong where a call was broken (an answer cut short may have half a call). */
export function finishJson(finish: Finish, broken: string[]): { finishReason: string; finishMessage?: string } {
  if (broken.length === 0 || finish === 'length') return { finishReason: REASONS[finish] }
  return { finishReason: 'MALFORMED_FUNCTION_CALL', finishMessage: broken.join('\n') }
}

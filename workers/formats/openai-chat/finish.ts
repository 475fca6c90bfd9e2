import type { Finish, Part } from '../chat.ts'

/** What an answer had in it, which this wire's word for its end does not tell. */
export type Had = { calls: boolean; refusal: boolean }

/** OpenAI's words, and those of vendors that speak its wire. */
const REASONS: Record<string, Finish> = {
  stop: 'stop',
  eos: 'stop',
  stop_sequence: 'stop',
  length: 'length',
  model_length: 'length',
  max_tokens: 'length',
  tool_calls: 'tool_calls',
  function_call: 'tool_calls',
  content_filter: 'content_filter',
}

/** What the parts of an answer are. */
export function hadOf(parts: Part[]): Had {
  return {
    calls: parts.some(part => part.kind === 'tool_call'),
    refusal: parts.some(part => part.kind === 'refusal'),
  }
}

/** A `finish_reason` in nobody's words. A call that was forced by its name, and a refusal, end with `stop` on this wire. */
export function decodeFinish(reason: unknown, had: Had): Finish {
  const finish = typeof reason === 'string' && Object.hasOwn(REASONS, reason) ? REASONS[reason] : undefined
  if (finish !== 'stop') return finish ?? 'other'
  if (had.calls) return 'tool_calls'
  return had.refusal ? 'refusal' : 'stop'
}

/** A `finish_reason`. A refusal that has no words of its own is the content filter's. */
export function encodeFinish(finish: Finish, had: Had): string {
  if (finish === 'refusal') return had.refusal ? 'stop' : 'content_filter'
  return finish === 'paused' || finish === 'other' ? 'stop' : finish
}

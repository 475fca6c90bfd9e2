import type { Choice, Finish } from '../chat.ts'

const FINISHES = new Map<unknown, Finish>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['tool_use', 'tool_calls'],
  ['pause_turn', 'paused'],
  ['refusal', 'refusal'],
])

const STOP_REASONS: Record<Finish, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool_calls: 'tool_use',
  content_filter: 'refusal',
  refusal: 'refusal',
  paused: 'pause_turn',
  other: 'end_turn',
}

/** How an answer ended, and what it was made of as far as this wire's reason depends on it. */
export type Ending = Pick<Choice, 'finish' | 'stopSequence'> & { hasCall: boolean; hasRefusal: boolean }

/** Why an answer ended, from its `stop_reason`; `other` for what is not known. */
export function decodeFinish(stopReason: unknown): Finish {
  return FINISHES.get(stopReason) ?? 'other'
}

// Elsewhere a forced call, and a refusal, may end with a plain stop; clients of this wire look at the reason alone.
function stopReasonOf({ finish, stopSequence, hasCall, hasRefusal }: Ending): string {
  if (finish !== 'stop') return STOP_REASONS[finish]
  if (hasCall) return 'tool_use'
  if (hasRefusal) return 'refusal'
  return stopSequence === undefined ? 'end_turn' : 'stop_sequence'
}

/** The members of a message, or of a stream's last delta, that say how it ended. */
export function encodeEnding(ending: Ending) {
  return {
    stop_reason: stopReasonOf(ending),
    stop_sequence: ending.stopSequence ?? null,
    stop_details: null,
  }
}

import { asRecord } from '../as-record.ts'
import type { Finish } from '../chat.ts'
import { textOf } from '../read-sent.ts'

const FINISH_OF = new Map<string, Finish>([
  ['end_turn', 'stop'],
  ['stop_sequence', 'stop'],
  ['tool_use', 'tool_calls'],
  ['max_tokens', 'length'],
  ['model_context_window_exceeded', 'length'],
  ['content_filtered', 'content_filter'],
  ['guardrail_intervened', 'content_filter'],
  ['malformed_model_output', 'other'],
  ['malformed_tool_use', 'other'],
])

/** Why an answer ended, from its `stopReason`; `other` for what we do not know. */
export function finishOf(stopReason: unknown): Finish {
  return FINISH_OF.get(textOf(stopReason)) ?? 'other'
}

/** The stop sequence among the extra fields of an answer (Anthropic's models, where it was asked for), if one is told. */
export function stopSequenceOf(fields: unknown): { stopSequence?: string } {
  const { stop_sequence: whole, delta } = asRecord(fields)
  const sequence = whole ?? asRecord(delta).stop_sequence
  return typeof sequence === 'string' ? { stopSequence: sequence } : {}
}

import type { Finish } from '../chat.ts'
import { textOf } from '../read-sent.ts'

const FINISH_OF = new Map<string, Finish>([
  ['COMPLETE', 'stop'],
  ['STOP_SEQUENCE', 'stop'],
  ['MAX_TOKENS', 'length'],
  ['TOOL_CALL', 'tool_calls'],
])

/** Why an answer ended, from its `finish_reason`; `other` for `ERROR`, `TIMEOUT` and what we do not know. */
export function finishOf(reason: unknown): Finish {
  return FINISH_OF.get(textOf(reason)) ?? 'other'
}

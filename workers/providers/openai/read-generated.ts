import { asRecord } from '../../formats/as-record.ts'
import type { Generated } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import { deltaText } from './delta-text.ts'

function generatedBy({ index, delta, finish_reason, text }: Record<string, unknown>): Generated {
  const choice = typeof index === 'number' ? index : 0
  const said = typeof text === 'string' ? text : deltaText(delta)
  return { choice, text: said, isLast: finish_reason != null }
}

/** What one chunk of a chat, or of a legacy completion (which has `text`), generated. */
export function readGenerated(data: string): Generated[] {
  const { choices } = parseEvent(data)
  return Array.isArray(choices) ? choices.map(choice => generatedBy(asRecord(choice))) : []
}

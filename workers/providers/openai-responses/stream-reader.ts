import { asRecord } from '../../formats/as-record.ts'
import { LastUsage } from '../last-usage.ts'
import { type Generated, OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { readResponsesUsage } from './read-usage.ts'

const HAS_USAGE = /"usage"\s*:\s*\{/
const IS_LAST = /^response\.(completed|incomplete|failed)$/

// Every event of generated text is a delta; what follows as "done" repeats it.
function readGenerated(data: string): Generated[] {
  const { type, delta } = parseEvent(data)
  if (IS_LAST.test(String(type))) return [{ choice: 0, text: '', isLast: true }]
  return [{ choice: 0, text: typeof delta === 'string' ? delta : '', isLast: false }]
}

/** A response that was begun, as one whose output cap was reached. */
function cutOff(created: string, seen: number, usage: object): string {
  const { response } = parseEvent(created)
  const ended = { status: 'incomplete', incomplete_details: { reason: 'max_output_tokens' }, usage }
  const type = 'response.incomplete'
  const data = { type, sequence_number: seen, response: { ...asRecord(response), ...ended } }
  return `event: ${type}\ndata: ${JSON.stringify(data)}\n\n`
}

/** Follows one stream of a response. */
export function responsesStreamReader(): StreamReader {
  const output = new OutputCounter(readGenerated, '"delta"')
  const last = new LastUsage(readGenerated)
  let created = ''
  let seen = 0
  return {
    read(data) {
      created ||= data
      seen += 1
      output.add(data)
      last.hear(data, HAS_USAGE.test(data) ? readResponsesUsage(parseEvent(data)) : undefined)
      return { isUsageOnly: false }
    },
    usage: () => last.told(),
    countOutput: () => output.count(),
    hasEnded: () => output.hasEnded(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff({ inputTokens: input_tokens }) {
      const output_tokens = output.count()
      const details = { input_tokens_details: { cached_tokens: 0 }, output_tokens_details: { reasoning_tokens: 0 } }
      const total_tokens = input_tokens + output_tokens
      return cutOff(created, seen, { input_tokens, output_tokens, total_tokens, ...details })
    },
  }
}

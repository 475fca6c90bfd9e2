import { LastUsage } from '../last-usage.ts'
import { OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { type CutOff, cutOff } from './cut-off.ts'
import { readGenerated } from './read-generated.ts'
import { readOpenaiUsage } from './read-usage.ts'

// Most chunks say `"usage":null` or nothing, and are never parsed. Inside generated text the quotes are escaped, so
// only a real member matches.
const HAS_USAGE = /"usage"\s*:\s*\{/

function isUsageOnly({ choices, usage }: Record<string, unknown>): boolean {
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null
}

/** Follows one stream of chunks on OpenAI's wire: of a chat, or of a legacy completion. */
export function openaiStreamReader(kind: CutOff['kind'] = 'chat'): StreamReader {
  const output = new OutputCounter(readGenerated, '"choices"')
  const last = new LastUsage(readGenerated)
  let lastData = ''
  return {
    read(data) {
      output.add(data)
      if (data !== '[DONE]') lastData = data
      const event = HAS_USAGE.test(data) ? parseEvent(data) : undefined
      last.hear(data, event && readOpenaiUsage(event))
      return { isUsageOnly: event !== undefined && isUsageOnly(event) }
    },
    usage: () => last.told(),
    countOutput: () => output.count(),
    hasEnded: () => output.hasEnded(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff({ withUsage, inputTokens }) {
      const usage = withUsage ? { inputTokens, outputTokens: output.count() } : undefined
      return cutOff({ kind, event: lastData, openChoices: output.openChoices(), usage })
    },
  }
}

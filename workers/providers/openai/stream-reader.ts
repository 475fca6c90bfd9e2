import type { Usage } from '../../core/usage.ts'
import { OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { cutOff } from './cut-off.ts'
import { readGenerated } from './read-generated.ts'
import { readOpenaiUsage } from './read-usage.ts'

// Most chunks say `"usage":null` or nothing, and are never parsed. Inside generated text the quotes are escaped, so
// only a real member matches.
const HAS_USAGE = /"usage"\s*:\s*\{/

function isUsageOnly({ choices, usage }: Record<string, unknown>): boolean {
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null
}

/**
 * Follows one stream on OpenAI's wire. Keeps the last usage it saw: some vendors send a growing one in every chunk. Where
 * output follows it, it was not the last word: what came after is added by our own count.
 */
export function openaiStreamReader(): StreamReader {
  const output = new OutputCounter(readGenerated)
  let lastData = ''
  let last: { usage: Usage; outputAfter: OutputCounter } | undefined
  return {
    read(data) {
      output.add(data)
      lastData = data
      const event = HAS_USAGE.test(data) ? parseEvent(data) : undefined
      const usage = event && readOpenaiUsage(event)
      if (usage) last = { usage, outputAfter: new OutputCounter(readGenerated) }
      else last?.outputAfter.add(data)
      return { isUsageOnly: event !== undefined && isUsageOnly(event) }
    },
    usage() {
      if (!last) return undefined
      const after = last.outputAfter.count()
      return { usage: { ...last.usage, outputTokens: last.usage.outputTokens + after }, isWhole: after === 0 }
    },
    countOutput: () => output.count(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff({ withUsage, inputTokens }) {
      const usage = withUsage ? { inputTokens, outputTokens: output.count() } : undefined
      return cutOff({ event: lastData, openChoices: output.openChoices(), usage })
    },
  }
}

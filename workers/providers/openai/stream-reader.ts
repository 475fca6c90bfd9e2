import type { Usage } from '../../core/usage.ts'
import type { StreamReader } from '../port.ts'
import { OutputCounter } from './output-counter.ts'
import { parseEvent } from './parse-event.ts'
import { readOpenaiUsage } from './read-usage.ts'

// Most chunks say `"usage":null` or nothing, and are never parsed. Inside generated text the quotes are escaped, so
// only a real member matches.
const HAS_USAGE = /"usage"\s*:\s*\{/

function isUsageOnly({ choices, usage }: Record<string, unknown>): boolean {
  return Array.isArray(choices) && choices.length === 0 && typeof usage === 'object' && usage !== null
}

/** Follows one stream on OpenAI's wire. Keeps the last usage it saw: some vendors send a growing one in every chunk. */
export function openaiStreamReader(): StreamReader {
  const output = new OutputCounter()
  let last: Usage | undefined
  return {
    read(data) {
      output.add(data)
      if (!HAS_USAGE.test(data)) return { isUsageOnly: false }
      const event = parseEvent(data)
      last = readOpenaiUsage(event) ?? last
      return { isUsageOnly: isUsageOnly(event) }
    },
    usage: () => last,
    countOutput: () => output.count(),
  }
}

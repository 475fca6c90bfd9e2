import { asRecord } from '../../formats/as-record.ts'
import { textOf } from '../../formats/read-sent.ts'
import { LastUsage } from '../last-usage.ts'
import { type Generated, OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { readBedrockUsage } from './read-usage.ts'

const HAS_USAGE = /"usage"\s*:\s*\{/
const NAMES_BLOCK = /"contentBlockIndex"\s*:\s*(\d+)/
const OPENS_OR_FILLS = /"(?:delta|start)"\s*:/

// Events are told apart by what is in them: their names are in lines of their own, which a reader is not given.
function readGenerated(data: string): Generated[] {
  const { stopReason, delta, start } = parseEvent(data)
  if (typeof stopReason === 'string') return [{ choice: 0, text: '', isLast: true }]
  if (delta === undefined && start === undefined) return []
  const { text, toolUse, reasoningContent } = asRecord(delta)
  const thought = textOf(asRecord(reasoningContent).text)
  const call = textOf(asRecord(asRecord(start).toolUse).name) + textOf(asRecord(toolUse).input)
  return [{ choice: 0, text: textOf(text) + thought + call, isLast: false }]
}

function say(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`
}

function cutOff(openBlock: string | undefined, usage: { inputTokens: number; outputTokens: number }): string {
  const stop = openBlock === undefined ? '' : say('contentBlockStop', { contentBlockIndex: Number(openBlock) })
  const told = { usage: { ...usage, totalTokens: usage.inputTokens + usage.outputTokens } }
  return stop + say('messageStop', { stopReason: 'max_tokens' }) + say('metadata', told)
}

/** Follows one stream of ConverseStream, its frames made events (`events-as-sse.ts`). `metadata` tells the usage, at the end. */
export function bedrockStreamReader(): StreamReader {
  const output = new OutputCounter(readGenerated)
  const last = new LastUsage(readGenerated)
  let openBlock: string | undefined
  return {
    read(data) {
      output.add(data)
      last.hear(data, HAS_USAGE.test(data) ? readBedrockUsage(parseEvent(data)) : undefined)
      const block = NAMES_BLOCK.exec(data)?.[1]
      if (block !== undefined) openBlock = OPENS_OR_FILLS.test(data) ? block : undefined
      return { isUsageOnly: false }
    },
    usage: () => last.told(),
    countOutput: () => output.count(),
    hasEnded: () => output.hasEnded(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff: ({ inputTokens }) => cutOff(openBlock, { inputTokens, outputTokens: output.count() }),
  }
}

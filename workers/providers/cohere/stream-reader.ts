import { asRecord } from '../../formats/as-record.ts'
import { textOf } from '../../formats/read-sent.ts'
import { LastUsage } from '../last-usage.ts'
import { type Generated, OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { readCohereUsage } from './read-usage.ts'

const HAS_USAGE = /"usage"\s*:\s*\{/
const BLOCK_EVENT = /"type"\s*:\s*"(content|tool-call)-(start|end)"/
const NAMES_BLOCK = /"index"\s*:\s*(\d+)/

// Text, thoughts, the plan, and calls; citations are no output that is billed.
function readGenerated(data: string): Generated[] {
  const { type, delta } = parseEvent(data)
  if (type === 'message-end') return [{ choice: 0, text: '', isLast: true }]
  if (delta === undefined || textOf(type).startsWith('citation')) return []
  const { content, tool_plan, tool_calls } = asRecord(asRecord(delta).message)
  const { text, thinking } = asRecord(content)
  const called = asRecord(asRecord(tool_calls).function)
  const all = [text, thinking, tool_plan, called.name, called.arguments].map(textOf).join('')
  return [{ choice: 0, text: all, isLast: false }]
}

function say(event: { type: string } & Record<string, unknown>): string {
  return `event: ${event.type}\ndata: ${JSON.stringify(event)}\n\n`
}

type OpenBlock = { kind: string; index: number }

function cutOff(open: OpenBlock | undefined, counts: { input_tokens: number; output_tokens: number }): string {
  const stop = open ? say({ type: `${open.kind}-end`, index: open.index }) : ''
  const usage = { billed_units: counts, tokens: counts }
  return stop + say({ type: 'message-end', delta: { finish_reason: 'MAX_TOKENS', usage } })
}

/** Follows one stream of Cohere's chat. `message-end` tells the usage. */
export function cohereStreamReader(): StreamReader {
  const output = new OutputCounter(readGenerated)
  const last = new LastUsage(readGenerated)
  let open: OpenBlock | undefined
  return {
    read(data) {
      output.add(data)
      last.hear(data, HAS_USAGE.test(data) ? readCohereUsage(parseEvent(data)) : undefined)
      const [, kind = '', edge] = BLOCK_EVENT.exec(data) ?? []
      if (edge) open = edge === 'end' ? undefined : { kind, index: Number(NAMES_BLOCK.exec(data)?.[1] ?? 0) }
      return { isUsageOnly: false }
    },
    usage: () => last.told(),
    countOutput: () => output.count(),
    hasEnded: () => output.hasEnded(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff: ({ inputTokens }) => cutOff(open, { input_tokens: inputTokens, output_tokens: output.count() }),
  }
}

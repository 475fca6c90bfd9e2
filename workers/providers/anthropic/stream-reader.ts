import type { BillableUsage } from '../../core/pricing/index.ts'
import { asRecord } from '../../formats/as-record.ts'
import { type Generated, OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { anthropicUsage } from './read-usage.ts'

const HAS_USAGE = /"usage"\s*:\s*\{/

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

// Text, thoughts and arguments; a signature is no output that is billed.
function readGenerated(data: string): Generated[] {
  const { type, delta, content_block } = parseEvent(data)
  if (type === 'message_stop') return [{ choice: 0, text: '', isLast: true }]
  const { text, thinking, partial_json } = asRecord(delta)
  const { name } = asRecord(content_block)
  return [{ choice: 0, text: textOf(text) + textOf(thinking) + textOf(partial_json) + textOf(name), isLast: false }]
}

/** What the stream has told of its usage: `message_start` tells the input, each `message_delta` the totals so far. */
class ToldUsage {
  #sent: Record<string, unknown> = {}
  isFinal = false

  hear(data: string): void {
    const { type, message, usage } = parseEvent(data)
    if (type === 'message_start') this.#sent = asRecord(asRecord(message).usage)
    if (type !== 'message_delta') return
    const told = Object.entries(asRecord(usage)).filter(([, value]) => value !== null)
    this.#sent = { ...this.#sent, ...Object.fromEntries(told) }
    this.isFinal = true
  }

  get usage(): BillableUsage | undefined {
    return anthropicUsage(this.#sent)
  }
}

const NAMES_BLOCK = /"index"\s*:\s*(\d+)/

/** Follows one stream on Anthropic's wire. Input that was told before the stream broke is believed; output is then counted. */
export function anthropicStreamReader(): StreamReader {
  const output = new OutputCounter(readGenerated)
  const told = new ToldUsage()
  let openBlock: string | undefined
  return {
    read(data) {
      output.add(data)
      if (HAS_USAGE.test(data)) told.hear(data)
      if (data.includes('"content_block_start"')) openBlock = NAMES_BLOCK.exec(data)?.[1]
      if (data.includes('"content_block_stop"')) openBlock = undefined
      return { isUsageOnly: false }
    },
    usage() {
      const { usage, isFinal } = told
      if (!usage) return undefined
      const outputTokens = isFinal ? usage.outputTokens : Math.max(usage.outputTokens, output.count())
      return { usage: { ...usage, outputTokens }, isWhole: isFinal }
    },
    countOutput: () => output.count(),
    hasEnded: () => output.hasEnded(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff: () => cutOff(openBlock, output.count()),
  }
}

function say(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify({ type: event, ...data })}\n\n`
}

function cutOff(openBlock: string | undefined, outputTokens: number): string {
  const stop = openBlock === undefined ? '' : say('content_block_stop', { index: Number(openBlock) })
  const delta = { stop_reason: 'max_tokens', stop_sequence: null }
  const usage = { output_tokens: outputTokens }
  return `${stop}${say('message_delta', { delta, usage })}${say('message_stop', {})}`
}

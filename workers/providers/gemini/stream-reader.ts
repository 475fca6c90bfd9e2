import { asRecord } from '../../formats/as-record.ts'
import { LastUsage } from '../last-usage.ts'
import { type Generated, OutputCounter } from '../output-counter.ts'
import { parseEvent } from '../parse-event.ts'
import type { StreamReader } from '../port.ts'
import { readGeminiUsage } from './read-usage.ts'

const HAS_USAGE = /"usageMetadata"\s*:\s*\{/
const HAS_FINISH = /"finishReason"\s*:\s*"/

function partText(part: Record<string, unknown>): string {
  const { text, functionCall } = part
  return (typeof text === 'string' ? text : '') + (functionCall === undefined ? '' : JSON.stringify(functionCall))
}

function generatedBy(candidate: Record<string, unknown>): Generated {
  const { index, content, finishReason } = candidate
  const { parts } = asRecord(content)
  const text = Array.isArray(parts) ? parts.map(part => partText(asRecord(part))).join('') : ''
  return { choice: typeof index === 'number' ? index : 0, text, isLast: finishReason != null }
}

function readGenerated(data: string): Generated[] {
  const { candidates } = parseEvent(data)
  return Array.isArray(candidates) ? candidates.map(one => generatedBy(asRecord(one))) : []
}

function cutOff(openChoices: number[], usage: object): string {
  const content = { role: 'model', parts: [] }
  const candidates = openChoices.map(index => ({ index, content, finishReason: 'MAX_TOKENS' }))
  return `data: ${JSON.stringify({ candidates, usageMetadata: usage })}\r\n\r\n`
}

/** Follows one stream on Gemini's wire. Every chunk tells the usage so far; only that of the last one is the whole. */
export function geminiStreamReader(): StreamReader {
  const output = new OutputCounter(readGenerated)
  const last = new LastUsage(readGenerated)
  let isFinished = false
  return {
    read(data) {
      output.add(data)
      isFinished ||= HAS_FINISH.test(data)
      last.hear(data, HAS_USAGE.test(data) ? readGeminiUsage(parseEvent(data)) : undefined)
      return { isUsageOnly: false }
    },
    usage() {
      const told = last.told()
      if (!told || isFinished) return told
      // Chunks before the last one need not count what they bring.
      const outputTokens = Math.max(told.usage.outputTokens, output.count())
      return { usage: { ...told.usage, outputTokens }, isWhole: false }
    },
    countOutput: () => output.count(),
    hasEnded: () => output.hasEnded(),
    isOutputOver: tokens => output.isOver(tokens) && output.openChoices().length > 0,
    cutOff({ inputTokens: promptTokenCount }) {
      const candidatesTokenCount = output.count()
      const totalTokenCount = promptTokenCount + candidatesTokenCount
      return cutOff(output.openChoices(), { promptTokenCount, candidatesTokenCount, totalTokenCount })
    },
  }
}

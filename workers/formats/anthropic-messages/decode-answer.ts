import { asRecord } from '../as-record.ts'
import type { ChatAnswer, Choice, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { decodeFinish } from './finish.ts'
import { given } from './given.ts'
import { openCallId, openThought } from './seal.ts'
import { decodeToldTier } from './service-tier.ts'
import { argumentsOf } from './tool-input.ts'
import { decodeUsage } from './usage.ts'

/** A text; empty where a vendor sent anything else. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** What a refusal says of itself, where it does. */
export function explanationOf(stopDetails: unknown): string {
  return textOf(asRecord(stopDetails).explanation)
}

// Blocks of Anthropic's own tools are left out: no ask that was translated can have had those tools.
function decodeBlock(value: unknown): Part[] {
  const block = asRecord(value)
  switch (block.type) {
    case 'text':
      return textOf(block.text) === '' ? [] : [{ kind: 'text', text: textOf(block.text) }]
    case 'thinking':
      return [{ kind: 'reasoning', text: textOf(block.thinking), ...openThought(textOf(block.signature)) }]
    case 'redacted_thinking':
      return [{ kind: 'reasoning', text: '', redacted: textOf(block.data) }]
    case 'tool_use': {
      const call = { ...openCallId(textOf(block.id)), name: textOf(block.name) }
      return [{ kind: 'tool_call', ...call, arguments: argumentsOf(block.input) }]
    }
    default:
      return []
  }
}

function decodeParts({ content, stop_details }: Json): Part[] {
  const explanation = explanationOf(stop_details)
  const parts = Array.isArray(content) ? content.flatMap(decodeBlock) : []
  return explanation === '' ? parts : [...parts, { kind: 'refusal', text: explanation }]
}

function decodeChoice(body: Json): Choice {
  const stopSequence = typeof body.stop_sequence === 'string' ? body.stop_sequence : undefined
  return given({ index: 0, parts: decodeParts(body), finish: decodeFinish(body.stop_reason), stopSequence })
}

/** A whole answer. This wire tells no time: `createdMs` is 0. */
export function decodeAnswer(body: Json): ChatAnswer {
  return {
    id: textOf(body.id),
    model: textOf(body.model),
    createdMs: 0,
    choices: [decodeChoice(body)],
    usage: decodeUsage(body.usage),
    ...given({ serviceTier: decodeToldTier(asRecord(body.usage).service_tier) }),
  }
}

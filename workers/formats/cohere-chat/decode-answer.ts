import { asRecord } from '../as-record.ts'
import type { ChatAnswer, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { recordsOf, textOf } from '../read-sent.ts'
import { finishOf } from './finish.ts'
import { pieceLogprob } from './logprobs.ts'
import { TOOL_PLAN } from './tool-plan.ts'
import { usageOf } from './usage.ts'

function contentPart({ type, text, thinking }: Json): Part[] {
  if (type === 'thinking') return [{ kind: 'reasoning', text: textOf(thinking) }]
  return type === 'text' ? [{ kind: 'text', text: textOf(text) }] : []
}

function planParts(plan: unknown): Part[] {
  return textOf(plan) === '' ? [] : [{ kind: 'reasoning', text: textOf(plan), id: TOOL_PLAN }]
}

function callPart({ id, function: called }: Json): Part {
  const { name, arguments: args } = asRecord(called)
  return { kind: 'tool_call', id: textOf(id), name: textOf(name), arguments: textOf(args) || '{}' }
}

function partsOf(value: unknown): Part[] {
  const message = asRecord(value)
  const content = recordsOf(message.content).flatMap(contentPart)
  return [...content, ...planParts(message.tool_plan), ...recordsOf(message.tool_calls).map(callPart)]
}

/** A whole answer of Cohere. It tells no model or time: they are empty and 0, for the caller of this to fill in. */
export function decodeAnswer(body: Json): ChatAnswer {
  const logprobs = recordsOf(body.logprobs).flatMap(each => pieceLogprob(each) ?? [])
  const choice = {
    index: 0,
    parts: partsOf(body.message),
    finish: finishOf(body.finish_reason),
    ...(logprobs.length > 0 && { logprobs }),
  }
  return { id: textOf(body.id), model: '', createdMs: 0, choices: [choice], usage: usageOf(body.usage) }
}

import { asRecord } from '../as-record.ts'
import type { ChatAnswer, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { recordsOf, textOf } from '../read-sent.ts'
import { finishOf, stopSequenceOf } from './finish.ts'
import { mediaTypeOf } from './media.ts'
import { serviceTierOf, usageOf } from './usage.ts'

function reasoningPart(value: unknown): Part {
  const { reasoningText, redactedContent } = asRecord(value)
  if (typeof redactedContent === 'string') return { kind: 'reasoning', text: '', redacted: redactedContent }
  const { text, signature } = asRecord(reasoningText)
  return { kind: 'reasoning', text: textOf(text), ...(typeof signature === 'string' && { signature }) }
}

// What a server-side tool was asked and answered is no call for the caller to make.
function toolParts(value: unknown): Part[] {
  const { toolUseId, name, input, type } = asRecord(value)
  if (type !== undefined) return []
  return [{ kind: 'tool_call', id: textOf(toolUseId), name: textOf(name), arguments: JSON.stringify(input ?? {}) }]
}

function imageParts(value: unknown): Part[] {
  const { format, source } = asRecord(value)
  const base64 = textOf(asRecord(source).bytes)
  return base64 === '' ? [] : [{ kind: 'image', source: { kind: 'data', mediaType: mediaTypeOf(format), base64 } }]
}

function partsOf(block: Json): Part[] {
  if (typeof block.text === 'string') return [{ kind: 'text', text: block.text }]
  if (block.toolUse !== undefined) return toolParts(block.toolUse)
  if (block.reasoningContent !== undefined) return [reasoningPart(block.reasoningContent)]
  if (block.image !== undefined) return imageParts(block.image)
  return recordsOf(asRecord(block.citationsContent).content).flatMap(partsOf)
}

/** A whole answer of Converse. It tells no id, model or time: they are empty and 0, for the caller of this to fill in. */
export function decodeAnswer(body: Json): ChatAnswer {
  const { content } = asRecord(asRecord(body.output).message)
  const choice = {
    index: 0,
    parts: recordsOf(content).flatMap(partsOf),
    finish: finishOf(body.stopReason),
    ...stopSequenceOf(body.additionalModelResponseFields),
  }
  const usage = usageOf(body.usage)
  return { id: '', model: '', createdMs: 0, choices: [choice], usage, ...serviceTierOf(body.serviceTier) }
}

import { asRecord } from '../as-record.ts'
import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { type Call, functionCall } from './call-part.ts'
import { given } from './given.ts'
import { filePart, inlinePart, mediaJson } from './media.ts'
import { unwrapSeal, wrapSeal } from './signature.ts'
import { textParts } from './text-part.ts'

/** Names a call by how many came before it in its answer. */
export type NameCall = () => string

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function readCall(part: Json, nameCall: NameCall): Part {
  const { id, name, args } = asRecord(part.functionCall)
  const { signature } = unwrapSeal(textOf(part.thoughtSignature))
  const made = nameCall()
  return {
    kind: 'tool_call',
    id: textOf(id) || made,
    name: textOf(name) ?? '',
    arguments: JSON.stringify(args ?? {}),
    ...given({ signature }),
  }
}

function readMedia(part: Json): Part[] {
  const [inline, file] = [asRecord(part.inlineData), asRecord(part.fileData)]
  const [base64, uri] = [textOf(inline.data), textOf(file.fileUri)]
  if (base64 !== undefined)
    return [inlinePart({ mediaType: textOf(inline.mimeType) ?? '', base64, name: textOf(inline.displayName) })]
  return uri === undefined ? [] : [filePart({ uri, mediaType: textOf(file.mimeType), name: textOf(file.displayName) })]
}

/** A part of an answer, which may be a text and what signs it. What is not understood is none. */
export function readPart(value: unknown, nameCall: NameCall): Part[] {
  const part = asRecord(value)
  if (typeof part.functionCall === 'object' && part.functionCall !== null) return [readCall(part, nameCall)]
  const thoughtSignature = textOf(part.thoughtSignature)
  const text = textParts({ text: textOf(part.text) ?? '', isThought: part.thought === true, thoughtSignature })
  return [...readMedia(part), ...text]
}

/** A thought for a client, with what its vendor must see again. */
export function thoughtJson({ text, ...thought }: Extract<Part, { kind: 'reasoning' }>): Json {
  const { signature, redacted, id } = thought
  return { text, thought: true, ...wrapSeal(given({ signature, redacted, id })) }
}

/** A call for a client, with what its vendor must see again. */
export function callJson(call: Call, args: Json): Json {
  return { functionCall: functionCall(call, args), ...wrapSeal(given({ signature: call.signature })) }
}

/** A part of an answer for a client; calls are made by `callJson`, and results are in no answer. */
export function writePart(part: Exclude<Part, { kind: 'tool_call' }>): Json[] {
  if (part.kind === 'reasoning') return [thoughtJson(part)]
  if (part.kind === 'text' || part.kind === 'refusal') return part.text === '' ? [] : [{ text: part.text }]
  return part.kind === 'tool_result' ? [] : [mediaJson(part, 'candidates')]
}

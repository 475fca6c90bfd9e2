import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeCacheMark } from './cache-mark.ts'
import { encodeDocumentSource, encodeImageSource } from './encode-source.ts'
import { sealCallId } from './seal.ts'
import { inputOf } from './tool-input.ts'

type PartOf<K extends Part['kind']> = Extract<Part, { kind: K }>

// Anthropic refuses empty text.
function encodeText({ text, cache }: PartOf<'text'>): Json[] {
  return text === '' ? [] : [{ type: 'text', text, ...encodeCacheMark(cache) }]
}

function encodeImage({ source, detail, cache }: PartOf<'image'>, param: string): Json {
  if (detail === 'low') throw untranslatable(param, 'this wire has no images of low detail')
  return { type: 'image', source: encodeImageSource(source, param), ...encodeCacheMark(cache) }
}

function encodeFile({ source, name, cache }: PartOf<'file'>, param: string): Json {
  const title = name === undefined ? {} : { title: name }
  return { type: 'document', source: encodeDocumentSource(source, param), ...title, ...encodeCacheMark(cache) }
}

function encodeCall(call: PartOf<'tool_call'>): Json {
  const id = sealCallId({ id: call.id })
  return { type: 'tool_use', id, name: call.name, input: inputOf(call.arguments), ...encodeCacheMark(call.cache) }
}

function encodeResult(part: PartOf<'tool_result'>, param: string): Json {
  const content = part.content.flatMap(item => encodeUserPart(item, param))
  return {
    type: 'tool_result',
    tool_use_id: sealCallId({ id: part.callId }),
    ...(content.length > 0 && { content }),
    ...(part.isError !== undefined && { is_error: part.isError }),
    ...encodeCacheMark(part.cache),
  }
}

// A thought without its signature is not taken back by Anthropic, and is not asked for either.
function encodeThought(part: PartOf<'reasoning'>): Json[] {
  if (part.redacted !== undefined) return [{ type: 'redacted_thinking', data: part.redacted }]
  return part.signature ? [{ type: 'thinking', thinking: part.text, signature: part.signature }] : []
}

/** The blocks of a part that a system message has: text alone. */
export function encodeSystemPart(part: Part, param: string): Json[] {
  if (part.kind !== 'text') throw untranslatable(param, `this wire's instructions have no ${part.kind}`)
  return encodeText(part)
}

/** The blocks of a part that a user sent: one, or none where it is empty. */
export function encodeUserPart(part: Part, param: string): Json[] {
  switch (part.kind) {
    case 'text':
      return encodeText(part)
    case 'image':
      return [encodeImage(part, param)]
    case 'file':
      return [encodeFile(part, param)]
    case 'tool_result':
      return [encodeResult(part, param)]
    default:
      throw untranslatable(param, `this wire has no ${part.kind} of a user`)
  }
}

/** The blocks of a part that the model answered. What it refused with is text on this wire. */
export function encodeAssistantPart(part: Part, param: string): Json[] {
  switch (part.kind) {
    case 'text':
      return encodeText(part)
    case 'refusal':
      return encodeText({ kind: 'text', text: part.text })
    case 'reasoning':
      return encodeThought(part)
    case 'tool_call':
      return [encodeCall(part)]
    default:
      throw untranslatable(param, `this wire has no ${part.kind} of an assistant`)
  }
}

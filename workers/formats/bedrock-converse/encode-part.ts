import { parseLossless } from '../../contracts/lossless-json.ts'
import { GatewayError } from '../../errors/gateway-error.ts'
import type { CacheMark, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { mediaBlock } from './media.ts'

/** Where a part is: its path in the request, how documents are named, and whether thoughts without a signature are taken. */
export type Place = {
  param: string
  nameDocument: (name: string | undefined) => string
  takesUnsigned: boolean
}

type Of<Kind extends Part['kind']> = Extract<Part, { kind: Kind }>

/** A mark that ends a cached prefix. Five minutes are the default and unsaid: not every model knows `ttl`. */
export function cachePoint({ ttl }: CacheMark): Json {
  return { cachePoint: { type: 'default', ...(ttl === '1h' && { ttl }) } }
}

/** The mark of a part. A tool's result cannot have one inside: the first of its content moves behind it. */
function markOf(part: Part): CacheMark | undefined {
  if (part.kind === 'tool_result') return part.cache ?? part.content.map(markOf).find(mark => mark !== undefined)
  return 'cache' in part ? part.cache : undefined
}

function toolInput({ arguments: text }: Of<'tool_call'>, place: Place): unknown {
  try {
    return text.trim() === '' ? {} : parseLossless(text)
  } catch {
    throw new GatewayError('request_invalid', `${place.param}: the arguments of a tool call are not JSON.`, {
      param: place.param,
    })
  }
}

function toolUse(part: Of<'tool_call'>, place: Place): Json {
  return { toolUse: { toolUseId: part.id, name: part.name, input: toolInput(part, place) } }
}

function resultBlock(part: Part, place: Place): Json | undefined {
  if (part.kind === 'text' || part.kind === 'image' || part.kind === 'file') return wireBlock(part, place)
  throw untranslatable(place.param, `a tool's result cannot hold ${part.kind} on Bedrock`)
}

function toolResult(part: Of<'tool_result'>, place: Place): Json {
  const content = part.content.map(inner => resultBlock(inner, place)).filter(block => block !== undefined)
  return { toolResult: { toolUseId: part.callId, content, ...(part.isError === true && { status: 'error' }) } }
}

// Anthropic's models refuse thoughts that they did not sign; those came from another model, or were cut on the way.
function reasoning({ text, signature, redacted }: Of<'reasoning'>, place: Place): Json | undefined {
  if (redacted !== undefined) return { reasoningContent: { redactedContent: redacted } }
  if (signature === undefined && (text === '' || !place.takesUnsigned)) return undefined
  return { reasoningContent: { reasoningText: { text, signature } } }
}

function wireBlock(part: Part, place: Place): Json | undefined {
  switch (part.kind) {
    case 'text':
    case 'refusal':
      // Bedrock refuses empty texts.
      return part.text === '' ? undefined : { text: part.text }
    case 'image':
      return { image: mediaBlock('image', part.source, place.param) }
    case 'audio':
      return { audio: mediaBlock('audio', part.source, place.param) }
    case 'file':
      return { document: { ...mediaBlock('document', part.source, place.param), name: place.nameDocument(part.name) } }
    case 'tool_call':
      return toolUse(part, place)
    case 'tool_result':
      return toolResult(part, place)
    case 'reasoning':
      return reasoning(part, place)
  }
}

/** A part as Converse's content blocks: itself, where it says anything, and its cache mark. Throws `untranslatable`. */
export function encodePart(part: Part, place: Place): Json[] {
  const block = wireBlock(part, place)
  const mark = markOf(part)
  return [...(block ? [block] : []), ...(mark ? [cachePoint(mark)] : [])]
}

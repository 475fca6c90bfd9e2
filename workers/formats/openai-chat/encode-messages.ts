import type { Message, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodeCall } from './calls.ts'
import { audioFormat, toUrl } from './media.ts'
import { encodeThoughts } from './thoughts.ts'

type TextPart = Extract<Part, { kind: 'text' }>
type Result = Extract<Part, { kind: 'tool_result' }>

function encodeImage(part: Extract<Part, { kind: 'image' }>, path: string): Json {
  const url = toUrl(part.source)
  if (url === undefined) throw untranslatable(path, 'a chat completion takes no pictures by id')
  return { type: 'image_url', image_url: given({ url, detail: part.detail }) }
}

function encodeAudio({ source }: Extract<Part, { kind: 'audio' }>, path: string): Json {
  if (source.kind !== 'data') throw untranslatable(path, 'a chat completion takes sounds inline only')
  return { type: 'input_audio', input_audio: { data: source.base64, format: audioFormat(source.mediaType) } }
}

// OpenAI wants a name with data, and reads the file's type from its ending.
function encodeFile({ source, name }: Extract<Part, { kind: 'file' }>, path: string): Json {
  if (source.kind === 'url') throw untranslatable(path, 'a chat completion takes no files by their address')
  if (source.kind === 'id') return { type: 'file', file: given({ file_id: source.id, filename: name }) }
  const filename = name ?? `file.${source.mediaType.split('/')[1]}`
  return { type: 'file', file: { file_data: toUrl(source), filename } }
}

function encodePart(part: Part, path: string): Json {
  if (part.kind === 'text') return { type: 'text', text: part.text }
  if (part.kind === 'image') return encodeImage(part, path)
  if (part.kind === 'audio') return encodeAudio(part, path)
  if (part.kind === 'file') return encodeFile(part, path)
  throw untranslatable(path, `a message of a user has no ${part.kind} on this wire`)
}

/** One text is a string, several are a list: most vendors read strings only, where there is a choice. */
function encodeContent(parts: Part[], path: string): string | Json[] {
  const [first] = parts
  if (!first) return ''
  if (parts.length === 1 && first.kind === 'text') return first.text
  return parts.map(part => encodePart(part, path))
}

function textsOnly(parts: Part[], path: string): TextPart[] {
  return parts.map(part => {
    if (part.kind === 'text') return part
    throw untranslatable(path, `only text can stand here, no ${part.kind}`)
  })
}

function encodeResult(result: Result, path: string): Json {
  const content = encodeContent(textsOnly(result.content, path), path)
  return { role: 'tool', tool_call_id: result.callId, content }
}

/** Results come first: they must follow the calls at once. */
function encodeUser({ parts, name }: Message, path: string): Json[] {
  const results = parts.filter(part => part.kind === 'tool_result')
  const rest = parts.filter(part => part.kind !== 'tool_result')
  const messages = results.map(result => encodeResult(result, path))
  if (rest.length === 0 && results.length > 0) return messages
  return [...messages, given({ role: 'user', content: encodeContent(rest, path), name })]
}

function encodeSpoken(parts: Part[], path: string): Json {
  const spoken = parts.filter(part => part.kind === 'audio')
  const [first] = spoken
  if (!first) return {}
  if (spoken.length > 1 || first.source.kind !== 'id') throw untranslatable(path, 'an assistant speaks once, by id')
  return { audio: { id: first.source.id } }
}

const ASSISTANT_KINDS: Part['kind'][] = ['text', 'refusal', 'reasoning', 'tool_call', 'audio']

function encodeAssistant({ parts, name }: Message, path: string): Json {
  const odd = parts.find(part => !ASSISTANT_KINDS.includes(part.kind))
  if (odd) throw untranslatable(path, `a message of an assistant has no ${odd.kind} on this wire`)
  const calls = parts.filter(part => part.kind === 'tool_call')
  const refusals = parts.filter(part => part.kind === 'refusal')
  const texts = parts.filter(part => part.kind === 'text')
  const isElse = calls.length > 0 || refusals.length > 0 || parts.some(part => part.kind === 'audio')
  return given({
    role: 'assistant',
    content: texts.length === 0 && isElse ? null : encodeContent(texts, path),
    ...encodeThoughts(parts),
    refusal: refusals.length > 0 ? refusals.map(({ text }) => text).join('') : undefined,
    ...encodeSpoken(parts, path),
    tool_calls: calls.length > 0 ? calls.map(encodeCall) : undefined,
    name,
  })
}

function encodeMessage(message: Message, index: number): Json[] {
  const path = `messages[${index}]`
  if (message.role === 'user') return encodeUser(message, path)
  if (message.role === 'assistant') return [encodeAssistant(message, path)]
  const content = encodeContent(textsOnly(message.parts, path), path)
  return [given({ role: 'system', content, name: message.name })]
}

/** All messages. Throws `untranslatable` with the place of a message that this wire cannot say. */
export function encodeMessages(messages: Message[]): Json[] {
  return messages.flatMap(encodeMessage)
}

import type { Message, Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { inputPart, outputPart } from './encode-content.ts'
import { saysAnything, summaryOf } from './reasoning-item.ts'

/** What a part becomes: items of its own, or content of a message. */
type Piece = { items: Json[] } | { content: Json }

type Of<K extends Part['kind']> = Extract<Part, { kind: K }>

function resultItem({ callId, content }: Of<'tool_result'>, path: string): Json {
  const only = content.length === 1 ? content[0] : undefined
  const output =
    only?.kind === 'text' ? only.text : content.map((part, index) => toolPart(part, `${path}.content.${index}`))
  return { type: 'function_call_output', call_id: callId, output }
}

function toolPart(part: Part, path: string): Json {
  if (part.kind === 'audio') throw untranslatable(path, 'a tool has no sounds for a result on this wire')
  return inputPart(part, path)
}

/** Hidden thoughts go back as they came: to the vendor that hid them they are one thing with its signatures. */
function thoughtItems(part: Of<'reasoning'>): Json[] {
  const { id, text, signature, redacted } = part
  const encrypted_content = signature ?? redacted
  if (!saysAnything(part)) return []
  return [{ type: 'reasoning', ...given({ id }), summary: summaryOf(text), ...given({ encrypted_content }) }]
}

function callItem({ id, name, arguments: text }: Of<'tool_call'>): Json {
  return { type: 'function_call', call_id: id, name, arguments: text }
}

/** The items of a part that is one by itself; `undefined` for what a message contains. */
function ownItems(part: Part, role: Message['role'], path: string): Json[] | undefined {
  if (part.kind === 'tool_result' && role === 'user') return [resultItem(part, path)]
  if (part.kind === 'reasoning' && role === 'assistant') return thoughtItems(part)
  if (part.kind === 'tool_call' && role === 'assistant') return [callItem(part)]
  return undefined
}

/** Content that follows content is of one message; what is an item by itself ends it. */
function joinContent(role: Message['role'], pieces: Piece[]): Json[] {
  const items: Json[] = []
  let content: Json[] | undefined
  for (const piece of pieces) {
    if ('items' in piece) {
      items.push(...piece.items)
      content = undefined
      continue
    }
    if (!content) {
      content = []
      items.push({ type: 'message', role, content })
    }
    content.push(piece.content)
  }
  return items
}

function messageItems({ role, parts, name }: Message, path: string): Json[] {
  if (name !== undefined) throw untranslatable(`${path}.name`, 'nobody has a name on this wire')
  const contentOf = role === 'assistant' ? outputPart : inputPart
  const pieces = parts.map((part, index) => {
    const partPath = `${path}.content.${index}`
    const items = ownItems(part, role, partPath)
    return items ? { items } : { content: contentOf(part, partPath) }
  })
  return joinContent(role, pieces)
}

/** The text of messages that begin with plain instructions. */
export function leadingInstructions(messages: Message[]): string | undefined {
  const [first] = messages
  const [part] = first?.parts ?? []
  const isPlain = first?.role === 'system' && first.parts.length === 1 && first.name === undefined
  return isPlain && part?.kind === 'text' ? part.text : undefined
}

/** The items of messages. `from`: the first that is sent as one. */
export function inputItems(messages: Message[], from: number): Json[] {
  return messages.flatMap((message, index) => (index < from ? [] : messageItems(message, `messages.${index}`)))
}

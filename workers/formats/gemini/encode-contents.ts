import type { ChatAsk, Message } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { encodePart, type Place } from './encode-part.ts'
import { NO_SIGNATURE } from './signature.ts'

type Content = { role: 'user' | 'model'; parts: Json[] }

/** Models that refuse a chat whose calls are not signed. */
const WANTS_SIGNATURES = /gemini-(?:[3-9]|[1-9]\d)/

function encodeParts(message: Message, place: Place): Json[] {
  if (message.name !== undefined) throw untranslatable(`${place.at}.name`, 'Gemini has no names of participants')
  return message.parts.flatMap((part, index) => encodePart(part, { ...place, at: `${place.at}.content.${index}` }))
}

// The first call of a turn bears its signature. One made by another vendor's model has none that Gemini could know.
function signFirstCall(parts: Json[]): Json[] {
  const first = parts.findIndex(part => part.functionCall !== undefined)
  return parts.map((part, index) => (index === first ? { thoughtSignature: NO_SIGNATURE, ...part } : part))
}

function isOnlyResults({ role, parts }: Content): boolean {
  return role === 'user' && parts.every(part => part.functionResponse !== undefined)
}

// Gemini wants all results of a turn's calls together; other wires have a message for each.
function join(contents: Content[]): Content[] {
  const joined: Content[] = []
  for (const content of contents) {
    const last = joined.at(-1)
    if (last && isOnlyResults(last) && isOnlyResults(content)) last.parts.push(...content.parts)
    else joined.push(content)
  }
  return joined
}

function encodeMessage(message: Message, ask: { model: string; place: Place }): Content[] {
  const parts = encodeParts(message, ask.place)
  if (parts.length === 0) return []
  if (message.role === 'user') return [{ role: 'user', parts }]
  return [{ role: 'model', parts: WANTS_SIGNATURES.test(ask.model) ? signFirstCall(parts) : parts }]
}

function encodeSystem(message: Message, place: Place): Json[] {
  if (message.parts.some(part => part.kind !== 'text'))
    throw untranslatable(place.at, 'Gemini takes instructions as text')
  return encodeParts(message, place)
}

/** The messages as Gemini takes them: all instructions before the chat, wherever they were, and results together. */
export function encodeContents(ask: ChatAsk): { contents: Content[]; systemInstruction?: { parts: Json[] } } {
  const names = new Map<string, string>()
  const contents: Content[] = []
  const system: Json[] = []
  for (const [index, message] of ask.messages.entries()) {
    const place = { at: `messages.${index}`, names }
    if (message.role === 'system') system.push(...encodeSystem(message, place))
    else contents.push(...encodeMessage(message, { model: ask.model, place }))
  }
  return { contents: join(contents), ...(system.length > 0 && { systemInstruction: { parts: system } }) }
}

import type { ChatAsk, Message } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { documentNamer } from './document-names.ts'
import { encodePart, type Place } from './encode-part.ts'
import { familyOf } from './model-fields.ts'

type WireMessage = { role: string; content: Json[] }

function requireText(message: Message, param: string): void {
  const odd = message.parts.find(part => part.kind !== 'text' && part.kind !== 'refusal')
  if (odd) throw untranslatable(param, `instructions cannot hold ${odd.kind} on Bedrock`)
}

function contentOf(message: Message, at: number, base: Omit<Place, 'param'>): Json[] {
  if (message.name !== undefined) throw untranslatable(`messages.${at}.name`, 'Bedrock has no names of participants')
  if (message.role === 'system') requireText(message, `messages.${at}.content`)
  return message.parts.flatMap((part, index) => encodePart(part, { ...base, param: `messages.${at}.content.${index}` }))
}

/** Turns must alternate, so what one role says in a row is one message. */
function inTurns(messages: WireMessage[]): WireMessage[] {
  const turns: WireMessage[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (last?.role === message.role) last.content.push(...message.content)
    else turns.push({ role: message.role, content: [...message.content] })
  }
  return turns
}

/**
 * The instructions before the first turn as `system`; later ones stay where they are, as messages of role `system`, which
 * newer models take. Throws `untranslatable`.
 */
export function encodeMessages(ask: ChatAsk): { system: Json[]; messages: WireMessage[] } {
  const place = { nameDocument: documentNamer(), takesUnsigned: familyOf(ask.model) !== 'anthropic' }
  const wire = ask.messages.map((message, at) => ({ role: message.role, content: contentOf(message, at, place) }))
  const found = wire.findIndex(message => message.role !== 'system')
  const first = found < 0 ? wire.length : found
  const system = wire.slice(0, first).flatMap(message => message.content)
  return { system, messages: inTurns(wire.slice(first)) }
}

import type { Message, Part } from '../chat.ts'
import { readItem } from './decode-item.ts'
import { type Field, readList } from './field.ts'
import { signCalls } from './reasoning-item.ts'

function isResult(part: Part | undefined): boolean {
  return part?.kind === 'tool_result'
}

/** An assistant's turn is one message, however many items it is sent in; so are the results of its calls. */
function isSameTurn(last: Message, next: Message): boolean {
  if (last.role !== next.role) return false
  return last.role === 'assistant' || (isResult(last.parts[0]) && isResult(next.parts[0]))
}

function joinTurns(messages: Message[]): Message[] {
  const turns: Message[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (last && isSameTurn(last, message)) last.parts.push(...message.parts)
    else turns.push(message)
  }
  return turns
}

function signTurn(message: Message): Message {
  return message.role === 'assistant' ? { ...message, parts: signCalls(message.parts) } : message
}

/** The messages of an `input`: a text of the user's, or a list of items. */
export function readInput(input: Field): Message[] {
  if (typeof input.value === 'string') return [{ role: 'user', parts: [{ kind: 'text', text: input.value }] }]
  const messages = readList(input).map(readItem)
  return joinTurns(messages.filter(message => message.parts.length > 0)).map(signTurn)
}

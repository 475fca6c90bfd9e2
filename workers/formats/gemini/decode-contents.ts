import type { Message, Part } from '../chat.ts'
import { CallIds } from './call-ids.ts'
import { decodePart } from './decode-part.ts'
import type { Fields } from './fields.ts'
import { invalid } from './invalid.ts'
import { joinPieces } from './text-part.ts'

/** Gemini's roles; `function` is an older word for a user who brings a function's response. */
const ROLES: Record<string, Message['role']> = { user: 'user', function: 'user', model: 'assistant' }

function partsOf(content: Fields, ids: CallIds): Part[] {
  content.refuseOthers(['role', 'parts'])
  return content.children('parts').flatMap(part => decodePart(part, ids))
}

function decodeContent(content: Fields, ids: CallIds): Message[] {
  const role = ROLES[content.text('role') ?? 'user']
  if (role === undefined) throw invalid(content.path('role'), 'must be user or model')
  const parts = partsOf(content, ids)
  return parts.length > 0 ? [{ role, parts }] : []
}

// Google's SDK keeps each event of a stream as a content of its own, and sends them all back.
function joinTurns(messages: Message[]): Message[] {
  const turns: Message[] = []
  for (const message of messages) {
    const last = turns.at(-1)
    if (last?.role === 'assistant' && message.role === 'assistant') last.parts.push(...message.parts)
    else turns.push({ ...message, parts: [...message.parts] })
  }
  return turns.map(turn => (turn.role === 'assistant' ? { ...turn, parts: joinPieces(turn.parts) } : turn))
}

function decodeSystem(request: Fields): Message[] {
  const instruction = request.child('systemInstruction')
  const parts = instruction ? partsOf(instruction, new CallIds()) : []
  if (parts.some(part => part.kind !== 'text')) throw invalid(request.path('systemInstruction'), 'must be text')
  return parts.length > 0 ? [{ role: 'system', parts }] : []
}

/** The messages of a request, its instructions first. Contents that say nothing are none. */
export function decodeContents(request: Fields): Message[] {
  if (!request.has('contents')) throw invalid('contents', 'is required')
  const ids = new CallIds()
  const messages = request.children('contents').flatMap(content => decodeContent(content, ids))
  return [...decodeSystem(request), ...joinTurns(messages)]
}

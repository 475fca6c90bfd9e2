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
  if (parts.length === 0) return []
  return [{ role, parts: role === 'assistant' ? joinPieces(parts) : parts }]
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
  return [...decodeSystem(request), ...request.children('contents').flatMap(content => decodeContent(content, ids))]
}

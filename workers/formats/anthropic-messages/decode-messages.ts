import type { Message } from '../chat.ts'
import { type BlockTypes, decodeContent } from './decode-block.ts'
import { invalid, readList, readObject, readText, refuseOthers } from './read-fields.ts'

const BLOCKS: Record<Message['role'], BlockTypes> = {
  system: ['text'],
  user: ['text', 'image', 'document', 'tool_result'],
  assistant: ['text', 'tool_use', 'thinking', 'redacted_thinking'],
}

function readRole(value: unknown, param: string): Message['role'] {
  const role = readText(value, param)
  if (role !== 'system' && role !== 'user' && role !== 'assistant') {
    throw invalid(param, 'must be "user", "assistant" or "system"')
  }
  return role
}

function decodeMessage(value: unknown, path: string): Message {
  const message = readObject(value, path)
  refuseOthers(message, ['role', 'content'], path)
  const role = readRole(message.role, `${path}.role`)
  return { role, parts: decodeContent(message.content, `${path}.content`, BLOCKS[role]) }
}

/** The request's `system`, a text or blocks, as the chat's first message; none where it is absent. */
export function decodeSystem(value: unknown): Message[] {
  const parts = decodeContent(value ?? '', 'system', BLOCKS.system)
  return parts.length > 0 ? [{ role: 'system', parts }] : []
}

/** The request's `messages`; `system` ones among them stay where they are. */
export function decodeMessages(value: unknown): Message[] {
  const messages = readList(value, 'messages', decodeMessage)
  if (messages.length === 0) throw invalid('messages', 'must have a message')
  return messages
}

import type { Message, Part } from '../chat.ts'
import { untranslatable } from '../untranslatable.ts'
import { readContent } from './decode-content.ts'
import { allowOnly, at, type Field, malformed, optional, readList, readObject, readText, readWord } from './field.ts'
import { readReasoning, saysAnything } from './reasoning-item.ts'

const ROLES = { user: 'user', assistant: 'assistant', system: 'system', developer: 'system' } as const

function readMessage(item: Field): Message {
  // `phase` tells commentary from the answer, for OpenAI's own models; without it the words are the same.
  allowOnly(item, ['type', 'id', 'status', 'role', 'content', 'phase'])
  const role = ROLES[readWord(at(item, 'role'), ['user', 'assistant', 'system', 'developer'])]
  return { role, parts: readContent(at(item, 'content'), role === 'assistant' ? 'assistant' : 'caller') }
}

/** A call that a program of OpenAI's made, or the result of one, is understood by no one else. */
function refuseProgram(item: Field): void {
  const caller = at(item, 'caller')
  if (caller.value == null || at(caller, 'type').value === 'direct') return
  throw untranslatable(caller.path, 'programs that call tools are run by OpenAI')
}

function readCall(item: Field): Message {
  refuseProgram(item)
  allowOnly(item, ['type', 'id', 'status', 'call_id', 'name', 'arguments', 'caller', 'created_by', 'parsed_arguments'])
  const name = readText(at(item, 'name'))
  const part: Part = {
    kind: 'tool_call',
    id: readText(at(item, 'call_id')),
    name,
    arguments: readText(at(item, 'arguments')),
  }
  return { role: 'assistant', parts: [part] }
}

function readResult(item: Field): Message {
  refuseProgram(item)
  allowOnly(item, ['type', 'id', 'status', 'call_id', 'output', 'caller', 'created_by'])
  const content = readContent(at(item, 'output'), 'caller')
  return { role: 'user', parts: [{ kind: 'tool_result', callId: readText(at(item, 'call_id')), content }] }
}

function readTexts(list: Field): void {
  for (const entry of readList(list)) readText(at(entry, 'text'))
}

function readThoughts(item: Field): Message {
  allowOnly(item, ['type', 'id', 'status', 'summary', 'content', 'encrypted_content', 'created_by'])
  for (const list of ['summary', 'content']) optional(at(item, list), readTexts)
  for (const text of ['id', 'encrypted_content']) optional(at(item, text), readText)
  const thoughts = readReasoning(readObject(item))
  return { role: 'assistant', parts: saysAnything(thoughts) ? [thoughts] : [] }
}

const READERS: Record<string, (item: Field) => Message> = {
  message: readMessage,
  function_call: readCall,
  function_call_output: readResult,
  reasoning: readThoughts,
}

/** One item of the input, as a message of its own. */
export function readItem(item: Field): Message {
  const { role } = readObject(item)
  const type = at(item, 'type')
  // A message may leave out what it is.
  const name = type.value == null && role !== undefined ? 'message' : readText(type)
  const read = Object.hasOwn(READERS, name) ? READERS[name] : undefined
  if (read) return read(item)
  if (name === 'item_reference')
    throw untranslatable(type.path, 'an item_reference names what OpenAI stored; send the item')
  if (name === '') throw malformed(type, 'the type of an item')
  throw untranslatable(type.path, `no other wire has an item of the type ${JSON.stringify(name.slice(0, 64))}`)
}

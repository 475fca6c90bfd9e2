import type { Message, Part } from '../chat.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { callSignature } from './calls.ts'
import { decodeCacheMark, decodeContent, decodeImages } from './decode-part.ts'
import { type Fields, invalid } from './fields.ts'
import { decodeThoughts } from './thoughts.ts'

/** Ids of the older `function_call`s, which have none, by the function's name. */
type FunctionIds = Map<string, string>

const CONTENT = ['role', 'content', 'name']
const THOUGHTS = ['reasoning_content', 'reasoning', 'reasoning_details']
const CALLS = ['tool_calls', 'function_call']
// `parsed` is what OpenAI's own SDK adds to an answer, and sends back.
const ANSWER = ['refusal', 'audio', 'images', 'annotations', 'parsed', ...THOUGHTS, ...CALLS]
const DETAILS = ['reasoning.text', 'reasoning.summary', 'reasoning.encrypted'] as const

function decodeToolCall(call: Fields): Part {
  call.onlyKnown(['id', 'type', 'index', 'function', 'extra_content', 'cache_control'])
  const type = call.text('type') ?? 'function'
  if (type !== 'function') throw untranslatable(call.at('type'), 'no other wire has custom tools')
  const called = call.needFields('function')
  called.onlyKnown(['name', 'arguments', 'parsed_arguments'])
  return given({
    kind: 'tool_call' as const,
    id: call.needText('id'),
    name: called.needText('name'),
    arguments: called.text('arguments') ?? '',
    signature: callSignature({ extra_content: call.get('extra_content') }),
    cache: decodeCacheMark(call),
  })
}

function decodeFunctionCall(message: Fields, ids: FunctionIds): Part[] {
  const call = message.fields('function_call')
  if (!call) return []
  const name = call.needText('name')
  const id = `call_${message.path.replace(/\D/g, '')}_${name}`
  ids.set(name, id)
  return [{ kind: 'tool_call', id, name, arguments: call.text('arguments') ?? '' }]
}

function thoughtsOf(message: Fields): Part[] {
  for (const detail of message.each('reasoning_details')) {
    if (detail.get('type') === undefined || !DETAILS.some(type => type === detail.get('type'))) {
      throw untranslatable(detail.at('type'), 'no other wire has such thoughts')
    }
  }
  return decodeThoughts({
    reasoning_content: message.text('reasoning_content'),
    reasoning: message.text('reasoning'),
    reasoning_details: message.list('reasoning_details'),
  })
}

function decodeSpoken(message: Fields): Part[] {
  const audio = message.fields('audio')
  return audio ? [{ kind: 'audio', source: { kind: 'id', id: audio.needText('id') } }] : []
}

function decodeAssistant(message: Fields, ids: FunctionIds): Message {
  message.onlyKnown([...CONTENT, ...ANSWER])
  const refusal = message.text('refusal')
  const parts: Part[] = [
    ...thoughtsOf(message),
    ...decodeContent(message),
    ...(refusal ? [{ kind: 'refusal' as const, text: refusal }] : []),
    ...decodeSpoken(message),
    ...decodeImages(message),
    ...message.each('tool_calls').map(decodeToolCall),
    ...decodeFunctionCall(message, ids),
  ]
  return given({ role: 'assistant' as const, parts, name: message.text('name') })
}

function decodeResult(message: Fields): Message {
  message.onlyKnown([...CONTENT, 'tool_call_id', 'cache_control'])
  const content = decodeContent(message)
  const result = {
    callId: message.needText('tool_call_id'),
    name: message.text('name'),
    cache: decodeCacheMark(message),
  }
  return { role: 'user', parts: [given({ kind: 'tool_result' as const, ...result, content })] }
}

function decodeFunctionResult(message: Fields, ids: FunctionIds): Message {
  message.onlyKnown(CONTENT)
  const name = message.needText('name')
  const callId = ids.get(name)
  if (callId === undefined) throw invalid(message.at('name'), 'no function of this name was called before')
  return { role: 'user', parts: [{ kind: 'tool_result', callId, name, content: decodeContent(message) }] }
}

function decodePlain(message: Fields, role: 'system' | 'user'): Message {
  message.onlyKnown(CONTENT)
  return given({ role, parts: decodeContent(message), name: message.text('name') })
}

function decodeMessage(message: Fields, ids: FunctionIds): Message {
  const role = message.needText('role')
  if (role === 'system' || role === 'developer') return decodePlain(message, 'system')
  if (role === 'user') return decodePlain(message, 'user')
  if (role === 'assistant') return decodeAssistant(message, ids)
  if (role === 'tool') return decodeResult(message)
  if (role === 'function') return decodeFunctionResult(message, ids)
  throw invalid(message.at('role'), 'must be developer, system, user, assistant, tool or function')
}

function hasOnlyResults(message: Message | undefined): message is Message {
  return message !== undefined && message.parts.length > 0 && message.parts.every(part => part.kind === 'tool_result')
}

/** All messages. Results that follow one another are one message: some wires want those of parallel calls together. */
export function decodeMessages(request: Fields): Message[] {
  const sent = request.each('messages')
  if (sent.length === 0) throw invalid(request.at('messages'), 'must have at least one message')
  const ids: FunctionIds = new Map()
  const messages: Message[] = []
  for (const fields of sent) {
    const message = decodeMessage(fields, ids)
    const last = messages.at(-1)
    if (hasOnlyResults(last) && hasOnlyResults(message)) last.parts.push(...message.parts)
    else messages.push(message)
  }
  return messages
}

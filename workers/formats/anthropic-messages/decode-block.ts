import type { Part } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { decodeCacheMark } from './cache-mark.ts'
import { decodeSource } from './decode-source.ts'
import { given } from './given.ts'
import { invalid, optional, readFlag, readList, readObject, readText, refuseOthers } from './read-fields.ts'
import { openCallId, openThought } from './seal.ts'
import { argumentsOf } from './tool-input.ts'

/** Types of blocks that a place in a request may have. */
export type BlockTypes = readonly string[]

const IN_RESULT: BlockTypes = ['text', 'image', 'document']

const markOf = (block: Json, path: string) => decodeCacheMark(block.cache_control, `${path}.cache_control`)

function decodeText(block: Json, path: string): Part {
  const { citations, ...rest } = block
  refuseOthers(rest, ['type', 'text', 'cache_control'], path)
  const cited = optional((list, param) => readList(list, param, item => item))(citations, `${path}.citations`)
  if (cited?.length) throw untranslatable(`${path}.citations`, 'no other wire takes citations back')
  return given({ kind: 'text', text: readText(block.text, `${path}.text`), cache: markOf(block, path) })
}

function decodeImage(block: Json, path: string): Part {
  refuseOthers(block, ['type', 'source', 'cache_control'], path)
  return given({ kind: 'image', source: decodeSource(block.source, `${path}.source`), cache: markOf(block, path) })
}

function decodeDocument(block: Json, path: string): Part {
  const { citations, ...rest } = block
  refuseOthers(rest, ['type', 'source', 'title', 'cache_control'], path)
  const { enabled } = optional(readObject)(citations, `${path}.citations`) ?? {}
  if (enabled === true) throw untranslatable(`${path}.citations`, 'no other wire cites its documents')
  const name = optional(readText)(block.title, `${path}.title`)
  return given({ kind: 'file', source: decodeSource(block.source, `${path}.source`), name, cache: markOf(block, path) })
}

function decodeToolUse(block: Json, path: string): Part {
  const { caller, ...rest } = block
  refuseOthers(rest, ['type', 'id', 'name', 'input', 'cache_control'], path)
  const { type = 'direct' } = optional(readObject)(caller, `${path}.caller`) ?? {}
  if (type !== 'direct') throw untranslatable(`${path}.caller`, 'no other wire lets one tool call another')
  return given({
    kind: 'tool_call',
    ...openCallId(readText(block.id, `${path}.id`)),
    name: readText(block.name, `${path}.name`),
    arguments: argumentsOf(readObject(block.input, `${path}.input`)),
    cache: markOf(block, path),
  })
}

function decodeToolResult(block: Json, path: string): Part {
  refuseOthers(block, ['type', 'tool_use_id', 'content', 'is_error', 'cache_control'], path)
  return given({
    kind: 'tool_result',
    callId: openCallId(readText(block.tool_use_id, `${path}.tool_use_id`)).id,
    content: decodeContent(block.content ?? '', `${path}.content`, IN_RESULT),
    isError: optional(readFlag)(block.is_error, `${path}.is_error`),
    cache: markOf(block, path),
  })
}

function decodeThinking(block: Json, path: string): Part {
  refuseOthers(block, ['type', 'thinking', 'signature'], path)
  const text = readText(block.thinking, `${path}.thinking`)
  return { kind: 'reasoning', text, ...openThought(readText(block.signature, `${path}.signature`)) }
}

function decodeRedacted(block: Json, path: string): Part {
  refuseOthers(block, ['type', 'data'], path)
  return { kind: 'reasoning', text: '', redacted: readText(block.data, `${path}.data`) }
}

const DECODERS = new Map<unknown, (block: Json, path: string) => Part>([
  ['text', decodeText],
  ['image', decodeImage],
  ['document', decodeDocument],
  ['tool_use', decodeToolUse],
  ['tool_result', decodeToolResult],
  ['thinking', decodeThinking],
  ['redacted_thinking', decodeRedacted],
])

function decodeBlock(value: unknown, path: string, types: BlockTypes): Part {
  const block = readObject(value, path)
  const type = readText(block.type, `${path}.type`)
  const decode = DECODERS.get(type)
  if (!decode) throw untranslatable(path, `no other wire has ${type} blocks`)
  if (!types.includes(type)) throw invalid(path, `a ${type} block cannot stand here`)
  return decode(block, path)
}

/** The parts of a message's or a result's content: one text, or a list of blocks of these types. */
export function decodeContent(value: unknown, path: string, types: BlockTypes): Part[] {
  if (typeof value === 'string') return value === '' ? [] : [{ kind: 'text', text: value }]
  return readList(value, path, (item, itemPath) => decodeBlock(item, itemPath, types))
}

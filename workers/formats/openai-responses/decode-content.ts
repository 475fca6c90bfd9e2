import type { Part } from '../chat.ts'
import { readMark } from './decode-mark.ts'
import { readAudio, readFile, readImage } from './decode-media.ts'
import { allowOnly, at, type Field, malformed, readList, readText } from './field.ts'

function readInputText(part: Field): Part {
  allowOnly(part, ['type', 'text', 'prompt_cache_breakpoint'])
  return { kind: 'text', text: readText(at(part, 'text')), ...readMark(part) }
}

function readOutputText(part: Field): Part {
  allowOnly(part, ['type', 'text', 'annotations', 'logprobs', 'parsed'])
  return { kind: 'text', text: readText(at(part, 'text')) }
}

function readRefusal(part: Field): Part {
  allowOnly(part, ['type', 'refusal', 'parsed'])
  return { kind: 'refusal', text: readText(at(part, 'refusal')) }
}

const READERS: Record<string, (part: Field) => Part> = {
  input_text: readInputText,
  input_image: readImage,
  input_file: readFile,
  input_audio: readAudio,
  output_text: readOutputText,
  refusal: readRefusal,
}

const INPUT = ['input_text', 'input_image', 'input_file', 'input_audio'] as const
const OUTPUT = ['output_text', 'refusal'] as const

function readPart(part: Field, kinds: readonly string[]): Part {
  const type = at(part, 'type')
  readText(type)
  const kind = kinds.find(each => each === type.value)
  const read = kind === undefined ? undefined : READERS[kind]
  if (!read) throw malformed(type, `one of ${kinds.join(', ')}`)
  return read(part)
}

/** What a message or a tool's result says: a text, or a list of parts. An assistant's parts are of other types than the rest's. */
export function readContent(content: Field, from: 'assistant' | 'caller'): Part[] {
  if (typeof content.value === 'string') return [{ kind: 'text', text: content.value }]
  const kinds = from === 'assistant' ? OUTPUT : INPUT
  return readList(content).map(part => readPart(part, kinds))
}

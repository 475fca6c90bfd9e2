import type { Part, Source } from '../chat.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { AUDIO_TYPES } from './audio-types.ts'
import { parseDataUrl } from './data-url.ts'
import { readMark } from './decode-mark.ts'
import { allowOnly, at, type Field, malformed, optional, readText, readWord } from './field.ts'

function readUrl(field: Field): Source {
  const url = readText(field)
  if (!url.startsWith('data:')) return { kind: 'url', url }
  const data = parseDataUrl(url)
  if (!data) throw malformed(field, 'a data URL in base64')
  return data
}

function readId(field: Field): Source {
  return { kind: 'id', id: readText(field) }
}

/** An `input_image`. */
export function readImage(part: Field): Part {
  allowOnly(part, ['type', 'image_url', 'file_id', 'detail', 'prompt_cache_breakpoint'])
  const source = optional(at(part, 'image_url'), readUrl) ?? optional(at(part, 'file_id'), readId)
  if (!source) throw malformed(at(part, 'image_url'), 'given, or file_id')
  return { kind: 'image', source, ...given({ detail: optional(at(part, 'detail'), readDetail) }), ...readMark(part) }
}

function readDetail(field: Field): 'low' | 'high' | 'auto' {
  if (field.value === 'original')
    throw untranslatable(field.path, 'only OpenAI takes pictures in their original detail')
  return readWord(field, ['low', 'high', 'auto'])
}

function readFileData(field: Field): Source {
  const data = parseDataUrl(readText(field))
  if (!data) throw untranslatable(field.path, 'without a data URL in base64 nobody else knows what kind of file it is')
  return data
}

/** An `input_file`. */
export function readFile(part: Field): Part {
  const known = ['type', 'file_data', 'file_id', 'file_url', 'filename', 'prompt_cache_breakpoint']
  // `auto` is what is done without it.
  allowOnly(part, at(part, 'detail').value === 'auto' ? [...known, 'detail'] : known)
  const data = optional(at(part, 'file_data'), readFileData)
  const source = data ?? optional(at(part, 'file_url'), readUrl) ?? optional(at(part, 'file_id'), readId)
  if (!source) throw malformed(at(part, 'file_data'), 'given, or file_url, or file_id')
  return { kind: 'file', source, ...given({ name: optional(at(part, 'filename'), readText) }), ...readMark(part) }
}

/** An `input_audio`. */
export function readAudio(part: Field): Part {
  allowOnly(part, ['type', 'input_audio'])
  const audio = at(part, 'input_audio')
  allowOnly(audio, ['data', 'format'])
  const mediaType = AUDIO_TYPES[readWord(at(audio, 'format'), ['mp3', 'wav'])]
  return { kind: 'audio', source: { kind: 'data', mediaType, base64: readText(at(audio, 'data')) } }
}

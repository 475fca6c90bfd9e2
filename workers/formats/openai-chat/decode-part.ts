import type { CacheMark, Part, Source } from '../chat.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { type Fields, invalid } from './fields.ts'
import { audioMediaType, parseDataUrl } from './media.ts'

const MARKS = ['cache_control', 'prompt_cache_breakpoint']

/**
 * The mark of OpenAI (kept for 30 minutes at least: of the two times there are, only the hour is as long), or Anthropic's,
 * which OpenRouter and LiteLLM take on this wire.
 */
export function decodeCacheMark(fields: Fields): CacheMark | undefined {
  if (fields.fields('prompt_cache_breakpoint')) return { ttl: '1h' }
  const control = fields.fields('cache_control')
  if (!control) return undefined
  control.onlyKnown(['type', 'ttl'])
  control.oneOf('type', ['ephemeral'])
  return { ttl: control.oneOf('ttl', ['5m', '1h']) ?? '5m' }
}

function sourceOf(url: string, path: string): Source {
  if (!url.startsWith('data:')) return { kind: 'url', url }
  const data = parseDataUrl(url)
  if (!data) throw invalid(path, 'a data URL must name a media type and be base64')
  return data
}

function decodeImage(fields: Fields): Part {
  const image = fields.needFields('image_url')
  image.onlyKnown(['url', 'detail'])
  const source = sourceOf(image.needText('url'), image.at('url'))
  const detail = image.oneOf('detail', ['low', 'high', 'auto'])
  return given({ kind: 'image' as const, source, detail, cache: decodeCacheMark(fields) })
}

function decodeAudio(fields: Fields): Part {
  const audio = fields.needFields('input_audio')
  audio.onlyKnown(['data', 'format'])
  const mediaType = audioMediaType(audio.needText('format'))
  const source: Source = { kind: 'data', mediaType, base64: audio.needText('data') }
  return given({ kind: 'audio' as const, source, cache: decodeCacheMark(fields) })
}

/** Bare base64 is a PDF: the one type that OpenAI takes without being told. */
function fileSource(file: Fields): Source {
  const id = file.text('file_id')
  if (id !== undefined) return { kind: 'id', id }
  const data = file.needText('file_data')
  if (/^(data|https?):/.test(data)) return sourceOf(data, file.at('file_data'))
  return { kind: 'data', mediaType: 'application/pdf', base64: data }
}

function decodeFile(fields: Fields): Part {
  const file = fields.needFields('file')
  file.onlyKnown(['file_id', 'file_data', 'filename'])
  const name = file.text('filename')
  return given({ kind: 'file' as const, source: fileSource(file), name, cache: decodeCacheMark(fields) })
}

function decodeText(fields: Fields): Part {
  const text = fields.text('text')
  if (text === undefined) throw invalid(fields.at('text'), 'must be a string')
  return given({ kind: 'text' as const, text, cache: decodeCacheMark(fields) })
}

function decodeRefusal(fields: Fields): Part {
  return { kind: 'refusal', text: fields.needText('refusal') }
}

const DECODERS: Record<string, [member: string, decode: (fields: Fields) => Part]> = {
  text: ['text', decodeText],
  image_url: ['image_url', decodeImage],
  input_audio: ['input_audio', decodeAudio],
  file: ['file', decodeFile],
  refusal: ['refusal', decodeRefusal],
}

function decodePart(fields: Fields): Part {
  const type = fields.needText('type')
  const decoder = Object.hasOwn(DECODERS, type) ? DECODERS[type] : undefined
  if (!decoder) throw untranslatable(fields.at('type'), `no other wire has parts of type ${type}`)
  const [member, decode] = decoder
  fields.onlyKnown(['type', member, ...MARKS])
  return decode(fields)
}

/** The parts of a message's `content`: a text, a list of parts, or nothing. An empty text is nothing. */
export function decodeContent(message: Fields): Part[] {
  const content = message.get('content')
  if (typeof content === 'string') return content === '' ? [] : [{ kind: 'text', text: content }]
  if (content !== undefined && !Array.isArray(content)) {
    throw invalid(message.at('content'), 'must be a string or a list of parts')
  }
  return message.each('content').map(decodePart)
}

/** Pictures that a model made, as OpenRouter answers them: `images`, a list of `image_url` parts. */
export function decodeImages(message: Fields): Part[] {
  return message.each('images').map(decodeImage)
}

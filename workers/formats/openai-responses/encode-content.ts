import type { Part, Source } from '../chat.ts'
import type { Json } from '../codec.ts'
import { given } from '../given.ts'
import { untranslatable } from '../untranslatable.ts'
import { audioFormat } from './audio-types.ts'
import { printDataUrl } from './data-url.ts'

type Of<K extends Part['kind']> = Extract<Part, { kind: K }>

function urlOf(source: Exclude<Source, { kind: 'id' }>): string {
  return source.kind === 'url' ? source.url : printDataUrl(source)
}

function inputImage({ source, detail = 'auto' }: Of<'image'>): Json {
  const image = source.kind === 'id' ? { file_id: source.id } : { image_url: urlOf(source) }
  return { type: 'input_image', detail, ...image }
}

function fileSource(source: Source): Json {
  if (source.kind === 'id') return { file_id: source.id }
  return source.kind === 'url' ? { file_url: source.url } : { file_data: printDataUrl(source) }
}

function inputFile({ source, name }: Of<'file'>): Json {
  return { type: 'input_file', ...given({ filename: name }), ...fileSource(source) }
}

function inputAudio({ source }: Of<'audio'>, path: string): Json {
  if (source.kind !== 'data') throw untranslatable(path, 'this wire takes sounds only inline')
  const format = audioFormat(source.mediaType)
  if (!format) throw untranslatable(path, 'this wire takes sounds only as mp3 or wav')
  return { type: 'input_audio', input_audio: { data: source.base64, format } }
}

/** A part of what a user, a tool or an instruction says. Cache marks are dropped: OpenAI's older models refuse them. */
export function inputPart(part: Part, path: string): Json {
  if (part.kind === 'text') return { type: 'input_text', text: part.text }
  if (part.kind === 'image') return inputImage(part)
  if (part.kind === 'file') return inputFile(part)
  if (part.kind === 'audio') return inputAudio(part, path)
  throw untranslatable(path, `this wire has no ${part.kind} there`)
}

/** A part of what an assistant said. */
export function outputPart(part: Part, path: string): Json {
  if (part.kind === 'text') return { type: 'output_text', text: part.text, annotations: [] }
  if (part.kind === 'refusal') return { type: 'refusal', refusal: part.text }
  throw untranslatable(path, `this wire has no ${part.kind} of an assistant`)
}

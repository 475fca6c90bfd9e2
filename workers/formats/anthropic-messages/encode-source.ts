import type { Source } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { base64ToText } from './base64-text.ts'

type Data = Extract<Source, { kind: 'data' }>

function elsewhere(source: Exclude<Source, Data>): Json {
  return source.kind === 'url' ? { type: 'url', url: source.url } : { type: 'file', file_id: source.id }
}

function base64(source: Data): Json {
  return { type: 'base64', media_type: source.mediaType, data: source.base64 }
}

/** An image's source. Which types of image a model takes, its vendor says. */
export function encodeImageSource(source: Source, param: string): Json {
  if (source.kind !== 'data') return elsewhere(source)
  if (!source.mediaType.startsWith('image/')) throw untranslatable(param, `${source.mediaType} is no image`)
  return base64(source)
}

function encodePlainText(source: Data, param: string): Json {
  const data = base64ToText(source.base64)
  if (data === undefined) throw untranslatable(param, 'a plain text must be base64 of UTF-8')
  return { type: 'text', media_type: 'text/plain', data }
}

/** A document's source: this wire has PDF and plain text inline. */
export function encodeDocumentSource(source: Source, param: string): Json {
  if (source.kind !== 'data') return elsewhere(source)
  if (source.mediaType === 'application/pdf') return base64(source)
  if (/^text\/plain\b/.test(source.mediaType)) return encodePlainText(source, param)
  throw untranslatable(param, `this wire has PDF and plain text files, and no ${source.mediaType}`)
}

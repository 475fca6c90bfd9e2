import type { Part, Source } from '../chat.ts'
import type { Json } from '../codec.ts'
import { untranslatable } from '../untranslatable.ts'
import { given } from './given.ts'
import { standardBase64 } from './signature.ts'

type MediaPart = Extract<Part, { kind: 'image' | 'audio' | 'file' }>

/** Files that Google keeps: no other vendor can read them. */
const KEPT = /^(?:gs:|https:\/\/generativelanguage\.googleapis\.com\/)/

const BY_ENDING: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  webp: 'image/webp',
  gif: 'image/gif',
  heic: 'image/heic',
  heif: 'image/heif',
  mp3: 'audio/mp3',
  wav: 'audio/wav',
  ogg: 'audio/ogg',
  flac: 'audio/flac',
  aac: 'audio/aac',
  mp4: 'video/mp4',
  webm: 'video/webm',
  pdf: 'application/pdf',
  txt: 'text/plain',
}

function typeByEnding(uri: string): string | undefined {
  const ending = /\.([a-z0-9]{2,4})(?:$|[?#])/i.exec(uri)?.[1]
  return ending && BY_ENDING[ending.toLowerCase()]
}

function mediaPart(source: Source, name: string | undefined): MediaPart {
  const [family] = (source.mediaType ?? '').split('/')
  if (family === 'image' || family === 'audio') return { kind: family, source }
  return { kind: 'file', source, ...given({ name }) }
}

/** Inline bytes as a part. `base64` in either alphabet. */
export function inlinePart(data: { mediaType: string; base64: string; name: string | undefined }): MediaPart {
  return mediaPart({ kind: 'data', mediaType: data.mediaType, base64: standardBase64(data.base64) }, data.name)
}

/** Bytes at an address, or kept by Google, as a part. An untold media type is taken from the address's ending. */
export function filePart(file: { uri: string; mediaType: string | undefined; name: string | undefined }): MediaPart {
  const type = given({ mediaType: file.mediaType ?? typeByEnding(file.uri) })
  const source: Source = KEPT.test(file.uri)
    ? { kind: 'id', id: file.uri, ...type }
    : { kind: 'url', url: file.uri, ...type }
  return mediaPart(source, file.name)
}

/** A picture, a sound or a file as Gemini takes it. `at` is its path in the request. Throws `untranslatable`. */
export function mediaJson({ source }: MediaPart, at: string): Json {
  if (source.kind === 'data') return { inlineData: { mimeType: source.mediaType, data: source.base64 } }
  const fileUri = source.kind === 'url' ? source.url : source.id
  if (source.kind === 'id' && !KEPT.test(fileUri)) throw untranslatable(at, 'another vendor keeps this file')
  return { fileData: given({ fileUri, mimeType: source.mediaType ?? typeByEnding(fileUri) }) }
}

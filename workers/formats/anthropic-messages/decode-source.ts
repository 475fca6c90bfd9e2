import type { Source } from '../chat.ts'
import { untranslatable } from '../untranslatable.ts'
import { textToBase64 } from './base64-text.ts'
import { readObject, readText, refuseOthers } from './read-fields.ts'

/** Where an image's or a document's bytes are. A plain text becomes a file of that type. */
export function decodeSource(value: unknown, param: string): Source {
  const source = readObject(value, param)
  const text = (key: string) => readText(source[key], `${param}.${key}`)
  refuseOthers(source, ['type', 'url', 'media_type', 'data', 'file_id', 'content'], param)
  switch (source.type) {
    case 'url':
      return { kind: 'url', url: text('url') }
    case 'base64':
      return { kind: 'data', mediaType: text('media_type'), base64: text('data') }
    case 'text':
      return { kind: 'data', mediaType: 'text/plain', base64: textToBase64(text('data')) }
    case 'file':
      return { kind: 'id', id: text('file_id') }
    default:
      throw untranslatable(`${param}.type`, `no other wire has a source of type ${JSON.stringify(source.type)}`)
  }
}

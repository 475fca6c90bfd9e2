import type { Part } from '../chat.ts'
import type { Fields } from './fields.ts'
import { filePart, inlinePart } from './media.ts'

function decodeInline(data: Fields): Part {
  data.refuseOthers(['mimeType', 'data', 'displayName'])
  return inlinePart({
    mediaType: data.need('mimeType'),
    base64: data.need('data'),
    name: data.text('displayName'),
  })
}

function decodeFile(file: Fields): Part {
  file.refuseOthers(['mimeType', 'fileUri', 'displayName'])
  return filePart({
    uri: file.need('fileUri'),
    mediaType: file.text('mimeType'),
    name: file.text('displayName'),
  })
}

/** The bytes of a part: those inline, and those that are elsewhere. */
export function decodeMedia(part: Fields): Part[] {
  const [inline, file] = [part.child('inlineData'), part.child('fileData')]
  return [...(inline ? [decodeInline(inline)] : []), ...(file ? [decodeFile(file)] : [])]
}

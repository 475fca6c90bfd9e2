import type { Source } from '../chat.ts'
import type { Json } from '../codec.ts'
import { textOf } from '../read-sent.ts'
import { untranslatable } from '../untranslatable.ts'

const OFFICE = 'application/vnd.openxmlformats-officedocument'

/** Bedrock's formats by media type. Source: ImageFormat, DocumentFormat and AudioFormat of the Bedrock Runtime API. */
const FORMATS = {
  image: {
    'image/png': 'png',
    'image/jpeg': 'jpeg',
    'image/jpg': 'jpeg',
    'image/gif': 'gif',
    'image/webp': 'webp',
  },
  document: {
    'application/pdf': 'pdf',
    'text/csv': 'csv',
    'text/html': 'html',
    'text/plain': 'txt',
    'text/markdown': 'md',
    'application/msword': 'doc',
    [`${OFFICE}.wordprocessingml.document`]: 'docx',
    'application/vnd.ms-excel': 'xls',
    [`${OFFICE}.spreadsheetml.sheet`]: 'xlsx',
  },
  audio: {
    'audio/mpeg': 'mp3',
    'audio/mp3': 'mp3',
    'audio/wav': 'wav',
    'audio/x-wav': 'wav',
    'audio/flac': 'flac',
    'audio/aac': 'aac',
    'audio/ogg': 'ogg',
    'audio/opus': 'opus',
    'audio/mp4': 'm4a',
    'audio/webm': 'webm',
    'audio/pcm': 'pcm',
  },
} satisfies Record<string, Record<string, string>>

/** What a block of bytes holds. */
export type Medium = keyof typeof FORMATS

function formatOf(medium: Medium, source: Source): string | undefined {
  const formats: Record<string, string> = FORMATS[medium]
  if (source.kind === 'data') {
    const type = source.mediaType.split(';')[0]?.trim().toLowerCase() ?? ''
    return Object.hasOwn(formats, type) ? formats[type] : undefined
  }
  const extension = source.kind === 'url' ? source.url.slice(source.url.lastIndexOf('.') + 1).toLowerCase() : ''
  const named = extension === 'jpg' ? 'jpeg' : extension
  return Object.values(formats).find(format => format === named)
}

function wireSource(source: Source, param: string): Json {
  if (source.kind === 'data') return { bytes: source.base64 }
  if (source.kind === 'url' && source.url.startsWith('s3://')) return { s3Location: { uri: source.url } }
  throw untranslatable(param, 'Bedrock takes files as bytes or from s3:// addresses')
}

/** `format` and `source` of a block. Throws `untranslatable` for other addresses and for formats that Bedrock lacks. */
export function mediaBlock(medium: Medium, source: Source, param: string): Json {
  const wire = wireSource(source, param)
  const format = formatOf(medium, source)
  if (format === undefined) throw untranslatable(param, `Bedrock has no such format of ${medium}`)
  return { format, source: wire }
}

/** The media type of a picture's format. */
export function mediaTypeOf(format: unknown): string {
  return `image/${textOf(format)}`
}

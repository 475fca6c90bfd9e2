import type { Source } from '../chat.ts'

/** What a data URL holds; `undefined` where it is none in base64 with a media type. */
export function parseDataUrl(url: string): Extract<Source, { kind: 'data' }> | undefined {
  const comma = url.indexOf(',')
  const [mediaType = '', ...rest] = url.slice('data:'.length, Math.max(comma, 0)).split(';')
  const isBase64 = url.startsWith('data:') && rest.at(-1) === 'base64' && mediaType.includes('/')
  return isBase64 ? { kind: 'data', mediaType, base64: url.slice(comma + 1) } : undefined
}

/** A source as a URL. `undefined` where it is an id. */
export function toUrl(source: Source): string | undefined {
  if (source.kind === 'url') return source.url
  return source.kind === 'data' ? `data:${source.mediaType};base64,${source.base64}` : undefined
}

const FORMAT_OF: Record<string, string> = { mpeg: 'mp3', wave: 'wav', 'vnd.wave': 'wav', mp4: 'm4a' }
const SUBTYPE_OF: Record<string, string> = { mp3: 'mpeg', m4a: 'mp4' }

/** `mp3` of `audio/mpeg`. Source: OpenAI API, `input_audio.format`; other vendors' formats are named likewise. */
export function audioFormat(mediaType: string): string {
  const subtype = mediaType.replace(/^audio\/(x-)?/, '')
  return FORMAT_OF[subtype] ?? subtype
}

/** `audio/mpeg` of `mp3`. */
export function audioMediaType(format: string): string {
  return `audio/${SUBTYPE_OF[format] ?? format}`
}

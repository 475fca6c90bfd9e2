import type { Source } from '../chat.ts'

/** The bytes in a `data:` URL (RFC 2397), where they are base64; `undefined` for any other text. */
export function parseDataUrl(url: string): Extract<Source, { kind: 'data' }> | undefined {
  const comma = url.indexOf(',')
  const header = url.slice(0, comma)
  if (comma < 0 || !header.startsWith('data:') || !header.endsWith(';base64')) return undefined
  return { kind: 'data', mediaType: header.slice('data:'.length, -';base64'.length), base64: url.slice(comma + 1) }
}

/** Bytes as a `data:` URL. */
export function printDataUrl({ mediaType, base64 }: { mediaType: string; base64: string }): string {
  return `data:${mediaType};base64,${base64}`
}

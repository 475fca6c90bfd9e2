const HEADER_BYTES = 12
const CHUNK_HEAD_BYTES = 8
/** Where the bytes per second are in a format chunk. Source: RFC 2361 and Microsoft's WAVEFORMATEX. */
const RATE_OFFSET = 8

function tag(view: DataView, at: number): string {
  return String.fromCharCode(...[0, 1, 2, 3].map(index => view.getUint8(at + index)))
}

/** Where the chunk of that name begins, behind its head. */
function findChunk(view: DataView, name: string): number | undefined {
  for (let at = HEADER_BYTES; at + CHUNK_HEAD_BYTES <= view.byteLength; ) {
    const size = view.getUint32(at + 4, true)
    if (tag(view, at) === name) return at + CHUNK_HEAD_BYTES
    at += CHUNK_HEAD_BYTES + size + (size % 2)
  }
  return undefined
}

/**
 * How long a WAV file lasts, by the bytes it has after its head (what its head says of its length may be a lie, or not known
 * when it was written); `undefined` for what is none.
 */
export function wavSeconds(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.byteLength < HEADER_BYTES || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') return undefined
  const [format, data] = [findChunk(view, 'fmt '), findChunk(view, 'data')]
  if (format === undefined || data === undefined || format + RATE_OFFSET + 4 > file.byteLength) return undefined
  const bytesPerSecond = view.getUint32(format + RATE_OFFSET, true)
  return bytesPerSecond > 0 ? (file.byteLength - data) / bytesPerSecond : undefined
}

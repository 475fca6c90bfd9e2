const HEADER_BYTES = 12
const CHUNK_HEAD_BYTES = 8
/** A format chunk has so many bytes at least. Source: Microsoft's WAVEFORMATEX, and RFC 2361. */
const FORMAT_BYTES = 16

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

// Decoders go by different fields of it, so that only one whose fields agree is believed: then it is no compressed sound either.
function bytesPerSecond(view: DataView, format: number): number | undefined {
  if (format + FORMAT_BYTES > view.byteLength) return undefined
  const [channels, align, bits] = [2, 12, 14].map(offset => view.getUint16(format + offset, true))
  const [sampleRate = 0, told] = [4, 8].map(offset => view.getUint32(format + offset, true))
  const agrees = align === ((channels ?? 0) * (bits ?? 0)) / 8 && told === sampleRate * align
  return agrees && told > 0 ? told : undefined
}

/**
 * How long a WAV file lasts, by the bytes it has after its head (what its head says of its length may be a lie, or not known
 * when it was written); `undefined` for what is none, or contradicts itself.
 */
export function wavSeconds(file: Uint8Array): number | undefined {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength)
  if (file.byteLength < HEADER_BYTES || tag(view, 0) !== 'RIFF' || tag(view, 8) !== 'WAVE') return undefined
  const [format, data] = [findChunk(view, 'fmt '), findChunk(view, 'data')]
  const rate = format === undefined ? undefined : bytesPerSecond(view, format)
  return rate === undefined || data === undefined ? undefined : (file.byteLength - data) / rate
}

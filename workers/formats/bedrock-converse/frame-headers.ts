const STRING = 7
const BYTES = 6

/** Bytes of a value whose length its type tells: true, false, byte, short, integer, long, then timestamp and UUID. */
const SIZES: Record<number, number> = { 0: 0, 1: 0, 2: 1, 3: 2, 4: 4, 5: 8, 8: 8, 9: 16 }

type Header = { name: string; text: string | undefined; end: number }

/** Where a value begins and ends; RangeError where its type is unknown or its length lies beyond the bytes. */
function valueSpan(view: DataView, at: number): { start: number; end: number; isText: boolean } {
  const type = view.getUint8(at)
  const size = SIZES[type]
  if (size !== undefined) return { start: at + 1, end: at + 1 + size, isText: false }
  if (type !== STRING && type !== BYTES) throw new RangeError(`header type ${type}`)
  const start = at + 3
  return { start, end: start + view.getUint16(at + 1), isText: type === STRING }
}

function readHeader(bytes: Uint8Array, at: number): Header {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const nameEnd = at + 1 + view.getUint8(at)
  const { start, end, isText } = valueSpan(view, nameEnd)
  if (end > bytes.length) throw new RangeError('header beyond its frame')
  const decode = (from: number, to: number) => new TextDecoder().decode(bytes.subarray(from, to))
  return { name: decode(at + 1, nameEnd), text: isText ? decode(start, end) : undefined, end }
}

/** The headers that are text, by name; all others are passed over. `undefined` where the bytes are no headers. */
export function readHeaders(bytes: Uint8Array): Map<string, string> | undefined {
  const headers = new Map<string, string>()
  try {
    for (let at = 0; at < bytes.length; ) {
      const { name, text, end } = readHeader(bytes, at)
      if (text !== undefined) headers.set(name, text)
      at = end
    }
  } catch {
    return undefined
  }
  return headers
}

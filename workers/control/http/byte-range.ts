/** A part of a file: so many bytes from there. */
export type ByteRange = { offset: number; length: number }

function between(first: number, last: number, size: number): ByteRange | 'unsatisfiable' {
  if (first >= size || last < first) return 'unsatisfiable'
  return { offset: first, length: Math.min(last, size - 1) - first + 1 }
}

/**
 * What a `Range` header asks for of a file of this size; `undefined`: all of it, also where the header says nothing that is one
 * range of bytes (RFC 9110, section 14.2).
 */
export function readByteRange(header: string | null, size: number): ByteRange | 'unsatisfiable' | undefined {
  const [, first, last] = /^bytes=(\d{1,15})?-(\d{1,15})?$/.exec(header ?? '') ?? []
  if (first !== undefined) {
    const end = last === undefined ? size - 1 : Number(last)
    if (last !== undefined && end < Number(first)) return undefined
    return between(Number(first), end, size)
  }
  if (last === undefined) return undefined
  return between(Math.max(0, size - Number(last)), Number(last) === 0 ? -1 : size - 1, size)
}

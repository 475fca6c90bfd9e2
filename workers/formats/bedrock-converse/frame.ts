import { crc32 } from './crc32.ts'
import { readHeaders } from './frame-headers.ts'

/** Bytes before the headers: the frame's length, the headers' length, the CRC-32 of both. */
export const PRELUDE_BYTES = 12
const CRC_BYTES = 4
/** As in AWS's own reader (aws-c-event-stream). */
const MAX_FRAME_BYTES = 24 * 1024 * 1024

/** One frame: its text headers by name, and its payload. */
export type Frame = { headers: Map<string, string>; payload: Uint8Array }

function uint32(bytes: Uint8Array, at: number): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at)
}

/** The length in bytes of the frame that begins with this prelude; `undefined` where the prelude is broken. */
export function frameBytes(prelude: Uint8Array): number | undefined {
  const [total, headers] = [uint32(prelude, 0), uint32(prelude, 4)]
  const isWhole = crc32(prelude.subarray(0, 8)) === uint32(prelude, 8)
  const fits = total <= MAX_FRAME_BYTES && total >= PRELUDE_BYTES + headers + CRC_BYTES
  return isWhole && fits ? total : undefined
}

/** Reads a frame of `frameBytes`. `undefined` where its checksum or its headers are broken. */
export function readFrame(bytes: Uint8Array): Frame | undefined {
  const end = bytes.length - CRC_BYTES
  if (crc32(bytes.subarray(0, end)) !== uint32(bytes, end)) return undefined
  const headersEnd = PRELUDE_BYTES + uint32(bytes, 4)
  const headers = readHeaders(bytes.subarray(PRELUDE_BYTES, headersEnd))
  return headers && { headers, payload: bytes.subarray(headersEnd, end) }
}

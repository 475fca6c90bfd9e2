import { crc32 } from '../../workers/formats/bedrock-converse/crc32.ts'

type HeaderValue = string | number | boolean | Uint8Array

const utf8 = new TextEncoder()

function uint(value: number, bytes: 1 | 2 | 4): number[] {
  return Array.from({ length: bytes }, (_, at) => (value >>> (8 * (bytes - 1 - at))) & 0xff)
}

function valueBytes(value: HeaderValue): number[] {
  if (typeof value === 'boolean') return [value ? 0 : 1]
  if (typeof value === 'number') return [4, ...uint(value, 4)]
  const bytes = typeof value === 'string' ? utf8.encode(value) : value
  return [typeof value === 'string' ? 7 : 6, ...uint(bytes.length, 2), ...bytes]
}

function headerBytes([name, value]: [string, HeaderValue]): number[] {
  return [...uint(utf8.encode(name).length, 1), ...utf8.encode(name), ...valueBytes(value)]
}

/** A frame of `application/vnd.amazon.eventstream`, with right checksums. */
export function makeFrame(headers: Record<string, HeaderValue>, payload: string | Uint8Array): Uint8Array {
  const head = Object.entries(headers).flatMap(headerBytes)
  const body = typeof payload === 'string' ? utf8.encode(payload) : payload
  const lengths = [...uint(16 + head.length + body.length, 4), ...uint(head.length, 4)]
  const unsigned = [...lengths, ...uint(crc32(Uint8Array.from(lengths)), 4), ...head, ...body]
  return Uint8Array.from([...unsigned, ...uint(crc32(Uint8Array.from(unsigned)), 4)])
}

/** A frame as Bedrock sends an event. */
export function eventFrame(type: string, payload: unknown): Uint8Array {
  const headers = { ':event-type': type, ':content-type': 'application/json', ':message-type': 'event' }
  return makeFrame(headers, JSON.stringify(payload))
}

/** A frame as Bedrock sends one of its errors within a stream. */
export function exceptionFrame(type: string, payload: unknown): Uint8Array {
  const headers = { ':exception-type': type, ':content-type': 'application/json', ':message-type': 'exception' }
  return makeFrame(headers, JSON.stringify(payload))
}

/** The frames in one piece. */
export function concat(pieces: Uint8Array[]): Uint8Array {
  return Uint8Array.from(pieces.flatMap(piece => [...piece]))
}

import { GatewayError } from '../errors/gateway-error.ts'

function tooLarge(maxBytes: number): GatewayError {
  return new GatewayError('body_too_large', `The body is over the limit of ${maxBytes} bytes. Send a smaller request.`)
}

/** All bytes of a stream, read no further than `maxBytes`. Throws `body_too_large`. */
export async function readUpTo(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  maxBytes: number,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge(maxBytes)
    chunks.push(chunk)
  }
  if (chunks.length === 1 && chunks[0]) return chunks[0]
  const whole = new Uint8Array(size)
  let at = 0
  for (const chunk of chunks) {
    whole.set(chunk, at)
    at += chunk.byteLength
  }
  return whole
}

/** The body's bytes, read no further than `maxBytes`. Throws `body_too_large`. */
export async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array<ArrayBuffer>> {
  const told = request.headers.get('content-length')
  if (Number(told ?? 0) > maxBytes) throw tooLarge(maxBytes)
  if (!request.body) return new Uint8Array()
  if (told === null) return readUpTo(request.body, maxBytes)
  // One that tells its length is no longer than that, and is read in one go.
  const bytes = new Uint8Array(await request.arrayBuffer())
  if (bytes.byteLength > maxBytes) throw tooLarge(maxBytes)
  return bytes
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: false })

/** The body's text, read no further than `maxBytes`. Throws `body_too_large`, and `body_not_utf8` for bytes that are no UTF-8. */
export async function readBody(request: Request, maxBytes: number): Promise<{ text: string; bytes: number }> {
  const bytes = await readBytes(request, maxBytes)
  try {
    return { text: utf8.decode(bytes), bytes: bytes.byteLength }
  } catch (cause) {
    throw new GatewayError('body_not_utf8', 'The body is not valid UTF-8. Encode the JSON as UTF-8.', { cause })
  }
}

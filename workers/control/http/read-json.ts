import type { z } from 'zod'
import { GatewayError } from '../../errors/gateway-error.ts'

/** Deep enough for every body we know; what is nested deeper is left as it came. */
const MAX_DEPTH = 8

async function readBytes(request: Request, maxBytes: number): Promise<Uint8Array> {
  const tooLarge = new GatewayError('body_too_large', `The body may have at most ${maxBytes} bytes.`)
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) throw tooLarge
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength
    if (size > maxBytes) throw tooLarge
    chunks.push(chunk)
  }
  return new Uint8Array(await new Blob(chunks).arrayBuffer())
}

// As in Go's decoder, which the clients of this API were written against, the case of a field's name does not matter.
function lowerNames(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map(item => lowerNames(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toLowerCase(), lowerNames(item, depth + 1)]),
  )
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true, ignoreBOM: false }).decode(bytes))
  } catch (cause) {
    throw new GatewayError('json_malformed', 'Invalid JSON', { cause })
  }
}

/** Which body is expected, how long it may be in bytes, and what to say of one with other types or fields than these. */
export type BodySpec<T> = { schema: z.ZodType<T>; maxBytes: number; explain(error: z.ZodError): string }

/** A request's JSON body by its schema. Throws `body_too_large`, `json_malformed` or `request_invalid`. */
export async function readJson<T>(request: Request, spec: BodySpec<T>): Promise<T> {
  const parsed = spec.schema.safeParse(lowerNames(parseJson(await readBytes(request, spec.maxBytes))))
  if (parsed.success) return parsed.data
  throw new GatewayError('request_invalid', spec.explain(parsed.error), { cause: parsed.error })
}

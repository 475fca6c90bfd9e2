import type { z } from 'zod'
import { readBody } from '../../contracts/read-body.ts'
import { GatewayError } from '../../errors/gateway-error.ts'

/** Deep enough for every body we know; what is nested deeper is left as it came. */
const MAX_DEPTH = 8

// As in Go's decoder, which the clients of this API were written against, the case of a field's name does not matter.
// `opaque`: names of the body whose values are nobody's but the client's.
function lowerBody(value: unknown, opaque: readonly string[]): unknown {
  const body = lowerNames(value)
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return body
  const kept = Object.entries(value).filter(([name]) => opaque.includes(name.toLowerCase()))
  return { ...(body as object), ...Object.fromEntries(kept.map(([name, item]) => [name.toLowerCase(), item])) }
}

function lowerNames(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null || depth === MAX_DEPTH) return value
  if (Array.isArray(value)) return value.map(item => lowerNames(item, depth + 1))
  return Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name.toLowerCase(), lowerNames(item, depth + 1)]),
  )
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    // Without a cause, which would be logged: a parser's error quotes the body, and there are secrets in bodies.
    throw new GatewayError('json_malformed', 'Invalid JSON')
  }
}

/**
 * Which body is expected, how long it may be in bytes, and what to say of one with other types or fields than these. `isExact`:
 * the case of a field's name matters, as where names are data, or have capital letters.
 */
export type BodySpec<T> = {
  schema: z.ZodType<T>
  maxBytes: number
  explain(error: z.ZodError): string
  isExact?: true
  /** Fields of the body that are taken as they come. */
  opaque?: readonly string[]
  /** No body at all is an empty object. */
  isOptional?: true
}

/** A request's JSON body by its schema. Throws `body_too_large`, `body_not_utf8`, `json_malformed` or `request_invalid`. */
export async function readJson<T>(request: Request, spec: BodySpec<T>): Promise<T> {
  const { text } = await readBody(request, spec.maxBytes)
  const body = spec.isOptional && text.trim() === '' ? {} : parseJson(text)
  const parsed = spec.schema.safeParse(spec.isExact ? body : lowerBody(body, spec.opaque ?? []))
  if (parsed.success) return parsed.data
  throw new GatewayError('request_invalid', spec.explain(parsed.error), { cause: parsed.error })
}
